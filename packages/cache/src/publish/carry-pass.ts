/**
 * One pass of carrying consumers' data from the old cache into the build, inside a transaction of the caller. A pass can
 * be repeated at will: it ends with the same rows.
 *
 * What is carried:
 * - whole, replacing the build's rows: releases that a consumer fetched since the run began, or is fetching right now (its
 *   last statements may come after the replacement), and releases of which the build holds no bulk row: fetched earlier,
 *   without metadata, or written to during the run;
 * - in part: what else consumers wrote during the run to releases that the build holds, such as artwork, as if it had met
 *   the new rows;
 * - `artwork_url` where the build has none.
 */
import { publishedSchema, table as tableOf, tables } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral, type Client } from '@wxyc/postgres';
import { fillArtwork } from './artwork.js';
import { oldValue, releaseColumn, releaseIdOf, selectOldRows, type OldCache, type OldTable } from './old-cache.js';
import { writtenSince, type RunStart } from './run-start.js';

export interface CarryPass {
  /** The build's schema. */
  schema: string;
  old: OldCache;
  start: RunStart;
  /** Rows are looked for that were written since this snapshot; null: no row is told by when it was written. */
  since: string | null;
  /** With `changes`: a fetch that is under way began after this one. It writes the release first, its metadata last. */
  fetchesSince?: string;
  /** Everything that is to be carried, or (under the lock, where time counts) only what was written since. */
  extent: 'everything' | 'changes';
  /** Old tables to be searched for changes beside release and cache_metadata. Default: all. */
  searched?: readonly string[];
}

export interface Carried {
  /** Releases carried whole by this pass; what an earlier one carried, and is unchanged, does not count. */
  releases: number;
  /** Releases of the build that were compared with a consumer's later writes. */
  amended: number;
  /** Artwork URLs filled in. */
  artwork: number;
  /** The build's release table was written anew: it wants VACUUM ANALYZE. */
  rewritten: boolean;
  /** Milliseconds that the search for changes took, by table. */
  searchMilliseconds: Record<string, number>;
}

/** The first and the last table that a fetch writes to. */
const alwaysSearched: readonly string[] = ['release', 'cache_metadata'];

const changed = 'pg_temp.carry_changed';
const whole = 'pg_temp.carry_whole';
const partly = 'pg_temp.carry_partly';
const differing = 'pg_temp.carry_differing';

/** Makes the lists that {@link runCarryPass} works with; they go at the transaction's end. To be done before any lock is held. */
export async function createCarryLists(client: Client): Promise<void> {
  for (const list of [changed, whole, partly, differing]) {
    await client.query(`CREATE TEMPORARY TABLE ${list.replace('pg_temp.', '')} (id integer PRIMARY KEY) ON COMMIT DROP`);
  }
}

/** Runs one pass; {@link createCarryLists} comes first. */
export async function runCarryPass(client: Client, pass: CarryPass): Promise<Carried> {
  const none: Carried = { releases: 0, amended: 0, artwork: 0, rewritten: false, searchMilliseconds: {} };
  const release = pass.old.get('release');
  if (!release || releaseIdOf(release) === null) return none;
  const searchMilliseconds = await findChanges(client, pass);
  await chooseReleases(client, pass, release);
  await leaveOutCarried(client, pass);
  const releases = await carryWhole(client, pass);
  const written = pass.start.snapshot === null ? 'false' : writtenSince('o', pass.start.snapshot);
  const filled = pass.extent === 'everything' ? await fillArtwork(client, pass.schema, release, written) : { artwork: 0, rewritten: false };
  const amended = await carryPartly(client, pass, release);
  return { releases, amended, ...filled, searchMilliseconds };
}

async function findChanges(client: Client, pass: CarryPass): Promise<Record<string, number>> {
  const took: Record<string, number> = {};
  if (pass.since === null) return took;
  for (const old of pass.old.values()) {
    const id = releaseIdOf(old);
    if (id === null || (pass.searched?.includes(old.table.name) === false && !alwaysSearched.includes(old.table.name))) continue;
    const begun = performance.now();
    const since = alwaysSearched.includes(old.table.name) ? (pass.fetchesSince ?? pass.since) : pass.since;
    await client.query(
      `INSERT INTO ${changed} SELECT DISTINCT ${id} FROM ${qualifiedName(publishedSchema, old.table.name)} o
        WHERE ${writtenSince('o', since)} AND ${id} IS NOT NULL ON CONFLICT DO NOTHING`,
    );
    took[old.table.name] = performance.now() - begun;
  }
  await client.query(`ANALYZE ${changed}`);
  return took;
}

