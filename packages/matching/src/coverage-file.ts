/** Coverage of the library: its albums found, in doubt and missing, as counts and as a file (`--coverage FILE.csv`). */

import { csvKind, encodeRow } from '@wxyc/csv';
import type { LibraryRow } from './library-row.js';
import { librarySize, type LibrarySize } from './albums.js';
import type { Missing, NearestReleases, NearRelease } from './nearest.js';

/** Header of a coverage file. */
export const coverageColumns = [
  'library_row',
  'artist',
  'title',
  'status',
  'release_ids',
  'nearest_release',
  'nearest_artist',
  'nearest_title',
  'score',
  'missing',
] as const;

export type AlbumStatus = 'found' | 'in doubt' | 'missing';

/** A library album without a release. */
export interface MissingAlbum {
  artist: string;
  title: string;
  /** Where the nearest release differs, or that nothing came near. */
  missing: Missing | 'not in the dump';
  nearest: Pick<NearRelease, 'releaseId' | 'artist' | 'title' | 'score'> | null;
}

/** A library album with REVIEW releases only, and the nearest of those. */
export type DoubtfulAlbum = Pick<MissingAlbum, 'artist' | 'title' | 'nearest'>;

/** `found + inDoubt + missing = size.albums`. */
export interface LibraryCoverage {
  size: LibrarySize;
  /** Albums with a KEEP release. */
  found: number;
  /** Albums with REVIEW releases only. */
  inDoubt: number;
  missing: number;
  /** The first of the albums without a release, in the library's order. */
  missingAlbums: MissingAlbum[];
  /** The first of those in doubt. */
  inDoubtAlbums: DoubtfulAlbum[];
}

/** A longer list helps nobody: the file has them all. */
const mostListed = 500;

export interface CoveredLibrary {
  rows: readonly LibraryRow[];
  /** Rows without an artist or a title, which were left out when the library was read. */
  leftOut: number;
}

/** The counts, and the first albums that are missing. */
export function measureCoverage(
  { rows, leftOut }: CoveredLibrary,
  nearest: NearestReleases,
): LibraryCoverage {
  const coverage: LibraryCoverage = {
    size: librarySize(rows, leftOut, nearest.groups),
    found: 0,
    inDoubt: 0,
    missing: 0,
    missingAlbums: [],
    inDoubtAlbums: [],
  };
  for (const { row, status, near } of albums(rows, nearest)) {
    const { artist, title } = row;
    const shown = near && {
      releaseId: near.releaseId,
      artist: near.artist,
      title: near.title,
      score: rounded(near.score),
    };
    if (status === 'found') coverage.found += 1;
    else if (status === 'in doubt') {
      coverage.inDoubt += 1;
      if (coverage.inDoubtAlbums.length < mostListed)
        coverage.inDoubtAlbums.push({ artist, title, nearest: shown });
    } else {
      coverage.missing += 1;
      if (coverage.missingAlbums.length < mostListed)
        coverage.missingAlbums.push({
          artist,
          title,
          missing: near?.missing ?? 'not in the dump',
          nearest: shown,
        });
    }
  }
  return coverage;
}

/** How a coverage file is recognised. */
export const coverageKind = csvKind('a coverage file', ['library_row', 'status']);

/** The rows of a coverage file, one per album, in the order of {@link coverageColumns}. Library rows count from 1. */
export function* coverageValues(
  { rows }: Pick<CoveredLibrary, 'rows'>,
  nearest: NearestReleases,
): Generator<(string | number | null)[]> {
  for (const { at, row, status, ids, near } of albums(rows, nearest)) {
    const shown = near
      ? [near.releaseId, near.artist, near.title, rounded(near.score), near.missing]
      : [null, null, null, null, status === 'missing' ? 'not in the dump' : null];
    yield [at + 1, row.artist, row.title, status, ids.join(' '), ...shown];
  }
}

/** A coverage file's text, in pieces. */
export function* coverageText(
  library: Pick<CoveredLibrary, 'rows'>,
  nearest: NearestReleases,
): Generator<string> {
  let rows = encodeRow(coverageColumns);
  for (const values of coverageValues(library, nearest)) {
    rows += encodeRow(values);
    if (rows.length < pieceLength) continue;
    yield rows;
    rows = '';
  }
  yield rows;
}

const pieceLength = 64 * 1024;

interface Album {
  /** The place of the album's first row. */
  at: number;
  row: LibraryRow;
  status: AlbumStatus;
  ids: readonly number[];
  near: NearRelease | null;
}

function* albums(rows: readonly LibraryRow[], nearest: NearestReleases): Generator<Album> {
  for (const [at, first] of nearest.groups.entries()) {
    if (first !== at) continue;
    const { keep, review, nearest: near } = nearest.of(at);
    const status = keep.length > 0 ? 'found' : review.length > 0 ? 'in doubt' : 'missing';
    yield { at, row: rows[at]!, status, ids: keep.length > 0 ? keep : review, near };
  }
}

function rounded(score: number): number {
  return Math.round(score * 10_000) / 10_000;
}
