// parquet-wasm, its columns read with Arrow's JavaScript.

import { tableFromIPC } from 'apache-arrow';
import init, { readParquet } from 'parquet-wasm';
import { offer } from './page.js';
import { Tally } from './tally.js';

offer({ ready: init({ module_or_path: './parquet_wasm_bg.wasm' }), count });

async function count(files) {
  const tally = new Tally();
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const read = readParquet(bytes, { columns: ['Host', 'event_type'] });
    const table = tableFromIPC(read.intoIPCStream());
    for (const batch of table.batches) {
      const host = batch.getChild('Host');
      const event = batch.getChild('event_type');
      for (let row = 0; row < batch.numRows; row += 1) tally.add(host.get(row), event.get(row));
    }
  }
  return tally.rows();
}
