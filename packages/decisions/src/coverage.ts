/** Which albums of the library have a release. */

import type { LibraryRow } from '@wxyc/library';
import { albumGroups, librarySize, type Decision, type LibrarySize } from '@wxyc/matching';

/** Albums of the library by what was found of them: `found + inDoubt + missing = size.albums`. */
export interface LibraryCoverage {
  size: LibrarySize;
  /** Albums with a KEEP release. */
  found: number;
  /** Albums with REVIEW releases only. */
  inDoubt: number;
  missing: number;
  /** The first of the albums without any, in the library's order. */
  missingAlbums: { artist: string; title: string }[];
}

/** A longer list helps nobody: `--coverage FILE.csv` has all. */
const mostListed = 500;

/** Notes albums one by one; a byte for each row of the library. */
export class AlbumCoverage {
  private readonly groups: Int32Array;
  /** 0 nothing, 1 REVIEW, 2 KEEP, at the place of an album's first row. */
  private readonly best: Uint8Array;

  constructor(private readonly library: { rows: readonly LibraryRow[]; leftOut: number }) {
    this.groups = albumGroups(library.rows);
    this.best = new Uint8Array(library.rows.length);
  }

  add({ album, decision }: Decision): void {
    if (album === null || decision === 'PRUNE') return;
    const at = this.groups[album]!;
    this.best[at] = Math.max(this.best[at]!, decision === 'KEEP' ? 2 : 1);
  }

  result(): LibraryCoverage {
    const { rows, leftOut } = this.library;
    const counts = [0, 0, 0];
    const missingAlbums: LibraryCoverage['missingAlbums'] = [];
    for (const [at, first] of this.groups.entries()) {
      if (first !== at) continue;
      const best = this.best[at]!;
      counts[best]! += 1;
      if (best === 0 && missingAlbums.length < mostListed) missingAlbums.push({ artist: rows[at]!.artist, title: rows[at]!.title });
    }
    return { size: librarySize(rows, leftOut), found: counts[2]!, inDoubt: counts[1]!, missing: counts[0]!, missingAlbums };
  }
}
