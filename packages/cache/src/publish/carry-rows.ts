/** The rows of one pass: statements that bring the old cache's rows of the listed releases and artists into the build. */
import {
  fromDump,
  isKeyed,
  rootIdColumn,
  publishedSchema,
  releaseTablesOf,
  rootOf,
  tablesOf,
} from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier } from '@wxyc/postgres';
import type { CarryPass } from './carry-plan.js';
import { foundColumns, tells } from './found.js';
import { oldValue, rootIdOf, selectOldRows, type OldTable } from './old-cache.js';
import { writtenSince } from '../moment.js';

/** Releases with rows written since; those carried whole; those amended; those of a list that differ in the build; and artists that are carried. */
export const lists = {
  changed: 'pg_temp.carry_changed',
  whole: 'pg_temp.carry_whole',
  partly: 'pg_temp.carry_partly',
  differing: 'pg_temp.carry_differing',
  artists: 'pg_temp.carry_artists',
} as const;

/** The old tables of releases, or of artists, that the build has too. */
const tablesBelow = ({ old }: CarryPass, root: 'release' | 'artist'): OldTable[] =>
  [...old.values()].filter(({ table, inBuild }) => inBuild && rootOf(table) === root);

/** Takes off the lists what the build already holds unchanged, so that a repeated pass has next to nothing to write. */
export const leaveOutCarried = (pass: CarryPass): string[] => [
  ...leaveOut(pass, 'release', lists.whole),
  ...(pass.old.get('artist')?.inBuild ? leaveOut(pass, 'artist', lists.artists) : []),
];

function leaveOut(pass: CarryPass, root: 'release' | 'artist', list: string): string[] {
  const { differing } = lists;
  const statements = [
    `DELETE FROM ${differing}`,
    `INSERT INTO ${differing} SELECT w.id FROM ${list} w WHERE NOT EXISTS (SELECT FROM ${qualifiedName(pass.schema, root)} b WHERE b.id = w.id)`,
  ];
  for (const old of tablesBelow(pass, root)) {
    const rows = selectOldRows(old, list);
    if (rows === null) continue;
    const key = rootIdColumn(old.table);
    // Not every type that somebody chose has equality.
    const columns = (alias: string): string =>
      old.table.columns
        .map(
          ({ name }) =>
            `${alias}.${quoteIdentifier(name)}${old.added.includes(name) ? `::text AS ${quoteIdentifier(name)}` : ''}`,
        )
        .join(', ');
    const before = `SELECT ${columns('r')}, 1 AS carry_side FROM (${rows}) r`;
    const built = `SELECT ${columns('b')}, -1 FROM ${qualifiedName(pass.schema, old.table.name)} b JOIN ${list} w ON w.id = b.${key}`;
    // Each side is read once: rows that occur equally often on both sides are the same.
    statements.push(
      `INSERT INTO ${differing} SELECT DISTINCT ${key} FROM (
         SELECT ${key} FROM (${before} UNION ALL ${built}) both_sides GROUP BY ${columnList(old)} HAVING sum(carry_side) <> 0) unlike ON CONFLICT DO NOTHING`,
    );
  }
  statements.push(
    `DELETE FROM ${list} w WHERE NOT EXISTS (SELECT FROM ${differing} d WHERE d.id = w.id)`,
  );
  return statements;
}

/** Replaces the build's rows by the old cache's. */
export function carryWhole(pass: CarryPass): string[] {
  const tables = releaseTablesOf(pass.profiles.build);
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
    tablesOf(pass.profiles.build)
      .filter((table) => rootOf(table) === 'artist')
      .map(({ name }) => name),
    lists.artists,
  );
}

