import type { Board } from '../board/board.ts';
import type { Entry } from '../board/entry.ts';
import type { Asked } from '../data/asked.ts';
import { bytes, count, duration, local, plural, spanOfTime } from '../data/format.ts';
import { reportHtml, type ReportPart } from '../data/report.ts';
import { commandLine } from '../data/words.ts';
import { el, fill, svg } from '../dom/element.ts';
import { svgTextOf } from '../dom/picture.ts';
import style from '../style/report.css?inline';
import type { AnswerCard } from './card.ts';
import { describe } from './chips.ts';
import { save } from './take.ts';

/** Rows of a table in a report; the command beside it brings all. */
const ROWS_MAX = 1_000;
const FILES_MAX = 5_000;
/** Width of a chart on a page of paper, in CSS pixels. */
const CHART_PX = 720;

/** Saves everything that is answered as one file of HTML. */
export function saveReport(
  board: Board,
  asked: Asked,
  entries: readonly Entry[],
  cards: AnswerCard[],
): void {
  const { totals } = board;
  const now = new Date();
  const html = reportHtml({
    made: `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC${localBeside(now)}`,
    facts: [
      ['Rows', count(totals.rows)],
      ['Files', count(totals.files)],
      ['Read', `${bytes(totals.bytesRead)} of ${bytes(totals.bytesTotal)}`],
      ['Time', duration(board.elapsed_ms)],
      ...(board.stopped ? ([['Counted', 'only in part']] as [string, string][]) : []),
      ...(board.span
        ? ([['From – to', `${spanOfTime(board.span.first, board.span.last)} UTC`]] as [
            string,
            string,
          ][])
        : []),
      ['Providers', `${asked.matching.providers.join(', ')}, by “${asked.matching.rule}”`],
      ...(asked.filters.length > 0
        ? ([['Only rows with', asked.filters.map(describe).join('; ')]] as [string, string][])
        : []),
    ],
    parts: cards.flatMap((card) => partOf(card) ?? []),
    files: entries.slice(0, FILES_MAX).map((entry) => ({
      path: entry.path,
      size: entry.size_bytes === undefined ? '' : bytes(entry.size_bytes),
      rows: entry.rows === undefined ? '' : count(entry.rows),
      status: entry.status.replace('-', ' '),
      reason: entry.reason ?? '',
    })),
    filesTotal: entries.length,
    style,
  });
  const stamp = now.toISOString().slice(0, 16).replace(':', '');
  save(new Blob([html], { type: 'text/html' }), `questlog-report-${stamp}.html`);
}

function localBeside(now: Date): string {
  const beside = local(now.toISOString());
  return beside === '' ? '' : ` (${beside})`;
}

function partOf(card: AnswerCard): ReportPart | undefined {
  const { shown, face } = card;
  if (!shown || shown.answer.rows.length === 0) return undefined;
  const { answer, question } = shown;
  const pictures = face.kinds.flatMap(([kind]) => face.picture(answer, kind) ?? []);
  return {
    title: face.title,
    insight: face.insight(answer),
    svg: pictures.map(({ summary, draw }) => drawn(summary, draw(CHART_PX))).join('\n'),
    columns: answer.columns,
    rows: answer.rows.slice(0, ROWS_MAX),
    rowsTotal: answer.rowsTotal,
    nullWord: (column) => face.nullWord(answer, column),
    total: face.total(answer),
    command: `${commandLine(question.words, '*.parquet')}  # ${plural(answer.rowsTotal, 'row')}`,
  };
}

/** A chart as it is on paper, whatever the page looks like now: drawn out of sight, because styles need a place to hold. */
function drawn(summary: string, drawing: ReturnType<NonNullable<PictureDraw>>): string {
  const chart = svg('svg', {
    class: 'chart',
    'aria-label': summary,
    width: drawing.width,
    height: drawing.height,
  });
  fill(chart, ...drawing.content);
  const paper = el('div', { class: 'paper', 'aria-hidden': 'true' }, chart);
  document.body.append(paper);
  try {
    return svgTextOf(chart);
  } finally {
    paper.remove();
  }
}

type PictureDraw = NonNullable<ReturnType<AnswerCard['face']['picture']>>['draw'];
