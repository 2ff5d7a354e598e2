import { count, exact, shown } from './format.ts';
import type { Cell } from './answer.ts';

/** One answer of a report. */
export interface ReportPart {
  title: string;
  insight: string;
  /** The chart as the text of an SVG element that needs nothing from elsewhere; empty for none. */
  svg: string;
  columns: string[];
  rows: Cell[][];
  rowsTotal: number;
  nullWord: (column: number) => string;
  total: bigint | undefined;
  /** The same question for the command line. */
  command: string;
}

/** A file of a report. */
export interface ReportFile {
  path: string;
  size: string;
  rows: string;
  status: string;
  reason: string;
}

export interface Report {
  /** When it was made, in UTC and by the reader's own clock. */
  made: string;
  facts: [string, string][];
  parts: ReportPart[];
  files: ReportFile[];
  filesTotal: number;
  style: string;
}

/** Text as HTML: nothing in it can become markup, in an element or in an attribute. */
export function escaped(text: string): string {
  const names: Record<string, string> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": '#39',
  };
  return text.replace(/[&<>"']/g, (sign) => `&${names[sign] ?? ''};`);
}

/** A report in one file: it opens anywhere, runs no script and asks for nothing, which its own policy says too. */
export function reportHtml({ made, facts, parts, files, filesTotal, style }: Report): string {
  const list = facts.map(
    ([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Questlog report</title>
<style>
${style}
</style>
</head>
<body>
<header><h1>Questlog report</h1><p>Made ${escaped(made)}, in a browser, from files that never left it.</p></header>
<main>
<dl>${list.join('')}</dl>
${parts.map(section).join('\n')}
${fileList(files, filesTotal)}
</main>
</body>
</html>
`;
}

function section(part: ReportPart): string {
  const { title, insight, svg, command } = part;
  return `<section>
<h2>${escaped(title)}</h2>
<p>${escaped(insight)}</p>
${svg === '' ? '' : `<figure>${svg}</figure>`}
${table(part)}
<p class="command"><code>${escaped(command)}</code></p>
</section>`;
}

function table({ title, columns, rows, rowsTotal, nullWord, total }: ReportPart): string {
  const isNumber = columns.map((_, column) => {
    const cell = rows.find((row) => row[column] !== null)?.[column];
    return typeof cell === 'bigint' || typeof cell === 'number';
  });
  const attribute = (column: number): string => (isNumber[column] ? ' class="number"' : '');
  const head = columns.map(
    (name, column) => `<th scope="col"${attribute(column)}>${escaped(name)}</th>`,
  );
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => {
      if (cell === null) return `<td class="missing">${escaped(nullWord(column))}</td>`;
      // The number in full for whoever copies it, in the reader's way for whoever reads it.
      const title = typeof cell === 'bigint' ? ` title="${escaped(exact(cell))}"` : '';
      return `<td${attribute(column)}${title}>${escaped(shown(cell))}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const foot =
    total === undefined
      ? ''
      : `<tfoot><tr><th scope="row" colspan="${columns.length - 1}">All rows</th><td class="number">${count(total)}</td></tr></tfoot>`;
  const left = rowsTotal - rows.length;
  const more =
    left > 0
      ? `<p class="note">… and ${count(left)} more; the command below brings them all.</p>`
      : '';
  return `<table><caption>${escaped(title)}</caption><thead><tr>${head.join('')}</tr></thead><tbody>${lines.join('\n')}</tbody>${foot}</table>${more}`;
}

function fileList(files: ReportFile[], filesTotal: number): string {
  const lines = files.map(
    ({ path, size, rows, status, reason }) =>
      `<tr><td>${escaped(path)}${reason === '' ? '' : `<br><small>${escaped(reason)}</small>`}</td><td class="number">${escaped(size)}</td><td class="number">${escaped(rows)}</td><td>${escaped(status)}</td></tr>`,
  );
  const left = filesTotal - files.length;
  return `<section>
<h2>Files</h2>
<table><caption>Files</caption><thead><tr><th scope="col">File</th><th scope="col" class="number">Size</th><th scope="col" class="number">Rows</th><th scope="col">Status</th></tr></thead><tbody>${lines.join('\n')}</tbody></table>
${left > 0 ? `<p class="note">… and ${count(left)} more.</p>` : ''}
</section>`;
}
