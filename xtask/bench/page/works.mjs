// What is counted, by whom else, and what is to be reached.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export function worksOf(data, million) {
  const days = join(data, 'days');
  const small = readdirSync(days, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return [
    {
      name: '10 M rows, dictionary hosts',
      files: [join(data, 'few-hosts-snappy.parquet')],
      peers: ['hyparquet', 'DuckDB-Wasm', 'parquet-wasm'],
      part: 1 / 6,
      againPart: 1 / 10,
    },
    {
      name: '10 M rows, plain hosts',
      files: [join(data, 'many-hosts-snappy.parquet')],
      peers: ['DuckDB-Wasm', 'hyparquet'],
      part: 1 / 5,
    },
    { name: '500 small files', files: small, peers: ['hyparquet', 'DuckDB-Wasm'], part: 1 / 5 },
    {
      name: '1 M rows, page just loaded',
      files: [million],
      peers: ['hyparquet', 'DuckDB-Wasm', 'parquet-wasm'],
      part: 1 / 2,
    },
  ];
}
