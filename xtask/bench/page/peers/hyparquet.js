// hyparquet with its compressors, in the page as its authors show it: row group after row group, small files side by side.

import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { offer } from './page.js';
import { Tally } from './tally.js';

/** Files read at the same time. */
const AT_ONCE = 16;

offer({ ready: Promise.resolve(), count });

async function count(files) {
  const tally = new Tally();
  const waiting = [...files].reverse();
  const lane = async () => {
    for (let file = waiting.pop(); file; file = waiting.pop()) await countFile(file, tally);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return tally.rows();
}

async function countFile(blob, tally) {
  const file = {
    byteLength: blob.size,
    slice: (start, end) => blob.slice(start, end).arrayBuffer(),
  };
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const pieces = { Host: [], event_type: [] };
    await parquetRead({
      file,
      metadata,
      compressors,
      columns: ['Host', 'event_type'],
      rowStart,
      rowEnd,
      onChunk: ({ columnName, columnData }) => pieces[columnName].push(columnData),
    });
    tally.addColumns(pieces.Host, pieces.event_type);
    rowStart = rowEnd;
  }
}
