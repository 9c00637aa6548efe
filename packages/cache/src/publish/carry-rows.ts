/** The rows of one pass: statements that bring the old cache's rows of the listed releases and artists into the build. */
import {
  fromDump,
  isKeyed,
  ownerColumn,
  publishedSchema,
  releaseTablesOf,
  rootOf,
  tablesOf,
} from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier } from '@wxyc/postgres';
import type { CarryPass } from './carry-plan.js';
import { foundColumns, tells } from './found.js';
import { oldValue, ownerIdOf, selectOldRows, type OldTable } from './old-cache.js';
import { writtenSince } from '../moment.js';

/** Releases with rows written since; those carried whole; those amended; those of the whole ones that differ in the build; and artists that are carried. */
export const lists = {
  changed: 'pg_temp.carry_changed',
  whole: 'pg_temp.carry_whole',
  partly: 'pg_temp.carry_partly',
  differing: 'pg_temp.carry_differing',
  artists: 'pg_temp.carry_artists',
} as const;

/** The old tables of releases that the new cache has too. */
const releaseTables = ({ old }: CarryPass): OldTable[] =>
  [...old.values()].filter(({ table, comes }) => comes && rootOf(table) === 'release');

/** Takes releases off the list that the build already holds unchanged, so that a repeated pass has next to nothing to write. */
export function leaveOutCarried(pass: CarryPass): string[] {
  const { whole, differing } = lists;
  const statements = [
    `INSERT INTO ${differing} SELECT w.id FROM ${whole} w WHERE NOT EXISTS (SELECT FROM ${qualifiedName(pass.schema, 'release')} b WHERE b.id = w.id)`,
  ];
  for (const old of releaseTables(pass)) {
    const rows = selectOldRows(old, whole);
    if (rows === null) continue;
    const key = ownerColumn(old.table);
    // Not every type that somebody chose has equality.
    const columns = (alias: string): string =>
      old.table.columns
        .map(
          ({ name }) =>
            `${alias}.${quoteIdentifier(name)}${old.added.includes(name) ? `::text AS ${quoteIdentifier(name)}` : ''}`,
        )
        .join(', ');
    const before = `SELECT ${columns('r')}, 1 AS carry_side FROM (${rows}) r`;
    const built = `SELECT ${columns('b')}, -1 FROM ${qualifiedName(pass.schema, old.table.name)} b JOIN ${whole} w ON w.id = b.${key}`;
    // Each side is read once: rows that occur equally often on both sides are the same.
    statements.push(
      `INSERT INTO ${differing} SELECT DISTINCT ${key} FROM (
         SELECT ${key} FROM (${before} UNION ALL ${built}) both_sides GROUP BY ${columnList(old)} HAVING sum(carry_side) <> 0) unlike ON CONFLICT DO NOTHING`,
    );
  }
  statements.push(
    `DELETE FROM ${whole} w WHERE NOT EXISTS (SELECT FROM ${differing} d WHERE d.id = w.id)`,
  );
  return statements;
}

/** Replaces the build's rows by the old cache's. */
export function carryWhole(pass: CarryPass): string[] {
  const tables = releaseTablesOf(pass.profiles.coming);
  return replaceRows(
    pass,
    tables.map(({ name }) => name),
    lists.whole,
  );
}

/** Replaces the rows of artists likewise. */
export function carryArtists(pass: CarryPass): string[] {
  return replaceRows(
    pass,
    tablesOf(pass.profiles.coming)
      .filter((table) => rootOf(table) === 'artist')
      .map(({ name }) => name),
    lists.artists,
  );
}

function replaceRows(pass: CarryPass, names: readonly string[], list: string): string[] {
  const tables = tablesOf(pass.profiles.coming).filter(({ name }) => names.includes(name));
  // Children by hand: before indexing there is no foreign key that would take them along.
  const statements = [...tables]
    .reverse()
    .map(
      (table) =>
        `DELETE FROM ${qualifiedName(pass.schema, table.name)} b USING ${list} w WHERE b.${ownerColumn(table)} = w.id`,
    );
  for (const { name } of tables) {
    const old = pass.old.get(name);
    const rows = old ? selectOldRows(old, list) : null;
    if (old && rows !== null)
      statements.push(
        `INSERT INTO ${qualifiedName(pass.schema, name)} (${columnList(old)}) ${rows}`,
      );
  }
  return statements;
}

