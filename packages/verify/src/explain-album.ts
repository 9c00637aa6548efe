/** What became of one album of the library: which releases are it, which may be, or what came nearest. */

import { presentCompanions, queryable } from '@wxyc/cache';
import { publishedSchema } from '@wxyc/dataset';
import { countReleases, streamReleases } from '@wxyc/decisions';
import {
  albumGroups,
  Classifier,
  defaultScoreCutoff,
  NearestReleases,
  type AlbumStatus,
  type Decision,
  type MatchBasis,
  type NearRelease,
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
  throwIfInterrupted,
} from '@wxyc/step';
import { explainKinds } from './options.js';
import { closestArtists } from './candidates.js';
import { findDecisions, type StoredDecision } from './decisions-reader.js';
import type { ExplainOptions } from './explain.js';
import { readDetails, type ReleaseDetails } from './release-details.js';

export interface ExplainAlbumOptions extends Omit<ExplainOptions, 'releaseId'> {
  /** As the library, or Discogs, spells it. */
  artist: string;
  /** As the library, or Discogs, spells it. */
  title: string;
}

export interface AlbumRelease {
  details: ReleaseDetails;
  decision: Decision;
}

export interface AlbumExplanation {
  /** The library's rows that are the album, the first of them as it is spelled in reports. */
  rows: MatchBasis['library'][number][];
  status: AlbumStatus;
  /** Releases in the database that are the album, or may be; by id. */
  releases: AlbumRelease[];
  /** Further pressings that dedup dropped for one of these. */
  droppedPressings: number;
  /** The nearest release in the database; null if the album is found, or nothing came near. */
  nearest: NearRelease | null;
  /** Rows of the decisions file about the album whose releases are not in the database, best first; for an album that is found, without those that were pruned. */
  leftOut: StoredDecision[];
  scoreCutoff: number;
}

/** How many rows of a decisions file are shown. */
const mostLeftOut = 10;

const optionKinds: OptionKinds<ExplainAlbumOptions> = {
  ...explainKinds,
  artist: required(option.text),
  title: required(option.text),
};

/**
 * Explains one album by the library and mappings that are given now: decides every release of the schema.
 *
 * @param options `artist` and `title` as the library has them, up to case, accents and the like.
 * @throws BadInputError if the library has no such album; it names what comes closest.
 */
export async function explainAlbum(
  options: ExplainAlbumOptions,
  context?: Partial<StepContext>,
): Promise<AlbumExplanation> {
  checkOptions('explainAlbum', options, optionKinds);
  const { signal, progress } = stepContext(context);
  const basis = await readMatchBasis(options);
  const classifier = new Classifier(basis);
  const album = findAlbum(classifier, basis.library, options);
  const { databaseUrl, schema = publishedSchema } = options;
  return withClient(
    databaseUrl,
    { applicationName: 'wxyc-verify', signal, doing: 'Looking for the album' },
    async (client) => {
      const { decided, nearest } = await decideAll(
        client,
        schema,
        classifier,
        album.groups,
        album.first,
        { signal, progress },
      );
      const details = await readDetails(client, schema, [...decided.keys()]);
      const releases = [...decided]
        .map(([id, decision]) => ({ details: details.get(id)!, decision }))
        .filter((release) => release.details !== undefined);
      const spelled = new Set(album.rows.map(({ artist, title }) => `${artist}\0${title}`));
      const stored =
        options.decisions === undefined
          ? []
          : await findDecisions(
              options.decisions,
              (row) =>
                spelled.has(`${row.library_artist}\0${row.library_title}`) &&
                !decided.has(Number(row.release_id)),
              signal,
            );
      const status = releases.some(({ decision }) => decision.decision === 'KEEP')
        ? 'found'
        : releases.length > 0
          ? 'in doubt'
          : 'missing';
      const present = await readDetails(
        client,
        schema,
        stored.map((row) => Number(row.release_id)),
      );
      return {
        rows: album.rows,
        status,
        releases: releases.sort((a, b) => a.details.id - b.details.id),
        droppedPressings: await countDropped(client, schema, [...decided.keys()]),
        nearest,
        leftOut: stored
          .filter(
            (row) =>
              !present.has(Number(row.release_id)) &&
              (status !== 'found' || row.decision !== 'PRUNE'),
          )
          .sort((a, b) => Number(b.score) - Number(a.score))
          .slice(0, mostLeftOut),
        scoreCutoff: basis.scoreCutoff ?? defaultScoreCutoff,
      };
    },
  );
}

interface FoundAlbum {
  rows: MatchBasis['library'][number][];
  groups: Int32Array;
  /** Place of its first row. */
  first: number;
}

function findAlbum(
  classifier: Classifier,
  library: MatchBasis['library'],
  { artist, title }: { artist: string; title: string },
): FoundAlbum {
  // The wanted album as an extra row, which falls into the group of the album that is meant.
  const groups = albumGroups([...library, { artist, title }]);
  const first = groups.at(-1)!;
  if (first < library.length)
    return {
      rows: library.filter((_, at) => groups[at] === first),
      groups: groups.slice(0, -1),
      first,
    };
  const closest = closestArtists(classifier, artist, title).map(
    (candidate) => `${candidate.artist} – ${candidate.title}`,
  );
  throw new BadInputError(
    `The library has no album "${title}" by "${artist}"; the closest are ${closest.join('; ') || 'none'}`,
  );
}

async function decideAll(
  client: Client,
  schema: string,
  classifier: Classifier,
  groups: Int32Array,
  first: number,
  { signal, progress }: Pick<StepContext, 'signal' | 'progress'>,
): Promise<{ decided: Map<number, Decision>; nearest: NearRelease | null }> {
  const decided = new Map<number, Decision>();
  const near = new NearestReleases(classifier.basis.library);
  near.observe(classifier);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const total = await countReleases(client, schema);
  const task = progress.start('explain', { unit: 'releases', total });
  try {
    let done = 0;
    for await (const batch of streamReleases(client, schema)) {
      throwIfInterrupted(signal);
      for (const release of batch) {
        const decision = classifier.decide(release);
        if (
          decision.decision !== 'PRUNE' &&
          decision.album !== null &&
          groups[decision.album] === first
        )
          decided.set(release.id, decision);
      }
      task.update((done += batch.length));
    }
  } finally {
    task.end();
  }
  await client.query('ROLLBACK');
  return { decided, nearest: near.of(first).nearest };
}

async function countDropped(
  client: Client,
  schema: string,
  ids: readonly number[],
): Promise<number> {
  if (
    ids.length === 0 ||
    !(await presentCompanions(queryable(client), schema)).includes('release_pressing')
  )
    return 0;
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM ${qualifiedName(schema, 'release_pressing')} WHERE release_id = ANY ($1)`,
    [ids],
  );
  return Number(rows[0]?.count ?? 0);
}
