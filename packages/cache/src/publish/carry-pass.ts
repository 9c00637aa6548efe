/**
 * One pass of carrying consumers' data from the old cache into the build, inside a transaction of the caller. A pass can
 * be repeated at will: it ends with the same rows. Which passes there are, carry-plan.ts draws.
 *
 * What is carried:
 * - whole, replacing the build's rows: releases that a consumer fetched since the run began, or is fetching right now (its
 *   last statements may come after the replacement), and releases of which the build holds no bulk row: fetched earlier,
 *   without metadata, or written to during the run;
 * - in part: what else consumers wrote during the run to releases that the build holds, such as artwork, as if it had met
 *   the new rows;
 * - `artwork_url`, `last_validated` and what else consumers fill in, where the build has none;
 * - in the full profile, artists that consumers fetched, see `chooseArtists`.
 */
import {
  fromConsumer,
  fromDump,
  isKeyed,
  previousSchema,
  publishedSchema,
  rootOf,
} from '@wxyc/dataset';
import { qualifiedName, quoteLiteral, type Client } from '@wxyc/postgres';
import { writtenSince } from '../moment.js';
import { fillAdded } from './added-columns.js';
import {
  amendPartly,
  artistChanges,
  carryArtists,
  carryWhole,
  chooseArtists,
  leaveOutCarried,
  lists,
} from './carry-rows.js';
import { fillFound } from './found.js';
import { isTombstone, oldValue, rootIdOf, type OldTable } from './old-cache.js';
import { fillValidated } from './validated.js';
import type { CarryPass } from './carry-plan.js';

export interface Carried {
  /** Releases carried whole by this pass; what an earlier one carried, and is unchanged, does not count. */
  releases: number;
  /** Releases of the build that were compared with a consumer's later writes. */
  amended: number;
  /** Artwork URLs filled in. */
  artwork: number;
  /** Artists carried whole by this pass; those that an earlier one carried do not count here either. */
  artists: number;
  /** The build's release table was rewritten, so it needs VACUUM ANALYZE. */
  rewritten: boolean;
  /** Milliseconds that the search for changes took, by table. */
  searchMilliseconds: Record<string, number>;
}

/** The first and the last table that a fetch writes to. */
const alwaysSearched: readonly string[] = ['release', 'cache_metadata'];

const { changed, whole, partly } = lists;

/** Creates the lists that a pass works with; they are dropped at the transaction's end. Call it before any lock is held. */
export const createCarryLists = Object.values(lists)
  .map(
    (list) =>
      `CREATE TEMPORARY TABLE ${list.replace('pg_temp.', '')} (id integer PRIMARY KEY) ON COMMIT DROP`,
  )
  .join(';\n');

/** What {@link searchStatements} found: one row. */
export const countLists = `SELECT (SELECT count(*)::int FROM ${whole}) AS releases, (SELECT count(*)::int FROM ${partly}) AS amended, (SELECT count(*)::int FROM ${lists.artists}) AS artists`;

/** The row as data. */
export type CarryCounts = Pick<Carried, 'releases' | 'amended' | 'artists'>;

/** The first half of a pass, for a caller who sends it together with more: fills the lists. */
export function searchStatements(pass: CarryPass): string[] {
  const release = pass.old.get('release');
  if (!release || rootIdOf(release) === null) return [];
  return [
    ...[...changesByTable(pass), ...artistChanges(pass)].map(({ find }) => find),
    ...chooseReleases(pass, release),
    ...chooseArtists(pass),
    ...leaveOutCarried(pass),
  ];
}

/** The second half: carries what is on the lists. */
export function carryStatements(
  pass: CarryPass,
  { releases, amended, artists }: CarryCounts,
): string[] {
  return [
    ...(releases > 0 ? carryWhole(pass) : []),
    ...(amended > 0 ? amendPartly(pass) : []),
    ...(artists > 0 ? carryArtists(pass) : []),
  ];
}

