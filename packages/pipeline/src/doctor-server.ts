/** The part of `doctor` that asks a PostgreSQL server. */
import {
  functionObstacles,
  muteTrigrams,
  olderMonth,
  publishObstacles,
  queryable,
  readProfile,
  replacementRemarks,
} from '@wxyc/cache';
import { formatBytes, formatCount } from '@wxyc/cli';
import { buildSchema, previousSchema, publishedSchema, type Profile } from '@wxyc/dataset';
import { acquireRunLock, connect, errorCode } from '@wxyc/postgres';
import { LockedError, type StepContext } from '@wxyc/step';
import { superuserWarning } from './before-run.js';
import type { Check } from './check.js';
import { serverLimits } from './server-limits.js';
import { cacheBytes } from './table-sizes.js';

/** A target may be missing: copy creates it. */
export type ServerRole = 'source' | 'target';

const versions = { least: 14, most: 18 };

/** What becomes of the caches on the disk when the published one is replaced. */
function afterReplacement(before: number, keep: boolean): string {
  const freed =
    before > 0 ? `; the one kept there now, ${formatBytes(before)}, is then dropped` : '';
  return keep
    ? `the published cache is kept in ${previousSchema} when it is replaced (--no-keep-previous drops it)${freed}`
    : `the published cache is dropped when it is replaced${freed}`;
}

/** What is known about the run. */
export interface ServerFacts {
  /** How much sorting may write, in bytes. */
  temporaryBytes: number;
  /** The server is an embedded one. */
  own: boolean;
  /** The dump's month; null if it is not known, or may be older than the cache. */
  month: string | null;
  keepPrevious: boolean;
  /** If one was asked for. */
  profile: Profile | undefined;
  /** Called with the published cache's. */
  onProfile?: (profile: Profile) => void;
}

interface Facts {
  version: number;
  creates: boolean;
  releases: string | null;
  unfinished: boolean;
}

/**
 * Checks one database: version, extensions, rights, limits, what is in the way of publishing, the lock.
 */
export async function checkServer(
  name: string,
  url: string,
  role: ServerRole,
  facts: ServerFacts,
  context: StepContext,
): Promise<Check[]> {
  let sql;
  try {
    sql = await connect(url, { applicationName: 'wxyc-doctor', max: 1 });
  } catch (error) {
    if (role === 'target' && errorCode((error as Error).cause) === '3D000')
      return [{ name, verdict: 'ok', text: 'the target database will be created' }];
    throw error;
  }
  const checks: Check[] = [];
  const say = (verdict: Check['verdict'], text: string): void =>
    void checks.push({ name, verdict, text });
  try {
    const [found] = await sql.unsafe<Facts[]>(
      `SELECT current_setting('server_version_num')::int / 10000 AS version,
              has_database_privilege(current_database(), 'CREATE') AS creates,
              (SELECT reltuples::bigint::text FROM pg_class WHERE oid = to_regclass('public.release')) AS releases,
              to_regclass('${buildSchema}.release') IS NOT NULL AS unfinished`,
    );
    const { version, creates, releases, unfinished } = found!;
    say(
      version < versions.least ? 'missing' : version > versions.most ? 'warning' : 'ok',
      `PostgreSQL ${version}; ${versions.least} to ${versions.most} are supported`,
    );
    for (const obstacle of await functionObstacles(sql)) say('missing', obstacle);
    const mute = await muteTrigrams(queryable(sql));
    if (mute) say('warning', mute);
    if (!creates)
      say('missing', 'this role may not create a schema in the database; connect as its owner');
    say(
      'ok',
      releases === null
        ? 'no cache yet'
        : `the published cache holds about ${formatCount(Math.max(0, Number(releases)))} releases and takes ${formatBytes(await cacheBytes(sql, publishedSchema))}`,
    );
    const before = await cacheBytes(sql, previousSchema);
    if (releases !== null || before > 0) say('ok', afterReplacement(before, facts.keepPrevious));
    const published = await readProfile(queryable(sql), publishedSchema);
    facts.onProfile?.(published);
    const profile = facts.profile ?? published;
    if (releases !== null && profile !== published)
      say(
        'warning',
        `the published cache has the profile ${published}; it is replaced by a ${profile} one, as --profile says`,
      );
    else say('ok', `profile ${profile}`);
    const older = await olderMonth(queryable(sql), facts.month);
    if (older) say('missing', older);
    for (const limit of await serverLimits(sql, { open: 1, temporaryBytes: facts.temporaryBytes }))
      say('missing', limit);
    const warning = facts.own ? undefined : await superuserWarning(sql);
    if (warning) say('warning', warning);
    if (unfinished)
      say('warning', 'there is an unfinished build: a new run replaces it, --resume continues it');
  } finally {
    await sql.end();
  }
  try {
    const lock = await acquireRunLock(url, 'wxyc-doctor', context);
    try {
      for (const remark of await replacementRemarks(
        { databaseUrl: url, profile: facts.profile },
        context,
      ))
        say('warning', `${remark}; they are lost when it is replaced`);
      for (const obstacle of await publishObstacles(
        { databaseUrl: url, profile: facts.profile, keepPrevious: facts.keepPrevious },
        context,
      ))
        say('missing', obstacle);
    } finally {
      await lock.release();
    }
    say('ok', 'no other run is under way');
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    say('missing', error.message);
  }
  return checks;
}