/** Fills the lists: which releases are carried whole, which in part. */
async function chooseReleases(client: Client, pass: CarryPass, release: OldTable): Promise<void> {
  const { schema, start, extent } = pass;
  const oldRelease = qualifiedName(publishedSchema, 'release');
  const id = releaseIdOf(release);
  const inBuild = (bulk: boolean, of: string): string =>
    bulk
      ? `EXISTS (SELECT FROM ${qualifiedName(schema, 'cache_metadata')} b WHERE b.release_id = ${of} AND b.source = 'bulk_import')`
      : `EXISTS (SELECT FROM ${qualifiedName(schema, 'release')} b WHERE b.id = ${of})`;
  const add = (list: string, select: string): Promise<unknown> => client.query(`INSERT INTO ${list} ${select} ON CONFLICT DO NOTHING`);

  // The children of a release that is not there have nothing to hang on.
  await client.query(`DELETE FROM ${changed} t WHERE NOT EXISTS (SELECT FROM ${oldRelease} o WHERE ${id} = t.id)`);
  await add(whole, `SELECT t.id FROM ${changed} t WHERE NOT ${inBuild(true, 't.id')}`);
  if (extent === 'changes' && pass.fetchesSince !== undefined) {
    await add(whole, `SELECT t.id FROM ${changed} t JOIN ${oldRelease} o ON ${id} = t.id WHERE ${writtenSince('o', pass.fetchesSince)}`);
  }

  const metadata = pass.old.get('cache_metadata');
  const about = metadata ? releaseIdOf(metadata, 'm') : null;
  if (metadata && about !== null) {
    const oldMetadata = qualifiedName(publishedSchema, 'cache_metadata');
    const source = oldValue(metadata, 'source', 'm');
    const stamped = start.startedAt === null ? 'false' : `coalesce(${oldValue(metadata, 'cached_at', 'm')} >= ${quoteLiteral(start.startedAt)}::timestamptz, false)`;
    const since = start.snapshot ?? pass.since;
    // now() is when a consumer's transaction began: its row may be stamped before the start and committed after.
    const written = since === null ? 'false' : writtenSince('m', since);
    const among = extent === 'changes' ? `JOIN ${changed} t ON t.id = ${about}` : '';
    await add(
      whole,
      `SELECT DISTINCT ${about} FROM ${oldMetadata} m ${among} WHERE ${source} = 'api_fetch' AND (${stamped} OR ${written})
          AND EXISTS (SELECT FROM ${oldRelease} o WHERE ${id} = ${about})`,
    );
  }
  if (extent === 'everything') {
    const bulk =
      metadata && about !== null
        ? `(SELECT ${about} AS id, bool_and(coalesce(${oldValue(metadata, 'source', 'm')} = 'bulk_import', false)) AS bulk FROM ${qualifiedName(publishedSchema, 'cache_metadata')} m GROUP BY 1)`
        : '(SELECT NULL::integer AS id, true AS bulk WHERE false)';
    await add(
      whole,
      `SELECT DISTINCT ${id} FROM ${oldRelease} o LEFT JOIN ${bulk} known ON known.id = ${id}
        WHERE ${id} IS NOT NULL AND known.bulk IS NOT TRUE AND NOT ${inBuild(false, id ?? '')}`,
    );
  }
  await add(partly, `SELECT t.id FROM ${changed} t WHERE NOT EXISTS (SELECT FROM ${whole} w WHERE w.id = t.id)`);
  await client.query(`ANALYZE ${whole}, ${partly}`);
}

/** Takes releases off the list that the build holds as they are: a pass after a pass has next to nothing to write. */
async function leaveOutCarried(client: Client, pass: CarryPass): Promise<void> {
  await client.query(`INSERT INTO ${differing} SELECT w.id FROM ${whole} w WHERE NOT EXISTS (SELECT FROM ${qualifiedName(pass.schema, 'release')} b WHERE b.id = w.id)`);
  for (const old of pass.old.values()) {
    const rows = selectOldRows(old, whole);
    if (rows === null) continue;
    const key = releaseColumn(old.table);
    const columns = old.table.columns.map(({ name }) => `b.${quoteIdentifier(name)}`).join(', ');
    const built = `SELECT ${columns} FROM ${qualifiedName(pass.schema, old.table.name)} b JOIN ${whole} w ON w.id = b.${key}`;
    await client.query(
      `INSERT INTO ${differing} SELECT DISTINCT ${key} FROM (((${rows}) EXCEPT ALL (${built})) UNION ALL ((${built}) EXCEPT ALL (${rows}))) unlike ON CONFLICT DO NOTHING`,
    );
  }
  await client.query(`DELETE FROM ${whole} w WHERE NOT EXISTS (SELECT FROM ${differing} d WHERE d.id = w.id)`);
}

