import { expect, it } from 'vitest';
import { answerFromJson } from './json.ts';

const scanned = '{"files":2,"row_groups":2,"rows":236,"bytes_read":4096,"bytes_total":12345}';

it('reads whole numbers as they are written, however large', () => {
  const text = `{"columns":["item","sum(price)"],"rows":[["9007199254740993",9007199254740993],["a \\"18446744073709551615",-9223372036854775808],[null,3]],"scanned":${scanned},"skipped":[],"elapsed_ms":1.9}`;
  expect(answerFromJson(text).rows).toEqual([
    ['9007199254740993', 9007199254740993n],
    ['a "18446744073709551615', -9223372036854775808n],
    [null, 3n],
  ]);
});

it('leaves floats and their words alone', () => {
  const text = `{"columns":["x"],"rows":[[0.12345678901234567],[1e300],["NaN"],[18446744073709551615]],"scanned":${scanned}}`;
  expect(answerFromJson(text).rows).toEqual([
    [0.12345678901234567],
    [1e300],
    ['NaN'],
    [18446744073709551615n],
  ]);
});

it('knows what was looked at', () => {
  const { scanned: seen } = answerFromJson(`{"columns":[],"rows":[],"scanned":${scanned}}`);
  expect(seen).toEqual({ files: 2, rowGroups: 2, rows: 236, bytesRead: 4096, bytesTotal: 12345 });
});
