/** How one release was decided, whatever became of it: kept, pruned, dropped for another pressing, or never near. */

import { presentCompanions, queryable } from '@wxyc/cache';
import { fromConsumer, publishedSchema } from '@wxyc/dataset';
import { countReleases, releaseToDecide } from '@wxyc/decisions';
import {
  Classifier,
  defaultScoreCutoff,
  type Credit,
  type Decision,
  type Release,
} from '@wxyc/matching';
import { readMatchBasis } from '@wxyc/library';
import { qualifiedName, type Client, withClient } from '@wxyc/postgres';
import {
  BadInputError,
  checkOptions,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
} from '@wxyc/step';
import { mappingKey, normalizeArtist, normalizeTitle } from '@wxyc/text';
import { closestArtists, type ArtistCandidate } from './candidates.js';
import { findDecisions, type StoredDecision } from './decisions-reader.js';
import { explainKinds, type VerifyOptions } from './options.js';
import { readDetails, type ReleaseDetails } from './release-details.js';

export interface ExplainOptions extends Omit<
  VerifyOptions,
  'decisions' | 'coverage' | 'lock' | 'gentle'
> {
  /** The release that is asked about. */
  releaseId: number;
  /** Decisions file to look in for a release that the database does not hold. */
  decisions?: string | undefined;
}

export interface CreditExplanation {
  artist: string;
  /** As printed, if it differs. */
  variation: string | undefined;
  normalForm: string;
  /** The key under which a mapping is looked up. */
  mappingKey: string;
  /** What the release would be with only this credit. */
  decision: Decision;
  /** The closest library artists, best first. */
  closest: ArtistCandidate[];
}

/** If dedup dropped the release: which one stayed, and why. */
export interface DroppedFor {
  kept: ReleaseDetails;
  reason: string;
}

export interface Explanation {
  releaseId: number;
  /**
   * `in the database`; `dropped`: for another pressing of its master; `left out`: a rule scored it, and it is not in the database;
   * `never near`: no rule scored it.
   */
  status: 'in the database' | 'dropped' | 'left out' | 'never near';
  /** A consumer fetched it, and so no run removes it. */
  isFetched: boolean;
  title: string | null;
  normalTitle: string | null;
  /** By the library and mappings that are given now; for a release from the decisions file, by the spelling that decided. */
  decision: Decision | null;
  credits: CreditExplanation[];
  droppedFor?: DroppedFor | undefined;
  /** What the decisions file says, if the release is in it. */
  stored?: StoredDecision | undefined;
  /** Releases in the database that the decisions file has for the same album, if the release was left out though owned. */
  instead: ReleaseDetails[];
  scoreCutoff: number;
}

const optionKinds: OptionKinds<ExplainOptions> = {
  ...explainKinds,
  releaseId: required(option.count),
};

/**
 * Explains one release by the library and mappings given now.
 *
 * @throws BadInputError if the database does not hold the release and no decisions file is given that could have it.
 */
export async function explain(
  options: ExplainOptions,
  context?: Partial<StepContext>,
): Promise<Explanation> {
  checkOptions('explain', options, optionKinds);
  const { signal } = stepContext(context);
  const { releaseId, decisions } = options;
  const basis = await readMatchBasis(options);
  const classifier = new Classifier(basis);
  const stored =
    decisions === undefined
      ? undefined
      : (
          await findDecisions(decisions, ({ release_id: id }) => Number(id) === releaseId, signal)
        )[0];
  const scoreCutoff = basis.scoreCutoff ?? defaultScoreCutoff;
  const known = await lookUp(options, stored, signal).catch((error: unknown): Known => {
    // A decisions file is enough: the cache may be gone, or may not exist yet.
    if (stored) return { instead: [] };
    throw error;
  });
  const { release = stored && storedRelease(stored), droppedFor, instead } = known;
  if (!release && !droppedFor && decisions === undefined) {
    throw new BadInputError(
      `Release ${releaseId} is not in the database, nor was it dropped for another pressing; to see what became of it, give the run's decisions file as --decisions`,
    );
  }
  return {
    releaseId,
    status: known.release
      ? 'in the database'
      : droppedFor
        ? 'dropped'
        : stored
          ? 'left out'
          : 'never near',
    isFetched: known.isFetched ?? false,
    title: release?.title ?? null,
    normalTitle: release ? normalizeTitle(release.title) : null,
    decision: release ? classifier.decide(release) : null,
    credits: release
      ? release.credits.map((credit) => explainCredit(classifier, release, credit))
      : [],
    droppedFor,
    ...(stored ? { stored } : {}),
    instead,
    scoreCutoff,
  };
}

function explainCredit(
  classifier: Classifier,
  release: Release,
  credit: Credit,
): CreditExplanation {
  return {
    artist: credit.name,
    variation: credit.variation,
    normalForm: normalizeArtist(credit.name),
    mappingKey: mappingKey(credit.name),
    decision: classifier.decide({ ...release, credits: [credit] }),
    closest: closestArtists(classifier, credit.name, release.title),
  };
}

/** A release as far as a decisions file knows it: of the artists, it has only the spelling that decided. */
export function storedRelease({ release_id: id, title, spelling, rule }: StoredDecision): Release {
  const name = spelling === '' && rule.startsWith('2') ? 'Various' : spelling;
  return { id: Number(id), title, credits: name === '' ? [] : [{ name }] };
}

interface Known {
  release?: Release | undefined;
  isFetched?: boolean;
  droppedFor?: DroppedFor | undefined;
  instead: ReleaseDetails[];
}

/** How many of the releases that are there instead are named. */
const namedInstead = 5;

async function lookUp(
  options: ExplainOptions,
  stored: StoredDecision | undefined,
  signal: AbortSignal,
): Promise<Known> {
  const { databaseUrl, schema = publishedSchema, releaseId, decisions } = options;
  return withClient(
    databaseUrl,
    { applicationName: 'wxyc-verify', signal, doing: 'Looking for the release' },
    async (client) => {
      await countReleases(client, schema);
      const release = await releaseToDecide(client, schema, releaseId);
      if (release)
        return { release, isFetched: await isFetched(client, schema, releaseId), instead: [] };
      const droppedFor = await findPressing(client, schema, releaseId);
      if (droppedFor || !stored || stored.decision === 'PRUNE' || stored.library_row === '')
        return { droppedFor, instead: [] };
      const others = await findDecisions(
        decisions!,
        (row) => row.library_row === stored.library_row && row.decision === 'KEEP',
        signal,
      );
      const details = await readDetails(
        client,
        schema,
        others.map((row) => Number(row.release_id)),
      );
      return { instead: [...details.values()].sort((a, b) => a.id - b.id).slice(0, namedInstead) };
    },
  );
}

async function isFetched(client: Client, schema: string, releaseId: number): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM ${qualifiedName(schema, 'cache_metadata')} WHERE release_id = $1 AND ${fromConsumer('source')}`,
    [releaseId],
  );
  return rows.length > 0;
}

async function findPressing(
  client: Client,
  schema: string,
  releaseId: number,
): Promise<DroppedFor | undefined> {
  if (!(await presentCompanions(queryable(client), schema)).includes('release_pressing'))
    return undefined;
  const { rows } = await client.query<{ id: number; reason: string }>(
    `SELECT release_id AS id, reason FROM ${qualifiedName(schema, 'release_pressing')} WHERE dropped_id = $1 LIMIT 1`,
    [releaseId],
  );
  const kept = rows[0] && (await readDetails(client, schema, [rows[0].id])).get(rows[0].id);
  return kept && { kept, reason: rows[0]!.reason };
}
