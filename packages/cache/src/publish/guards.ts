/** Refusals that keep a wrecked build from replacing a good cache. */
import { fromDump, publishedSchema, tablesOf, type Profile } from '@wxyc/dataset';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { DifferencesError, StepError } from '@wxyc/step';
import type { OldCache } from './old-cache.js';

/** The least share of releases that have artists, and tracks, in an intact cache. */
const least = 0.5;
/** By how many per cent the imported releases may become fewer, unless the operator says otherwise. */
export const defaultMaxShrink = 50;
/** From how many per cent on there is a warning. */
const noteworthyShrink = 10;

export interface GuardedSizes {
  releases: number;
  /** Rows whose metadata says bulk_import. */
  bulk: number;
  oldBulk: number;
  withArtists: number;
  withTracks: number;
}

/** Throws a StepError that names the guard; returns what was counted. */
export async function guardSizes(
  client: Client,
  schema: string,
  profile: Profile,
  old: OldCache,
  maxShrink: number,
): Promise<GuardedSizes> {
  await guardTables(client, schema, profile);
  const build = (name: string): string => qualifiedName(schema, name);
  const counted = await client.query<Omit<GuardedSizes, 'oldBulk'>>(
    `SELECT (SELECT count(*) FROM ${build('release')})::int AS releases,
            (SELECT count(*) FROM ${build('cache_metadata')} WHERE ${fromDump('source')})::int AS bulk,
            (SELECT count(*) FROM ${build('release')} r WHERE EXISTS (SELECT FROM ${build('release_artist')} c WHERE c.release_id = r.id))::int AS "withArtists",
            (SELECT count(*) FROM ${build('release')} r WHERE EXISTS (SELECT FROM ${build('release_track')} c WHERE c.release_id = r.id))::int AS "withTracks"`,
  );
  const sizes: GuardedSizes = {
    releases: 0,
    bulk: 0,
    withArtists: 0,
    withTracks: 0,
    ...counted.rows[0],
    oldBulk: await oldBulk(client, old),
  };
  if (sizes.releases === 0)
    throw new StepError(
      `The build in ${schema} holds no releases: nothing is published, and the cache in public stays as it is`,
    );
  if (shrinkOf(sizes.oldBulk, sizes.bulk) > maxShrink) {
    throw new StepError(
      `The build in ${schema} holds ${shrinkText(sizes.oldBulk, sizes.bulk)}, and at most ${maxShrink} % may go: if that is intended, publish it with wxyc-schema publish --max-shrink PERCENT (or --allow-shrink); the build is kept`,
      { code: 'SHRINK' },
    );
  }
  for (const [what, count] of [
    ['artists', sizes.withArtists],
    ['tracks', sizes.withTracks],
  ] as const) {
    if (count < least * sizes.releases) {
      throw new StepError(
        `Only ${count} of the ${sizes.releases} releases in ${schema} have ${what}: the build is kept but not published; check its release_${what.slice(0, -1)}.csv and import again`,
      );
    }
  }
  return sizes;
}

/** By how many per cent there are fewer than before. */
const shrinkOf = (before: number, after: number): number =>
  before === 0 ? 0 : Math.max(0, ((before - after) / before) * 100);
const shrinkText = (before: number, after: number): string =>
  `${after} imported ${after === 1 ? 'release' : 'releases'}, ${Math.floor(shrinkOf(before, after))} % fewer than the ${before} of the published cache`;

/** A sentence if the new cache has noticeably fewer releases than the old one. */
export function shrinkWarning(before: number, after: number): string | undefined {
  return shrinkOf(before, after) > noteworthyShrink
    ? `The new cache has ${shrinkText(before, after)}`
    : undefined;
}

/** The build must be complete and must survive a crash of the server. */
async function guardTables(client: Client, schema: string, profile: Profile): Promise<void> {
  const tables = tablesOf(profile);
  const found = await client.query<{ name: string; persistence: string }>(
    `SELECT relname AS name, relpersistence AS persistence FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind = 'r' AND relname = ANY ($2)`,
    [schema, tables.map(({ name }) => name)],
  );
  const byName = new Map(found.rows.map(({ name, persistence }) => [name, persistence]));
  if (byName.size === 0)
    throw new StepError(
      `There is no build in the schema ${schema}: make one with wxyc-schema create --schema ${schema} and the steps after it, or run the pipeline`,
    );
  const missing = tables.filter(({ name }) => !byName.has(name)).map(({ name }) => name);
  if (missing.length)
    throw new DifferencesError(
      `The build in ${schema} lacks the table${missing.length > 1 ? 's' : ''} ${missing.join(', ')}: run wxyc-schema create --schema ${schema} and import again`,
    );
  const unlogged = tables.filter(({ name }) => byName.get(name) !== 'p').map(({ name }) => name);
  if (unlogged.length)
    throw new DifferencesError(
      `The build's ${unlogged.join(', ')} would not survive a crash of the server (UNLOGGED): run ALTER TABLE .. SET LOGGED`,
    );
}

async function oldBulk(client: Client, old: OldCache): Promise<number> {
  if (!old.has('release') || !old.get('cache_metadata')?.columns.has('source')) return 0;
  const counted = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${qualifiedName(publishedSchema, 'cache_metadata')} WHERE ${fromDump('source::text')}`,
  );
  return counted.rows[0]?.count ?? 0;
}
