import { hybrid } from './hybrid.ts';
import { ThriftWriter } from './thrift.ts';

/** A required column of a small Parquet file: text, or microseconds of UTC. */
export type SampleColumn =
  | { name: string; type: 'text'; values: string[] }
  | { name: string; type: 'timestamp'; values: bigint[] };

const BYTE_ARRAY = 6;
const INT64 = 2;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;

/** A Parquet file with one row group, each column with a dictionary, and no compression. */
export function parquetFile(columns: SampleColumn[], row_count: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [new TextEncoder().encode('PAR1')];
  let offset = 4;
  const chunks = columns.map((column) => {
    const start = offset;
    const put = (page: Uint8Array<ArrayBuffer>, head: Uint8Array<ArrayBuffer>): void => {
      parts.push(head, page);
      offset += head.length + page.length;
    };
    const { dictionary, size, codes } = coded(column);
    put(dictionary, pageHeader(DICTIONARY_PAGE, dictionary.length, size));
    const pages = offset;
    put(codes, pageHeader(DATA_PAGE, codes.length, row_count));
    return { column, start, pages, bytes: offset - start };
  });
  const footer = new ThriftWriter();
  footer
    .int(1, 1)
    .structs(2, [undefined, ...columns], (column) => {
      schemaElement(footer, column, columns.length);
    })
    .int(3, row_count, 64);
  footer.structs(4, [chunks], (all) => {
    footer
      .structs(1, all, ({ column, start, pages, bytes }) => {
        footer.int(2, start, 64).struct(3, () => {
          footer
            .int(1, column.type === 'text' ? BYTE_ARRAY : INT64)
            .ints(2, [PLAIN, RLE, RLE_DICTIONARY])
            .texts(3, [column.name])
            .int(4, 0)
            .int(5, row_count, 64)
            .int(6, bytes, 64)
            .int(7, bytes, 64)
            .int(9, pages, 64)
            .int(11, start, 64);
          if (column.type === 'timestamp') {
            // The bounds of whole numbers in their old form, which needs no word on how they are ordered.
            footer.struct(12, () => {
              footer.bytes(1, plainInts([extreme(column.values, 1)]));
              footer.bytes(2, plainInts([extreme(column.values, -1)]));
            });
          }
        });
      })
      .int(2, offset, 64)
      .int(3, row_count, 64);
  });
  footer.text(6, 'Questlog sample');
  const tail = footer.done();
  const end = new Uint8Array(8);
  new DataView(end.buffer).setUint32(0, tail.length, true);
  end.set(new TextEncoder().encode('PAR1'), 4);
  return joined([...parts, tail, end]);
}

function schemaElement(
  footer: ThriftWriter,
  column: SampleColumn | undefined,
  children: number,
): void {
  if (!column) {
    footer.text(4, 'schema').int(5, children);
    return;
  }
  const text = column.type === 'text';
  footer
    .int(1, text ? BYTE_ARRAY : INT64)
    .int(3, 0)
    .text(4, column.name)
    // The old form of the type, which every reader knows: UTF8, or TIMESTAMP_MICROS.
    .int(6, text ? 0 : 10);
}

/** A column's different values, and each row's place among them. */
function coded(column: SampleColumn): {
  dictionary: Uint8Array<ArrayBuffer>;
  size: number;
  codes: Uint8Array<ArrayBuffer>;
} {
  const kinds = [...new Set<string | bigint>(column.values)];
  const places = new Map(kinds.map((kind, place) => [kind, place]));
  const bits = Math.ceil(Math.log2(Math.max(kinds.length, 2)));
  const codes = column.values.map((value: string | bigint) => places.get(value) ?? 0);
  const dictionary =
    column.type === 'text' ? plainTexts(kinds as string[]) : plainInts(kinds as bigint[]);
  return {
    dictionary,
    size: kinds.length,
    codes: joined([new Uint8Array([bits]), hybrid(codes, bits)]),
  };
}

function pageHeader(type: number, bytes: number, values: number): Uint8Array<ArrayBuffer> {
  const head = new ThriftWriter().int(1, type).int(2, bytes).int(3, bytes);
  if (type === DICTIONARY_PAGE) {
    head.struct(7, () => {
      head.int(1, values).int(2, PLAIN);
    });
  } else {
    head.struct(5, () => {
      head.int(1, values).int(2, RLE_DICTIONARY).int(3, RLE).int(4, RLE);
    });
  }
  return head.done();
}

function plainTexts(values: string[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts = values.flatMap((value) => {
    const bytes = encoder.encode(value);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    return [length, bytes];
  });
  return joined(parts);
}

function plainInts(values: bigint[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setBigInt64(index * 8, value, true);
  });
  return bytes;
}

/** The greatest value (`sign` 1) or the smallest (-1). */
function extreme(values: bigint[], sign: 1 | -1): bigint {
  const greater = (a: bigint, b: bigint): boolean => (sign === 1 ? a > b : a < b);
  return values.reduce((found, value) => (greater(value, found) ? value : found), values[0] ?? 0n);
}

function joined(parts: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