function replaceRows(pass: CarryPass, names: readonly string[], list: string): string[] {
  const tables = tablesOf(pass.profiles.build).filter(({ name }) => names.includes(name));
  // Children by hand: before indexing there is no foreign key that would take them along.
  const statements = [...tables]
    .reverse()
    .map(
      (table) =>
        `DELETE FROM ${qualifiedName(pass.schema, table.name)} b USING ${list} w WHERE b.${rootIdColumn(table)} = w.id`,
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
  for (const old of tablesBelow(pass, 'release')) {
    const { table, added } = old;
    const rows = selectOldRows(old, partly, written);
    if (rows === null) continue;
    const key = rootIdColumn(table);
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
  const rootId = rootIdOf(old);
  const rows = selectOldRows(old, 'pg_temp.carry_written');
  if (rootId === null || rows === null) return [];
  const table = qualifiedName(pass.schema, old.table.name);
  // IS TRUE makes the server look up each release: a join, which it expects to find rows soon, would read the whole table under the lock.
  return [
    `CREATE TEMPORARY TABLE carry_written ON COMMIT DROP AS
     SELECT p.id FROM ${lists.partly} p WHERE EXISTS (SELECT FROM ${qualifiedName(publishedSchema, old.table.name)} o WHERE ${rootId} = p.id AND ${written}) IS TRUE`,
    `DELETE FROM ${table} b USING pg_temp.carry_written t WHERE b.${quoteIdentifier(rootIdColumn(old.table))} = t.id`,
    `INSERT INTO ${table} (${columnList(old)}) ${rows}`,
    'DROP TABLE pg_temp.carry_written',
  ];
}

/** SQL about an artist of the old cache, called `o`. */
interface OldArtist {
  id: string;
  inBuild: string;
  /** A row that says only that Discogs has no such artist gives way to the dump's. */
  stays: string;
}

function oldArtist({ schema, old }: CarryPass): OldArtist | undefined {
  const artist = old.get('artist');
  const id = artist && rootIdOf(artist);
  if (!artist?.inBuild || !id) return undefined;
  const inBuild = `EXISTS (SELECT FROM ${qualifiedName(schema, 'artist')} b WHERE b.id = ${id})`;
  const gone =
    artist.columns.get('not_found') === 'boolean' ? 'coalesce(o.not_found, false)' : 'false';
  return { id, inBuild, stays: `NOT (${gone} AND ${inBuild})` };
}

const listArtists = (id: string, from: string, where: string): string =>
  `INSERT INTO ${lists.artists} SELECT DISTINCT ${id} FROM ${from} WHERE ${where} AND ${id} IS NOT NULL ON CONFLICT DO NOTHING`;

/** The search for artists that consumers wrote since, table by table: a fetch writes the artist first. */
export function artistChanges(pass: CarryPass): { name: string; find: string }[] {
  const about = oldArtist(pass);
  const since = pass.extent === 'everything' ? pass.start.moment : pass.since;
  if (!about || since === null) return [];
  return [...pass.old.values()].flatMap((old) => {
    const { name } = old.table;
    const rootId = rootIdOf(old, 't');
    const first = name === 'artist';
    if (rootOf(old.table) !== 'artist' || !old.inBuild || rootId === null) return [];
    if (pass.searched?.includes(name) === false && !first) return [];
    const from = first ? (pass.fetchesSince ?? since) : since;
    return [
      {
        name,
        find: listArtists(
          about.id,
          `${qualifiedName(publishedSchema, name)} t JOIN ${qualifiedName(publishedSchema, 'artist')} o ON ${about.id} = ${rootId}`,
          `${writtenSince('t', from)} AND ${about.stays}`,
        ),
      },
    ];
  });
}

/**
 * Completes the list of artists that are carried: those that consumers fetched since the run began, instead of the build's
 * (see {@link artistChanges}), and those fetched before if the build has no such artist. An artist from a dump carries the time
 * of the releases' import, one that was fetched does not.
 */
export function chooseArtists(pass: CarryPass): string[] {
  const { start, extent } = pass;
  const about = oldArtist(pass);
  if (!about) return [];
  const { id, inBuild, stays } = about;
  const old = qualifiedName(publishedSchema, 'artist');
  const fetched = oldValue(pass.old.get('artist')!, 'fetched_at');
  const metadata = pass.old.get('cache_metadata');
  const imported = metadata
    ? `EXISTS (SELECT FROM ${qualifiedName(publishedSchema, 'cache_metadata')} m WHERE ${fromDump(oldValue(metadata, 'source', 'm'))} AND ${oldValue(metadata, 'cached_at', 'm')} = ${fetched})`
    : 'false';
  const statements: string[] = [];
  if (extent === 'everything') {
    if (start.startedAt !== null)
      statements.push(
        listArtists(
          id,
          `${old} o`,
          `${fetched} >= '${start.startedAt}'::timestamptz AND NOT ${imported} AND ${stays}`,
        ),
      );
    statements.push(listArtists(id, `${old} o`, `NOT ${inBuild} AND NOT ${imported}`));
  }
  statements.push(`ANALYZE ${lists.artists}`);
  return statements;
}

function columnList(old: OldTable): string {
  return old.table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}
