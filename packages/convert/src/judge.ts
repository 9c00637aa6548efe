// What the library has to say about a release: does the artist filter let it pass, and is it kept?
import { libraryRows, type LibraryColumns } from '@wxyc/library';
import { createArtistFilter, createClassifier, type ArtistFilter, type Classifier, type Mappings } from '@wxyc/matching';
import type { ReleaseCredits } from './release-rows.js';

/** Plain data, so that every worker can build its own judge. */
export interface JudgeOptions {
  /** Names to keep; without them the library's artists. */
  artists?: string[];
  /** The library's artists and titles: its compilations are kept by title. */
  library?: LibraryColumns;
  /** Also drop what the library's decision prunes. Needs {@link library}. */
  matchedOnly: boolean;
  mappings?: Mappings;
  scoreCutoff?: number;
}

export class Judge {
  readonly filter: ArtistFilter;
  /** Only with `matchedOnly`. */
  readonly classifier: Classifier | undefined;

  constructor(options: JudgeOptions) {
    const library = options.library && libraryRows(options.library);
    this.filter = createArtistFilter({ ...options, library });
    this.classifier = options.matchedOnly ? createClassifier({ ...options, library: library ?? [] }) : undefined;
  }

  /** Whether the artist filter lets the release pass. */
  passes({ names, mainArtists, title }: ReleaseCredits): boolean {
    return names.some((name) => this.filter.matchesArtist(name)) || mainArtists.some((artist) => this.filter.keepsCompilation(artist, title));
  }
}
