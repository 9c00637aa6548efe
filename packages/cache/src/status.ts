/** Which caches a database holds: the published one, the previous one, a build; and who is at work. */
import { companions, buildSchema, previousSchema, publishedSchema } from '@wxyc/dataset';
import {
  qualifiedName,
  runLockHolder,
  type Client,
  type LockHolder,
  withClient,
} from '@wxyc/postgres';
import { stepContext, type StepContext } from '@wxyc/step';
import { existingColumns } from './existing.js';
import { queryable } from './queryable.js';
import { parseBuildMark } from './mark.js';
import { readOrigin, type PublishedOrigin } from './origin.js';
import { readPreviousMark } from './publish/previous.js';
import { profileTables } from './profile.js';
import { readPublishedRunId } from './publish/run-comment.js';
import { findForeignTables } from './recognise.js';
import { stepMarkTable } from './scratch.js';
import { stepNamesOf } from './step-marks.js';

/** One of the caches. What was not recorded is null. */
export interface CacheFacts extends Omit<PublishedOrigin, 'profile'> {
  profile: string | null;
  releases: number;
  /** With indexes. */
  bytes: number;
}

export interface CacheStatus {
  published: CacheFacts | null;
  /** The cache in `discogs_previous`, and since when it has been replaced. */
  previous: (CacheFacts & { replacedAt: string | null }) | null;
  /** The build in `discogs_next`: under way, or left by a run that failed. */
  build: (CacheFacts & { startedAt: string | null; steps: string[] }) | null;
  /** Who holds the run lock. */
  lock: LockHolder | null;
}

/** Reads all of it over one connection. Changes nothing and takes no lock that anybody would notice. */
export async function cacheStatus(
  options: { databaseUrl: string },
  context?: Partial<StepContext>,
): Promise<CacheStatus> {
  const { signal } = stepContext(context);
  return withClient(
    options.databaseUrl,
    { applicationName: 'wxyc-status', signal, doing: 'Reading what the database holds' },
    async (client) => {
      await client.query("SET search_path = pg_catalog; SET TimeZone = 'UTC'");
      const previous = await factsOf(client, previousSchema);
      const build = await factsOf(client, buildSchema);
      return {
        published: await factsOf(client, publishedSchema),
        previous: previous && {
          ...previous,
          replacedAt: isoOf((await readPreviousMark(client))?.replacedAt),
        },
        build: build && { ...build, ...(await progressOf(client)) },
        lock: (await runLockHolder(client)) ?? null,
      };
    },
  );
}

async function factsOf(client: Client, schema: string): Promise<CacheFacts | null> {
  const present = await existingColumns(queryable(client), schema);
  // A table of that name may belong to another application.
  if (
    !present.has('release') ||
    (schema !== buildSchema && (await findForeignTables(queryable(client), schema)).length > 0)
  )
    return null;
  const names = [...(await profileTables(queryable(client), schema)), ...companions].map(
    ({ name }) => name,
  );
  const counted = await client.query<{ releases: number; bytes: string }>(
    `SELECT (SELECT count(*)::int FROM ${qualifiedName(schema, 'release')}) AS releases,
            (SELECT sum(pg_total_relation_size(oid))::text FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind = 'r' AND relname = ANY ($2)) AS bytes`,
    [schema, names],
  );
  const unknown = {
    month: null,
    dump: null,
    checksum: null,
    library: null,
    libraryAlbums: null,
    profile: null,
    runId: null,
    publishedAt: null,
  };
  const origin = (await readOrigin(queryable(client), schema)) ?? unknown;
  const runId = origin.runId ?? (await readPublishedRunId(client, schema));
  return {
    ...origin,
    runId,
    releases: counted.rows[0]!.releases,
    bytes: Number(counted.rows[0]!.bytes),
  };
}

/** What the build says about itself: when and by which run it was begun, and which steps are done. */
async function progressOf(
  client: Client,
): Promise<{ runId: string | null; startedAt: string | null; steps: string[] }> {
  const found = await client.query<{ comment: string | null; marks: boolean }>(
    `SELECT obj_description(to_regnamespace($1), 'pg_namespace') AS comment, to_regclass($2) IS NOT NULL AS marks`,
    [buildSchema, qualifiedName(buildSchema, stepMarkTable)],
  );
  const mark = parseBuildMark(found.rows[0]?.comment);
  const steps = found.rows[0]?.marks
    ? await client.query<{ step: string }>(
        `SELECT step FROM ${qualifiedName(buildSchema, stepMarkTable)} ORDER BY finished_at, step`,
      )
    : { rows: [] };
  return {
    runId: mark?.runId ?? null,
    startedAt: isoOf(mark?.startedAt),
    steps: stepNamesOf(steps.rows.map(({ step }) => step)),
  };
}

/** PostgreSQL's `2026-09-01 03:15:02.123456+00` as `2026-09-01T03:15:02Z`. */
function isoOf(time: string | undefined): string | null {
  const at =
    time === undefined ? NaN : Date.parse(time.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  return Number.isNaN(at) ? null : `${new Date(at).toISOString().slice(0, 19)}Z`;
}
