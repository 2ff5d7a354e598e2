import type { Answer, Cell } from './answer.ts';

interface AnswerJson {
  columns: string[];
  rows: Cell[][];
  scanned: {
    files: number;
    row_groups: number;
    rows: number;
    bytes_read: number;
    bytes_total: number;
  };
}

/** Reads an answer as the server and the command line write it; whole numbers in rows become BigInt. */
export function answerFromJson(text: string): Answer {
  const { columns, rows, scanned } = JSON.parse(text) as AnswerJson;
  // `JSON.parse` rounds whole numbers beyond 2^53, so those are read once more, from their digits.
  const exact = rows.some((row) => row.some(isRounded)) ? exactRows(text) : rows;
  return {
    columns,
    rows: exact.map((row) => row.map(whole)),
    rowsTotal: rows.length,
    scanned: {
      files: scanned.files,
      rowGroups: scanned.row_groups,
      rows: scanned.rows,
      bytesRead: scanned.bytes_read,
      bytesTotal: scanned.bytes_total,
    },
  };
}

const BIG = '\u0001';

function exactRows(text: string): Cell[][] {
  // Strings are matched first, so that digits inside them stay as they are.
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.])-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"\\u0001${token}"`,
  );
  const { rows } = JSON.parse(marked) as AnswerJson;
  return rows.map((row) =>
    row.map((cell) =>
      typeof cell === 'string' && cell.startsWith(BIG) ? BigInt(cell.slice(1)) : cell,
    ),
  );
}

function isRounded(cell: Cell): boolean {
  return typeof cell === 'number' && Number.isInteger(cell) && !Number.isSafeInteger(cell);
}

function whole(cell: Cell): Cell {
  return typeof cell === 'number' && Number.isSafeInteger(cell) ? BigInt(cell) : cell;
}
