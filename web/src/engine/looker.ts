import { Preview, Step, type Footer } from '../wasm/questlog.js';
import type {
  ChunkLook,
  ColumnLook,
  Look,
  LookedAt,
  Looks,
  LookName,
  PreviewLook,
} from './look.ts';
import { feed } from './feed.ts';
import { footerOf } from './footer.ts';
import { RangeReader } from './reader.ts';

/** Looks into one file at a time: its footer, its row groups, its first rows. */
export class Looker {
  /** The footer of the file that was looked into last. */
  #open: { key: string; footer: Footer } | undefined;

  /** Answers one look; fails with whatever is wrong with the file. */
  async look(look: Look): Promise<Looks[LookName]['back']> {
    const reader = new RangeReader(look.source);
    const footer = await this.#footer(look, reader);
    const { size } = look.source;
    switch (look.name) {
      case 'schema':
        return {
          size_bytes: size,
          rows: footer.rows(),
          rowGroups: footer.rowGroups(),
          writtenBy: footer.writtenBy(),
          notes: footer.notes() as [string, number][],
          columnsTotal: footer.columnsTotal(),
          columns: footer.describe(look.first, look.end) as ColumnLook[],
        };
      case 'chunks':
        return footer.describeChunks(look.rowGroup, look.first, look.end) as ChunkLook[];
      case 'preview': {
        const preview = new Preview(look.path, size, footer, look.columns, look.rows_max);
        while (preview.advance() === Step.Need) await feed(preview, reader);
        return preview.finish() as PreviewLook;
      }
    }
  }

  async #footer({ key, source, path }: LookedAt, reader: RangeReader): Promise<Footer> {
    if (this.#open?.key === key) return this.#open.footer;
    const footer = await footerOf(path, source.size, reader);
    // Another look may still use the last one, so that is left to the garbage collector.
    this.#open = { key, footer };
    return footer;
  }
}
