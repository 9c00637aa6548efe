/** Settles REVIEW artists with a person: shows each with what it might be, takes the answer, writes the mappings file. */

import { guardOutputs, jsonKind } from '@wxyc/csv';
import { publishedSchema } from '@wxyc/dataset';
import { DecisionSummary, decideForSession, readJudgement, type ReviewArtist } from '@wxyc/decisions';
import { createClassifier, decideAll, readMappings, writeMappings, type Candidate, type Classifier } from '@wxyc/matching';
import { databaseFailure, openClient } from '@wxyc/postgres';
import { stepContext, type StepContext } from '@wxyc/step';
import { closestArtists, type ArtistCandidate } from './candidates.js';
import { readDecisions } from './decisions-reader.js';
import type { VerifyOptions } from './options.js';

export interface ReviewOptions extends Omit<VerifyOptions, 'mappingsFile' | 'lock'> {
  /** Read and written; created if missing. */
  mappingsFile: string;
  /** Take the REVIEW releases from this decisions file instead of the database. */
  decisions?: string | undefined;
}

/** One question to the person. */
export interface ReviewQuestion {
  number: number;
  of: number;
  artist: ReviewArtist;
  /** Best first; answer `{ keepAs: candidate.artist }` to take one. */
  candidates: ArtistCandidate[];
}

/** Keep everything of the artist, keep it as a library artist, prune it, decide later, stop. */
export type ReviewAnswer = 'keep' | { keepAs: string } | 'prune' | 'skip' | 'quit';

export interface ReviewResult {
  /** Artists in doubt at the start. */
  artists: number;
  kept: number;
  pruned: number;
  skipped: number;
  /** Releases in doubt whose artists were settled. */
  settledReleases: number;
  /** REVIEW releases without a main credit, which no mapping can settle. */
  withoutArtist: number;
}

/**
 * Asks about each REVIEW artist, those with the most releases first, and writes the mappings file after every answer, so
 * that an interruption loses nothing. The next verify, dedup or pipeline that is given the file honours it.
 *
 * @param ask Puts one question to the person.
 */
export async function review(
  options: ReviewOptions,
  ask: (question: ReviewQuestion) => Promise<ReviewAnswer>,
  context?: Partial<StepContext>,
): Promise<ReviewResult> {
  await guardOutputs([{ flag: '--mappings-file', path: options.mappingsFile, kind: jsonKind('a mappings file', []) }], [options.libraryDb, options.decisions]);
  const mappings = readMappings(options.mappingsFile, { missing: 'empty' });
  const { libraryDb, scoreCutoff } = options;
  const judgement = { ...readJudgement({ libraryDb, scoreCutoff }), mappings };
  const classifier = createClassifier(judgement);
  const summary = options.decisions === undefined ? await fromDatabase(options, judgement, context) : await fromFile(options.decisions, classifier, context);
  const artists = summary.reviewArtists();
  const result: ReviewResult = { artists: artists.length, kept: 0, pruned: 0, skipped: 0, settledReleases: 0, withoutArtist: summary.withoutArtist };
  for (const [index, artist] of artists.entries()) {
    const answer = await ask({ number: index + 1, of: artists.length, artist, candidates: closestArtists(classifier, artist.artist, artist.title) });
    if (answer === 'quit') {
      result.skipped += artists.length - index;
      break;
    }
    if (answer === 'skip') {
      result.skipped += 1;
      continue;
    }
    if (answer === 'prune') {
      mappings.prune.add(artist.artist);
      result.pruned += 1;
    } else {
      mappings.keep.set(artist.artist, answer === 'keep' ? null : answer.keepAs);
      result.kept += 1;
    }
    result.settledReleases += artist.releases;
    writeMappings(options.mappingsFile, mappings);
  }
  return result;
}

type ReviewJudgement = ReturnType<typeof readJudgement>;

async function fromDatabase(options: ReviewOptions, judgement: ReviewJudgement, context?: Partial<StepContext>): Promise<DecisionSummary> {
  const { databaseUrl, schema = publishedSchema, jobs } = options;
  const { signal } = stepContext(context);
  const client = await openClient(databaseUrl, { applicationName: 'wxyc-verify', signal });
  try {
    return (await decideForSession(client, { databaseUrl, schema, judgement, jobs, applicationName: 'wxyc-verify' }, context)).summary;
  } catch (error) {
    throw databaseFailure(error, databaseUrl, 'Reading the releases', signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Only rows that were REVIEW are looked at, and decided again: library or mappings may have changed since. */
async function fromFile(file: string, classifier: Classifier, context?: Partial<StepContext>): Promise<DecisionSummary> {
  const { signal } = stepContext(context);
  const summary = new DecisionSummary();
  async function* candidates(): AsyncGenerator<Candidate[]> {
    for await (const row of readDecisions(file, signal)) {
      if (row.decision === 'REVIEW') yield [{ id: Number(row.release_id), title: row.title, artists: row.artist === '' ? [] : [row.artist] }];
    }
  }
  for await (const batch of decideAll(candidates(), { classifier, library: [] }, context)) {
    for (const decided of batch) summary.add(decided);
  }
  return summary;
}