/** Runs one pass; {@link createCarryLists} comes first. */
export async function runCarryPass(client: Client, pass: CarryPass): Promise<Carried> {
  const none: Carried = {
    releases: 0,
    amended: 0,
    artwork: 0,
    artists: 0,
    rewritten: false,
    searchMilliseconds: {},
  };
  const release = pass.old.get('release');
  if (!release || rootIdOf(release) === null) return none;
  const searchMilliseconds = await findChanges(client, pass);
  await send(client, [
    ...chooseReleases(pass, release),
    ...chooseArtists(pass),
    ...leaveOutCarried(pass),
  ]);
  const counted = await client.query<CarryCounts>(countLists);
  const { releases = 0, amended = 0, artists = 0 } = counted.rows[0] ?? {};
  const written = pass.start.moment === null ? 'false' : writtenSince('o', pass.start.moment);
  if (releases > 0) await send(client, carryWhole(pass));
  if (artists > 0) await send(client, carryArtists(pass));
  const { filled, rewritten } =
    pass.extent === 'everything'
      ? await fillFound(client, pass.schema, release, written)
      : { filled: 0, rewritten: false };
  const artist = pass.old.get('artist');
  if (artist?.inBuild && pass.extent === 'everything')
    await fillFound(client, pass.schema, artist, written);
  const metadata = pass.old.get('cache_metadata');
  if (metadata && pass.extent === 'everything') await fillValidated(client, pass.schema, metadata);
  const added = pass.extent === 'everything' && (await fillAdded(client, pass.schema, pass.old));
  if (amended > 0) await send(client, amendPartly(pass));
  return {
    releases,
    amended,
    artwork: filled,
    artists,
    rewritten: rewritten || added,
    searchMilliseconds,
  };
}

/** Sends many statements as one message: under the lock, every round trip costs consumers' time. */
async function send(client: Client, statements: readonly string[]): Promise<void> {
  if (statements.length) await client.query(statements.join(';\n'));
}

async function findChanges(client: Client, pass: CarryPass): Promise<Record<string, number>> {
  const took: Record<string, number> = {};
  for (const { name, find } of [...changesByTable(pass), ...artistChanges(pass)]) {
    const begun = performance.now();
    await client.query(find);
    took[name] = performance.now() - begun;
  }
  return took;
}

/** The search for changes, table by table. */
function changesByTable(pass: CarryPass): { name: string; find: string }[] {
  const { since } = pass;
  if (since === null) return [];
  return [...pass.old.values()].flatMap((old) => {
    const { name } = old.table;
    const id = rootOf(old.table) === 'release' && old.inBuild ? rootIdOf(old) : null;
    const always = alwaysSearched.includes(name);
    if (id === null || (pass.searched?.includes(name) === false && !always)) return [];
    const find = `INSERT INTO ${changed} SELECT DISTINCT ${id} FROM ${qualifiedName(publishedSchema, name)} o
      WHERE ${writtenSince('o', always ? (pass.fetchesSince ?? since) : since)} AND ${id} IS NOT NULL ON CONFLICT DO NOTHING`;
    return [{ name, find }];
  });
}

