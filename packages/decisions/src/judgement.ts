/** Everything that a decision depends on beside the release: read once, from the files that a call names. */

import { surveyLibrary } from '@wxyc/library';
import { matchFingerprint, readMappings, type ClassifierOptions } from '@wxyc/matching';

/** The options that every step which decides takes. */
export interface JudgementOptions {
  /** The library's SQLite file. */
  libraryDb: string;
  mappingsFile?: string | undefined;
  /** 0..1; default 0.75. */
  scoreCutoff?: number | undefined;
}

export interface Judgement extends ClassifierOptions {
  /** Equal for judgements that decide the same. */
  fingerprint: string;
  /** Library rows without an artist or a title. */
  skipped: number;
}

/**
 * Reads library and mappings.
 *
 * @throws BadInputError for files that will not do.
 */
export function readJudgement(options: JudgementOptions): Judgement {
  const { rows, skipped } = surveyLibrary(options.libraryDb);
  const classifier: ClassifierOptions = {
    library: rows,
    ...(options.mappingsFile === undefined ? {} : { mappings: readMappings(options.mappingsFile) }),
    ...(options.scoreCutoff === undefined ? {} : { scoreCutoff: options.scoreCutoff }),
  };
  return { ...classifier, fingerprint: matchFingerprint(classifier), skipped };
}
