/** How one release was decided, credit by credit; also one that was pruned, if a decisions file has it. */

import { existingColumns, queryable } from '@wxyc/cache';
import { publishedSchema } from '@wxyc/dataset';
import { readJudgement } from '@wxyc/decisions';
import { createClassifier, type Decision } from '@wxyc/matching';
import { databaseFailure, openClient, qualifiedName } from '@wxyc/postgres';
import { BadInputError, stepContext, type StepContext } from '@wxyc/step';
import { mappingKey, normalizeArtist, normalizeTitle } from '@wxyc/text';
import { closestArtists, type ArtistCandidate } from './candidates.js';
import { findDecision, type StoredDecision } from './decisions-reader.js';
import type { VerifyOptions } from './options.js';

export interface ExplainOptions extends Omit<VerifyOptions, 'decisions' | 'jobs' | 'lock'> {
  releaseId: number;
  /** Decisions file to look in for a release that the database no longer holds. */
  decisions?: string | undefined;
}

export interface CreditExplanation {
  artist: string;
  normalForm: string;
  /** Under which a mapping is looked up. */
  mappingKey: string;
  /** What the release would be with this credit alone. */
  decision: Decision;
  /** The closest library artists, best first. */
  closest: ArtistCandidate[];
}

export interface Explanation {
  releaseId: number;
  title: string;
  normalTitle: string;
  /** `database`, or `decisions file`: then only the credit that decided is known. */
  source: 'database' | 'decisions file';
  decision: Decision;
  credits: CreditExplanation[];
  /** What the decisions file says, if the release is in it. */
  stored?: StoredDecision | undefined;
}

/**
 * Explains one release by the library and mappings given now.
 *
 * @throws BadInputError if neither the database nor the decisions file has the release.
 */
export async function explain(options: ExplainOptions, context?: Partial<StepContext>): Promise<Explanation> {
  const { signal } = stepContext(context);
  const { releaseId, decisions } = options;
  const classifier = createClassifier(readJudgement(options));
  const stored = decisions === undefined ? undefined : await findDecision(decisions, releaseId, signal);
  const release = await findRelease(options, signal).catch((error: unknown) => {
    // A decisions file alone will do: the cache may be gone, or not there yet.
    if (stored) return undefined;
    throw error;
  });
  const found = release ?? (stored ? { title: stored.title, artists: stored.artist === '' ? [] : [stored.artist] } : undefined);
  if (!found) {
    throw new BadInputError(
      decisions === undefined
        ? `Release ${releaseId} is not in the database; a pruned release can be explained with --decisions and the file that the run wrote`
        : `Release ${releaseId} is neither in the database nor in ${decisions}`,
    );
  }
  return {
    releaseId,
    title: found.title,
    normalTitle: normalizeTitle(found.title),
    source: release ? 'database' : 'decisions file',
    decision: classifier.decide(found.artists, found.title),
    credits: found.artists.map((artist) => ({
      artist,
      normalForm: normalizeArtist(artist),
      mappingKey: mappingKey(artist),
      decision: classifier.decide([artist], found.title),
      closest: closestArtists(classifier, artist, found.title),
    })),
    ...(stored ? { stored } : {}),
  };
}

async function findRelease(options: ExplainOptions, signal: AbortSignal): Promise<{ title: string; artists: string[] } | undefined> {
  const { databaseUrl, schema = publishedSchema, releaseId } = options;
  const client = await openClient(databaseUrl, { applicationName: 'wxyc-verify', signal });
  try {
    const present = await existingColumns(queryable(client), schema);
    if (!present.has('release') || !present.has('release_artist')) {
      throw new BadInputError(`The schema ${schema} has no tables release and release_artist: name the schema of a cache with --schema`);
    }
    const releases = await client.query<{ title: string }>(`SELECT title FROM ${qualifiedName(schema, 'release')} WHERE id = $1`, [releaseId]);
    if (!releases.rows[0]) return undefined;
    const artists = await client.query<{ name: string }>(
      `SELECT artist_name AS name FROM ${qualifiedName(schema, 'release_artist')} WHERE release_id = $1 AND extra = 0 ORDER BY artist_name COLLATE "C"`,
      [releaseId],
    );
    return { title: releases.rows[0].title, artists: artists.rows.map(({ name }) => name) };
  } catch (error) {
    throw databaseFailure(error, databaseUrl, 'Looking for the release', signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}