/** Fills the lists: which releases are carried whole, which in part. */
function chooseReleases(pass: CarryPass, release: OldTable): string[] {
  const { schema, start, extent } = pass;
  const oldRelease = qualifiedName(publishedSchema, 'release');
  const id = rootIdOf(release);
  const fromDumpInBuild = (of: string): string =>
    `EXISTS (SELECT FROM ${qualifiedName(schema, 'cache_metadata')} b WHERE b.release_id = ${of} AND ${fromDump('b.source')})`;
  const statements = [`ANALYZE ${changed}`];
  const add = (list: string, select: string): unknown =>
    statements.push(`INSERT INTO ${list} ${select} ON CONFLICT DO NOTHING`);

  // Rows of a release that is not there have nothing to belong to.
  const keepsTombstones = release.table.columns.some(({ name }) => name === 'not_found');
  const tombstone = isTombstone(release);
  statements.push(
    `DELETE FROM ${changed} t WHERE NOT EXISTS (SELECT FROM ${oldRelease} o WHERE ${id} = t.id AND NOT ${keepsTombstones ? 'false' : tombstone})`,
  );
  add(whole, `SELECT t.id FROM ${changed} t WHERE NOT ${fromDumpInBuild('t.id')}`);
  if (extent === 'changes' && pass.fetchesSince !== undefined) {
    add(
      whole,
      `SELECT t.id FROM ${changed} t JOIN ${oldRelease} o ON ${id} = t.id WHERE ${writtenSince('o', pass.fetchesSince)}`,
    );
  }

  const metadata = pass.old.get('cache_metadata');
  const about = metadata ? rootIdOf(metadata, 'm') : null;
  const source = metadata ? oldValue(metadata, 'source', 'm') : 'NULL::text';
  if (metadata && about !== null) {
    const oldMetadata = qualifiedName(publishedSchema, 'cache_metadata');
    const stamped =
      start.startedAt === null
        ? 'false'
        : `coalesce(${oldValue(metadata, 'cached_at', 'm')} >= ${quoteLiteral(start.startedAt)}::timestamptz, false)`;
    const since = start.moment ?? pass.since;
    // now() is when a consumer's transaction began: its row may be stamped before the start and committed after.
    const written =
      since === null
        ? 'false'
        : `${writtenSince('m', since)} AND NOT (${onlyLookedUp(pass, metadata, about)})`;
    const among = extent === 'changes' ? `JOIN ${changed} t ON t.id = ${about}` : '';
    add(
      whole,
      `SELECT DISTINCT ${about} FROM ${oldMetadata} m ${among} WHERE ${fromConsumer(source)} AND (${stamped} OR ${written})
          AND EXISTS (SELECT FROM ${oldRelease} o WHERE ${id} = ${about})`,
    );
  }
  if (extent === 'everything') {
    const bulk =
      metadata && about !== null
        ? `(SELECT ${about} AS id, bool_and(${fromDump(source)}) AS bulk FROM ${qualifiedName(publishedSchema, 'cache_metadata')} m GROUP BY 1)`
        : '(SELECT NULL::integer AS id, true AS bulk WHERE false)';
    // A consumer's release is in a build because an earlier pass carried it, and a repeated import may have emptied its tables
    // since. The previous cache has its own, which is more complete than one that went through a lean cache.
    const held =
      schema === previousSchema
        ? `EXISTS (SELECT FROM ${qualifiedName(schema, 'release')} b WHERE b.id = ${id})`
        : fromDumpInBuild(id ?? '');
    add(
      whole,
      `SELECT DISTINCT ${id} FROM ${oldRelease} o LEFT JOIN ${bulk} known ON known.id = ${id}
        WHERE ${id} IS NOT NULL AND known.bulk IS NOT TRUE AND NOT ${held}`,
    );
  }
  // A row that says only that Discogs has no such release gives way to the dump's.
  if (tombstone !== 'false')
    statements.push(
      `DELETE FROM ${whole} w USING ${oldRelease} o WHERE ${id} = w.id AND ${tombstone}${keepsTombstones ? ` AND ${fromDumpInBuild(id ?? '')}` : ''}`,
    );
  add(
    partly,
    `SELECT t.id FROM ${changed} t WHERE NOT EXISTS (SELECT FROM ${whole} w WHERE w.id = t.id)`,
  );
  statements.push(`ANALYZE ${whole}, ${partly}`);
  return statements;
}

/**
 * SQL that is true if nothing but a look-up by wxyc-artwork happened to the release of the metadata row `m` since the run began: that
 * is no reason for a consumer's older version to replace the dump's. A fetch sets `cached_at` and writes the tracks anew: a release
 * that has tracks, and no child row written since, was not fetched. In doubt it was: without tracks, where transaction ids tell
 * nothing, or if it was fetched less than a day before, since a statement may be stamped before the start and committed after.
 */
function onlyLookedUp({ old, start }: CarryPass, metadata: OldTable, about: string): string {
  const { startedAt, moment } = start;
  const children = [...old.values()].filter(
    ({ table }) => rootOf(table) === 'release' && !isKeyed(table),
  );
  const tracks = children.find(({ table }) => table.name === 'release_track');
  if (!tracks || children.some((child) => rootIdOf(child) === null)) return 'false';
  if (startedAt === null || moment === null) return 'false';
  const began = `${quoteLiteral(startedAt)}::timestamptz`;
  const has = (child: OldTable, condition: string): string =>
    `EXISTS (SELECT FROM ${qualifiedName(publishedSchema, child.table.name)} c WHERE ${rootIdOf(child, 'c')!} = ${about} AND ${condition})`;
  return [
    `coalesce(${oldValue(metadata, 'cached_at', 'm')} < ${began} - interval '1 day' AND ${oldValue(metadata, 'last_validated', 'm')} >= ${began}, false)`,
    has(tracks, 'true'),
    ...children.map((child) => `NOT ${has(child, writtenSince('c', moment))}`),
  ].join(' AND ');
}
