/** Everything that a decision depends on beside the release. */

import {
  libraryColumns,
  libraryRows,
  type LibraryColumns,
  type LibraryRow,
} from './library-row.js';
import { LibraryIndex, type LibraryIndexData } from './library-index.js';
import type { Mappings } from './mappings.js';

/** Plain data: it can be sent to a thread, which then builds the same classifier. */
export interface MatchBasis {
  library: readonly LibraryRow[];
  mappings?: Mappings | undefined;
  /** 0..1: from which title score on a match is kept. Default 0.9. */
  scoreCutoff?: number | undefined;
  /** Other names of library artists, as the catalogue has them. */
  alternates?: readonly (readonly [artist: string, name: string])[] | undefined;
  /** Names that are on the artist list, those of the library among them or not. */
  artists?: readonly string[] | undefined;
  /** Releases that are owned whatever their titles say. */
  keepIds?: readonly number[] | undefined;
  /** Artist ids on Discogs to other names of that artist, of those that the library may meet. */
  aliases?: ReadonlyMap<number, readonly string[]> | undefined;
  /** The library's index, where it has been made already: that of {@link library} and {@link alternates}. */
  index?: LibraryIndexData | undefined;
}

/** A basis with the library as columns, which go to a thread in a fifth of the time, and its index, which threads share. */
export type PackedBasis = Omit<MatchBasis, 'library'> & { library: LibraryColumns };

/** As plain arrays, which threads can share. */
export function packBasis(basis: MatchBasis): PackedBasis {
  const index = basis.index ?? new LibraryIndex(basis.library, basis.alternates).data;
  return { ...basis, index, library: libraryColumns(basis.library) };
}

/** The basis again, in another thread. */
export function unpackBasis(packed: PackedBasis): MatchBasis {
  return { ...packed, library: libraryRows(packed.library) };
}
