/** The rows of one pass: statements that bring the old cache's rows of the listed releases into the build. */
import { keyedTables, publishedSchema, table as tableOf, tables } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier } from '@wxyc/postgres';
import type { CarryPass } from './carry-pass.js';
import { releaseColumn, releaseIdOf, selectOldRows, type OldTable } from './old-cache.js';
import { writtenSince } from '../moment.js';

/** Releases with rows written since; carried whole; amended; and those of the whole ones that the build does not hold as they are. */
export const lists = { changed: 'pg_temp.carry_changed', whole: 'pg_temp.carry_whole', partly: 'pg_temp.carry_partly', differing: 'pg_temp.carry_differing' } as const;

/** Takes releases off the list that the build holds as they are: a pass after a pass has next to nothing to write. */
export function leaveOutCarried(pass: CarryPass): string[] {
  const { whole, differing } = lists;
  const statements = [`INSERT INTO ${differing} SELECT w.id FROM ${whole} w WHERE NOT EXISTS (SELECT FROM ${qualifiedName(pass.schema, 'release')} b WHERE b.id = w.id)`];
  for (const old of pass.old.values()) {
    const rows = selectOldRows(old, whole);
    if (rows === null) continue;
    const key = releaseColumn(old.table);
    // Not every type that somebody chose knows equality.
    const columns = (alias: string): string => old.table.columns.map(({ name }) => `${alias}.${quoteIdentifier(name)}${old.added.includes(name) ? `::text AS ${quoteIdentifier(name)}` : ''}`).join(', ');
    const before = `SELECT ${columns('r')}, 1 AS side FROM (${rows}) r`;
    const built = `SELECT ${columns('b')}, -1 FROM ${qualifiedName(pass.schema, old.table.name)} b JOIN ${whole} w ON w.id = b.${key}`;
    // Each side is read once: what is there as often on the one as on the other is alike.
    statements.push(
      `INSERT INTO ${differing} SELECT DISTINCT ${key} FROM (
         SELECT ${key} FROM (${before} UNION ALL ${built}) both_sides GROUP BY ${columnList(old)} HAVING sum(side) <> 0) unlike ON CONFLICT DO NOTHING`,
    );
  }
  statements.push(`DELETE FROM ${whole} w WHERE NOT EXISTS (SELECT FROM ${differing} d WHERE d.id = w.id)`);
  return statements;
}

/** Puts the old cache's rows in the place of the build's. */
export function carryWhole(pass: CarryPass): string[] {
  // Children by hand: before indexing there is no foreign key that would take them along.
  const statements = [...tables].reverse().map((table) => `DELETE FROM ${qualifiedName(pass.schema, table.name)} b USING ${lists.whole} w WHERE b.${releaseColumn(table)} = w.id`);
  for (const old of pass.old.values()) {
    const rows = selectOldRows(old, lists.whole);
    if (rows !== null) statements.push(`INSERT INTO ${qualifiedName(pass.schema, old.table.name)} (${columnList(old)}) ${rows}`);
  }
  return statements;
}

/** Repeats on the build's rows what consumers wrote to the old ones. */
export function amendPartly(pass: CarryPass, release: OldTable): string[] {
  const { partly } = lists;
  const since = pass.start.moment ?? pass.since;
  if (since === null) return [];
  const statements: string[] = [];
  const written = writtenSince('o', since);
  const build = (name: string): string => qualifiedName(pass.schema, name);

  const row = selectOldRows(release, partly, written);
  // A pass over everything has filled all artwork at one go.
  if (row !== null && pass.extent === 'changes') {
    statements.push(
      `UPDATE ${build('release')} b SET artwork_url = n.artwork_url FROM (${row}) n WHERE n.id = b.id AND n.artwork_url <> '' AND n.artwork_url IS DISTINCT FROM b.artwork_url`,
    );
  }
  for (const name of keyedTables) {
    const old = pass.old.get(name);
    const rows = old && old.added.length > 0 && pass.extent === 'changes' ? selectOldRows(old, partly, written) : null;
    if (!old || rows === null) continue;
    const key = releaseColumn(old.table);
    statements.push(`UPDATE ${build(name)} b SET ${old.added.map((column) => `${quoteIdentifier(column)} = n.${quoteIdentifier(column)}`).join(', ')} FROM (${rows}) n WHERE n.${key} = b.${key}`);
  }
  // Consumers only add to these, unless the row is there.
  for (const name of ['release_artist', 'release_label', 'release_track_artist']) {
    const old = pass.old.get(name);
    const rows = old ? selectOldRows(old, partly, written) : null;
    if (!old || rows === null) continue;
    const same = (tableOf(name).distinct ?? []).map((column) => `b.${quoteIdentifier(column)} = n.${quoteIdentifier(column)}`).join(' AND ');
    statements.push(`INSERT INTO ${build(name)} (${columnList(old)}) SELECT n.* FROM (${rows}) n WHERE NOT EXISTS (SELECT FROM ${build(name)} b WHERE ${same})`);
  }
  statements.push(...replaceTracks(pass, written));
  const metadata = pass.old.get('cache_metadata');
  const validated = metadata ? selectOldRows(metadata, partly, written) : null;
  if (validated !== null) {
    statements.push(
      `UPDATE ${build('cache_metadata')} b SET last_validated = n.last_validated FROM (${validated}) n
        WHERE n.release_id = b.release_id AND n.last_validated IS DISTINCT FROM b.last_validated AND n.last_validated IS NOT NULL`,
    );
  }
  return statements;
}

/** Consumers delete a release's tracks and insert theirs: where they did, the old cache's are the ones to keep. */
function replaceTracks(pass: CarryPass, written: string): string[] {
  const old = pass.old.get('release_track');
  const ofRelease = old ? releaseIdOf(old) : null;
  const rows = old ? selectOldRows(old, 'pg_temp.carry_tracks') : null;
  if (!old || ofRelease === null || rows === null) return [];
  const tracks = qualifiedName(pass.schema, 'release_track');
  return [
    `CREATE TEMPORARY TABLE carry_tracks ON COMMIT DROP AS
     SELECT p.id FROM ${lists.partly} p WHERE EXISTS (SELECT FROM ${qualifiedName(publishedSchema, 'release_track')} o WHERE ${ofRelease} = p.id AND ${written})`,
    `DELETE FROM ${tracks} b USING pg_temp.carry_tracks t WHERE b.release_id = t.id`,
    `INSERT INTO ${tracks} (${columnList(old)}) ${rows}`,
    'DROP TABLE pg_temp.carry_tracks',
  ];
}

function columnList(old: OldTable): string {
  return old.table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}
