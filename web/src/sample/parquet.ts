import { ThriftWriter } from './thrift.ts';

/** A required column of a small Parquet file: text, or microseconds of UTC. */
export type SampleColumn =
  | { name: string; type: 'text'; values: string[] }
  | { name: string; type: 'timestamp'; values: bigint[] };

const BYTE_ARRAY = 6;
const INT64 = 2;
const PLAIN = 0;
const RLE = 3;

/** A Parquet file with one row group, plain pages and no compression: enough for a sample, made in the page itself. */
export function parquetFile(columns: SampleColumn[], row_count: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [new TextEncoder().encode('PAR1')];
  let offset = 4;
  const chunks = columns.map((column) => {
    const values = column.type === 'text' ? plainTexts(column.values) : plainInts(column.values);
    const head = pageHeader(values.length, row_count);
    const start = offset;
    parts.push(head, values);
    offset += head.length + values.length;
    return { column, start, bytes: offset - start };
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
      .structs(1, all, ({ column, start, bytes }) => {
        footer.int(2, start, 64).struct(3, () => {
          footer
            .int(1, column.type === 'text' ? BYTE_ARRAY : INT64)
            .ints(2, [PLAIN, RLE])
            .texts(3, [column.name])
            .int(4, 0)
            .int(5, row_count, 64)
            .int(6, bytes, 64)
            .int(7, bytes, 64)
            .int(9, start, 64);
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

function pageHeader(bytes: number, row_count: number): Uint8Array<ArrayBuffer> {
  const head = new ThriftWriter().int(1, 0).int(2, bytes).int(3, bytes);
  head.struct(5, () => {
    head.int(1, row_count).int(2, PLAIN).int(3, RLE).int(4, RLE);
  });
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
