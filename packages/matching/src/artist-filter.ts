/** The filter in front of everything: does a release have anything to do with the library's artists? */

import type { LibraryRow } from '@wxyc/library';
import { isCompilationArtist, normalizeArtist, normalizeTitle, sortCodePoints } from '@wxyc/text';
import { RecentMap } from './recent-map.js';
import { CompilationTitleSearch } from './title-search.js';

/** Plain data: it can be sent to a worker thread, which then builds the same filter. */
export interface ArtistFilterOptions {
  /** Names from an artist file. Without it the library's artists take its place. */
  artists?: readonly string[] | undefined;
  /** Compilations among these rows are kept by title. */
  library?: readonly LibraryRow[] | undefined;
}

export interface ArtistFilter {
  /** Normal forms that the filter lets through, and how many they are. */
  readonly forms: ReadonlySet<string>;
  readonly artistCount: number;
  /** Names in the artist file that are compilations; they are ignored. */
  readonly ignoredCompilations: number;
  /** Whether a credit's name, or its name variation, is on the list. An empty name never is. */
  matchesArtist(name: string): boolean;
  /** The same, for callers that remember names themselves. */
  lookUpArtist(name: string): boolean;
  /**
   * Whether a release with this main credit is a compilation that the library owns. Always false without a library.
   */
  keepsCompilation(artist: string, title: string): boolean;
}

const rememberedNames = 50_000;

/**
 * Builds the filter of `filter` and `convert`: a release passes if any credit, main or extra, `artist_name` or `anv`,
 * matches, or if it is a compilation that the library owns.
 *
 * @example
 * const filter = createArtistFilter({ artists: ['Simon & Garfunkel'] });
 * filter.matchesArtist('Simon And Garfunkel (2)'); // true
 */
export function createArtistFilter(options: ArtistFilterOptions): ArtistFilter {
  const names = new Set<string>();
  let ignoredCompilations = 0;
  for (const artist of options.artists ?? new Set(options.library?.map((row) => row.artist))) {
    if (isCompilationArtist(artist)) ignoredCompilations += 1;
    else names.add(normalizeArtist(artist));
  }
  names.delete('');
  const titles = new Set<string>();
  for (const { artist, title } of options.library ?? []) if (isCompilationArtist(artist)) titles.add(normalizeTitle(title));
  titles.delete('');
  const search = titles.size > 0 ? new CompilationTitleSearch(sortCodePoints([...titles])) : undefined;
  const seen = new RecentMap<string, boolean>(rememberedNames);
  return {
    forms: names,
    artistCount: names.size,
    ignoredCompilations: options.artists ? ignoredCompilations : 0,
    lookUpArtist: (name) => name !== '' && names.has(normalizeArtist(name)),
    matchesArtist(name) {
      if (name === '') return false;
      let matches = seen.get(name);
      if (matches === undefined) {
        matches = names.has(normalizeArtist(name));
        seen.set(name, matches);
      }
      return matches;
    },
    keepsCompilation(artist, title) {
      if (!search || !isCompilationArtist(artist)) return false;
      const form = normalizeTitle(title);
      return search.exact(form) >= 0 || search.find(form);
    },
  };
}