async function carryWhole(client: Client, pass: CarryPass): Promise<number> {
  const counted = await client.query<{ all: number; held: number }>(
    `SELECT count(*)::int AS all, count(b.id)::int AS held FROM ${whole} w LEFT JOIN ${qualifiedName(pass.schema, 'release')} b USING (id)`,
  );
  const { all = 0, held = 0 } = counted.rows[0] ?? {};
  if (all === 0) return 0;
  if (held > 0) {
    // Children by hand: before indexing there is no foreign key that would take them along.
    for (const table of [...tables].reverse()) {
      await client.query(`DELETE FROM ${qualifiedName(pass.schema, table.name)} b USING ${whole} w WHERE b.${releaseColumn(table)} = w.id`);
    }
  }
  for (const old of pass.old.values()) {
    const rows = selectOldRows(old, whole);
    if (rows !== null) await client.query(`INSERT INTO ${qualifiedName(pass.schema, old.table.name)} (${columnList(old)}) ${rows}`);
  }
  return all;
}

async function carryPartly(client: Client, pass: CarryPass, release: OldTable): Promise<number> {
  const since = pass.start.snapshot ?? pass.since;
  const some = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${partly}`);
  const count = some.rows[0]?.count ?? 0;
  if (count === 0 || since === null) return 0;
  const written = writtenSince('o', since);
  const build = (name: string): string => qualifiedName(pass.schema, name);

  const row = selectOldRows(release, partly, written);
  // A pass over everything has filled all artwork at one go.
  if (row !== null && pass.extent === 'changes') {
    await client.query(`UPDATE ${build('release')} b SET artwork_url = n.artwork_url FROM (${row}) n WHERE n.id = b.id AND n.artwork_url <> '' AND n.artwork_url IS DISTINCT FROM b.artwork_url`);
  }
  // Consumers only add to these, unless the row is there.
  for (const name of ['release_artist', 'release_label', 'release_track_artist']) {
    const old = pass.old.get(name);
    const rows = old ? selectOldRows(old, partly, written) : null;
    if (!old || rows === null) continue;
    const same = (tableOf(name).distinct ?? []).map((column) => `b.${quoteIdentifier(column)} = n.${quoteIdentifier(column)}`).join(' AND ');
    await client.query(
      `INSERT INTO ${build(name)} (${columnList(old)}) SELECT n.* FROM (${rows}) n WHERE NOT EXISTS (SELECT FROM ${build(name)} b WHERE ${same})`,
    );
  }
  await replaceTracks(client, pass, written);
  const metadata = pass.old.get('cache_metadata');
  const validated = metadata ? selectOldRows(metadata, partly, written) : null;
  if (validated !== null) {
    await client.query(
      `UPDATE ${build('cache_metadata')} b SET last_validated = n.last_validated FROM (${validated}) n
        WHERE n.release_id = b.release_id AND n.last_validated IS DISTINCT FROM b.last_validated AND n.last_validated IS NOT NULL`,
    );
  }
  return count;
}

/** Consumers delete a release's tracks and insert theirs: where they did, the old cache's are the ones to keep. */
async function replaceTracks(client: Client, pass: CarryPass, written: string): Promise<void> {
  const old = pass.old.get('release_track');
  const ofRelease = old ? releaseIdOf(old) : null;
  const rows = old ? selectOldRows(old, 'pg_temp.carry_tracks') : null;
  if (!old || ofRelease === null || rows === null) return;
  await client.query(
    `CREATE TEMPORARY TABLE carry_tracks ON COMMIT DROP AS
     SELECT p.id FROM ${partly} p WHERE EXISTS (SELECT FROM ${qualifiedName(publishedSchema, 'release_track')} o WHERE ${ofRelease} = p.id AND ${written})`,
  );
  const tracks = qualifiedName(pass.schema, 'release_track');
  await client.query(`DELETE FROM ${tracks} b USING pg_temp.carry_tracks t WHERE b.release_id = t.id`);
  await client.query(`INSERT INTO ${tracks} (${columnList(old)}) ${rows}`);
  await client.query('DROP TABLE pg_temp.carry_tracks');
}

function columnList(old: OldTable): string {
  return old.table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}
