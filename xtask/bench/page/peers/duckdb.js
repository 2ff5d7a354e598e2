// DuckDB-Wasm in its worker; files are given to it whole, which is the fastest way that it has.

import { AsyncDuckDB, VoidLogger } from '@duckdb/duckdb-wasm';
import { offer } from './page.js';
import { PROVIDERS } from './tally.js';

const provider = `case ${PROVIDERS.map((name) => `when contains(Host, '${name}') then '${name}'`).join(' ')} end`;

const database = new AsyncDuckDB(new VoidLogger(), new Worker('./duckdb-browser-eh.worker.js'));

async function opened() {
  await database.instantiate(new URL('./duckdb-eh.wasm', location.href).href);
}

offer({ ready: opened(), count });

async function count(files) {
  const names = [];
  for (const [index, file] of files.entries()) {
    names.push(`${index}.parquet`);
    await database.registerFileBuffer(names[index], new Uint8Array(await file.arrayBuffer()));
  }
  const connection = await database.connect();
  const list = names.map((name) => `'${name}'`).join(', ');
  const answer = await connection.query(
    `select ${provider} as provider, event_type, count(*)::double as count from read_parquet([${list}]) group by all`,
  );
  const rows = answer.toArray().map((row) => [row.provider, row.event_type, row.count]);
  await connection.close();
  await database.dropFiles();
  return rows;
}