/** Repeats on the build's rows what consumers wrote to the old ones. */
export function amendPartly(pass: CarryPass): string[] {
  const { partly } = lists;
  const since = pass.start.moment ?? pass.since;
  if (since === null) return [];
  const statements: string[] = [];
  const written = writtenSince('o', since);
  const build = (name: string): string => qualifiedName(pass.schema, name);
  for (const old of releaseTables(pass)) {
    const { table, added } = old;
    const rows = selectOldRows(old, partly, written);
    if (rows === null) continue;
    const key = ownerColumn(table);
    if (isKeyed(table)) {
      // A pass over everything has filled the release table all at once.
      const found =
        table.name === 'release' && pass.extent === 'everything' ? [] : foundColumns(old);
      const differs = found.map(
        (column) =>
          `(${tells(column, `n.${quoteIdentifier(column.name)}`)} AND n.${quoteIdentifier(column.name)} IS DISTINCT FROM b.${quoteIdentifier(column.name)})`,
      );
      const assigned = found.map(
        (column, at) =>
          `${quoteIdentifier(column.name)} = CASE WHEN ${differs[at]} THEN n.${quoteIdentifier(column.name)} ELSE b.${quoteIdentifier(column.name)} END`,
      );
      if (found.length > 0)
        statements.push(
          `UPDATE ${build(table.name)} b SET ${assigned.join(', ')} FROM (${rows}) n WHERE n.${key} = b.${key} AND (${differs.join(' OR ')})`,
        );
      if (added.length > 0 && pass.extent === 'changes') {
        statements.push(
          `UPDATE ${build(table.name)} b SET ${added.map((column) => `${quoteIdentifier(column)} = n.${quoteIdentifier(column)}`).join(', ')} FROM (${rows}) n WHERE n.${key} = b.${key}`,
        );
      }
    } else if (table.written === 'added') {
      const same = table
        .distinct!.map((column) => `b.${quoteIdentifier(column)} = n.${quoteIdentifier(column)}`)
        .join(' AND ');
      statements.push(
        `INSERT INTO ${build(table.name)} (${columnList(old)}) SELECT n.* FROM (${rows}) n WHERE NOT EXISTS (SELECT FROM ${build(table.name)} b WHERE ${same})`,
      );
    } else {
      statements.push(...replaceWritten(pass, old, written));
    }
  }
  return statements;
}

/** Consumers delete a release's rows and insert theirs: where they did, the old cache's are the ones to keep. */
function replaceWritten(pass: CarryPass, old: OldTable, written: string): string[] {
  const owner = ownerIdOf(old);
  const rows = selectOldRows(old, 'pg_temp.carry_written');
  if (owner === null || rows === null) return [];
  const table = qualifiedName(pass.schema, old.table.name);
  return [
    `CREATE TEMPORARY TABLE carry_written ON COMMIT DROP AS
     SELECT p.id FROM ${lists.partly} p WHERE EXISTS (SELECT FROM ${qualifiedName(publishedSchema, old.table.name)} o WHERE ${owner} = p.id AND ${written})`,
    `DELETE FROM ${table} b USING pg_temp.carry_written t WHERE b.${quoteIdentifier(ownerColumn(old.table))} = t.id`,
    `INSERT INTO ${table} (${columnList(old)}) ${rows}`,
    'DROP TABLE pg_temp.carry_written',
  ];
}

/**
 * Lists the artists that are carried: those that consumers fetched since the run began, instead of the build's, and those fetched
 * before if the build has no such artist. An artist from a dump carries the time of the releases' import, one that was fetched does not.
 */
export function chooseArtists(pass: CarryPass): string[] {
  const { schema, start, extent } = pass;
  const artist = pass.old.get('artist');
  const id = artist && ownerIdOf(artist);
  if (!artist?.comes || !id) return [];
  const [build, old] = [qualifiedName(schema, 'artist'), qualifiedName(publishedSchema, 'artist')];
  const inBuild = `EXISTS (SELECT FROM ${build} b WHERE b.id = ${id})`;
  const gone =
    artist.columns.get('not_found') === 'boolean' ? 'coalesce(o.not_found, false)' : 'false';
  const fetched = oldValue(artist, 'fetched_at');
  const metadata = pass.old.get('cache_metadata');
  const imported = metadata
    ? `EXISTS (SELECT FROM ${qualifiedName(publishedSchema, 'cache_metadata')} m WHERE ${fromDump(oldValue(metadata, 'source', 'm'))} AND ${oldValue(metadata, 'cached_at', 'm')} = ${fetched})`
    : 'false';
  // A row that says only that Discogs has no such artist gives way to the dump's.
  const stays = `NOT (${gone} AND ${inBuild})`;
  const statements: string[] = [];
  const add = (from: string, where: string): unknown =>
    statements.push(
      `INSERT INTO ${lists.artists} SELECT DISTINCT ${id} FROM ${from} WHERE ${where} AND ${id} IS NOT NULL ON CONFLICT DO NOTHING`,
    );
  const since = extent === 'everything' ? start.moment : pass.since;
  for (const table of pass.old.values()) {
    const owner = ownerIdOf(table, 't');
    if (
      since === null ||
      !table.comes ||
      rootOf(table.table) !== 'artist' ||
      owner === null ||
      (extent === 'changes' &&
        pass.searched?.includes(table.table.name) === false &&
        table !== artist)
    )
      continue;
    add(
      `${qualifiedName(publishedSchema, table.table.name)} t JOIN ${old} o ON ${id} = ${owner}`,
      `${writtenSince('t', since)} AND ${stays}`,
    );
  }
  if (extent === 'everything') {
    if (start.startedAt !== null)
      add(
        `${old} o`,
        `${fetched} >= '${start.startedAt}'::timestamptz AND NOT ${imported} AND ${stays}`,
      );
    add(`${old} o`, `NOT ${inBuild} AND NOT ${imported}`);
  }
  statements.push(`ANALYZE ${lists.artists}`);
  return statements;
}

function columnList(old: OldTable): string {
  return old.table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}
