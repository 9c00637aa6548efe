/**
 * The database side: what a table of the cache is. {@link tablesOf} gives a profile's tables; import builds COPY from them, dedup,
 * publish, copy and the contract check take tables, columns and keys from them; a test compares them with the database that
 * schema/*.sql creates.
 */
import { list } from './table-list.js';
import { profiles, type Profile, type Root, type Table, type ListedTable } from './table.js';

function inProfile({ only, full, ...lean }: ListedTable, profile: Profile): Table[] {
  if (profile === 'lean') return only ? [] : [lean];
  return [{ ...lean, ...full, columns: [...lean.columns, ...(full?.columns ?? [])] }];
}

const byProfile: Readonly<Record<Profile, readonly Table[]>> = {
  lean: list.flatMap((table) => inProfile(table, 'lean')),
  full: list.flatMap((table) => inProfile(table, 'full')),
};

/** A profile's tables, roots before their children: the order of locking, copying and publishing. */
export const tablesOf = (profile: Profile): readonly Table[] => byProfile[profile];

/** The release table and its children. */
export const releaseTablesOf = (profile: Profile): readonly Table[] =>
  byProfile[profile].filter((table) => rootOf(table) === 'release');

/** Names of all tables that a cache of any profile has. */
export const tableNames: readonly string[] = byProfile.full.map(({ name }) => name);

/** Finds a table by name. Throws a RangeError for one that the profile does not have: a programming mistake. */
export function table(name: string, profile: Profile = 'lean'): Table {
  const found = byProfile[profile].find((candidate) => candidate.name === name);
  if (!found) throw new RangeError(`The profile ${profile} has no table ${name}`);
  return found;
}

/** The root whose child a table is, or the table itself if it is one. */
export const rootOf = ({ root = 'release' }: Table): Root => root;

/** The column with the id of the root that a row belongs to. */
export const rootIdColumn = ({ rootKey = 'id' }: Table): string => rootKey;

/** Whether there is one row per release, artist or master: then columns that somebody added can be carried over row by row. */
export const isKeyed = ({ primaryKey }: Table): boolean => primaryKey?.length === 1;

/** Whether this version knows a profile. */
export const isProfile = (name: string): name is Profile =>
  (profiles as readonly string[]).includes(name);
