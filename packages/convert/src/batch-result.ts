// What a batch results in: rows as bytes, counts, and the records that could not be read.
import type { AlbumNews } from '@wxyc/matching';
import type { Repairs } from './repair.js';

/** A line of `rejects.jsonl`. */
export interface Reject {
  /** The id as the record spells it; null if none can be made out. */
  id: string | null;
  /** Uncompressed offset of the record's first byte. */
  offset: number;
  reason: string;
  raw: string;
}

/** Every record that is read is written, filtered, pruned, skipped or rejected. */
export interface RecordCounts {
  read: number;
  written: number;
  /** Not by an artist of the library. */
  filtered: number;
  /** Let through by the artist filter, then pruned by the library's decision. */
  pruned: number;
  /** Without a name: labels only. */
  nameless: number;
  rejected: number;
  /** Decisions of the releases that passed the filter; counted with `matchedOnly`. */
  keep: number;
  review: number;
}

export interface BatchResult {
  /** The files' rows, one file after the other in the dataset's order, with {@link lengths} bytes for each. */
  output: Uint8Array<ArrayBuffer>;
  lengths: number[];
  rows: number[];
  counts: RecordCounts;
  repairs: Repairs;
  rejects: Reject[];
  /** CSV rows for the decisions file. */
  decisions: string;
  /** What became known about the library's albums, if that was asked for. */
  albums?: AlbumNews;
  /** Keys of mappings that this batch was the first to meet. */
  met: string[];
  /** Id of the last record that was not rejected. */
  lastId: string | null;
}

export const noCounts = (): RecordCounts => ({
  read: 0,
  written: 0,
  filtered: 0,
  pruned: 0,
  nameless: 0,
  rejected: 0,
  keep: 0,
  review: 0,
});

/** Adds the numbers of `more` to those of `sum`. */
export function addCounts<T extends object>(sum: T, more: T): void {
  const total = sum as Record<string, number>;
  for (const [name, value] of Object.entries(more))
    total[name] = (total[name] ?? 0) + (value as number);
}
