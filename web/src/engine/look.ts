import type { Cell } from '../data/answer.ts';
import type { Source } from './source.ts';

/** A file to look into. */
export interface LookedAt {
  /** Another one for every version of every file. */
  key: string;
  source: Source;
  path: string;
}

/** What can be looked at in a file, by name: what must be said, and what comes back. */
export interface Looks {
  /** Columns from `first` up to, not including, `end`, each with all its chunks together. */
  schema: { ask: LookedAt & { first: number; end: number }; back: SchemaLook };
  /** One row group, column by column. */
  chunks: { ask: LookedAt & { rowGroup: number; first: number; end: number }; back: ChunkLook[] };
  /** The first rows of these columns. */
  preview: { ask: LookedAt & { columns: string[]; rows_max: number }; back: PreviewLook };
}

export type LookName = keyof Looks;
export type Look = { [Name in LookName]: { name: Name } & Looks[Name]['ask'] }[LookName];

/** A file's footer, as `questlog inspect` tells of it. */
export interface SchemaLook {
  size_bytes: number;
  rows: number;
  rowGroups: number;
  writtenBy: string | undefined;
  /** What the writer added for itself, with its size in bytes. */
  notes: [key: string, bytes: number][];
  columnsTotal: number;
  columns: ColumnLook[];
}

/** A column; the names are those of `questlog inspect --format json`. */
export interface ColumnLook {
  name: string;
  type: string;
  stored: string;
  nullable: boolean;
  repeated: boolean;
  codecs: string[];
  encodings: string[];
  bytes_compressed: bigint;
  bytes_uncompressed: bigint;
  nulls?: bigint;
  min?: string;
  max?: string;
  dictionaries: bigint | number;
  column_indexes: bigint | number;
  bloom_filters: bigint | number;
  encrypted: boolean;
}

/** A column in one row group. */
export interface ChunkLook {
  column: string;
  codec: string;
  encodings: string[];
  values: bigint;
  nulls?: bigint;
  distinct?: bigint;
  min?: string;
  max?: string;
  bytes_compressed: bigint;
  bytes_uncompressed: bigint;
  start: bigint;
  end: bigint;
  dictionary: boolean;
  column_index: boolean;
  offset_index: boolean;
  bloom_filter: boolean;
  encrypted: boolean;
}

/** The first rows, a list of values for each column. */
export interface PreviewLook {
  columns: PreviewColumn[];
  rows: number;
  /** Values were so long that there are fewer rows than were asked for. */
  cut: boolean;
}

export interface PreviewColumn {
  name: string;
  values: Cell[];
  /** Why it can't be shown. */
  problem?: string;
}
