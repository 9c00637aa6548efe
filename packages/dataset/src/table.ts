/** What a table is, and a column. */
/** What a cache can be built as: for a look-up by names, or with everything that the dumps say about a release. */
export const profiles = ['lean', 'full'] as const;

export type Profile = (typeof profiles)[number];

export type ColumnType =
  'integer' | 'smallint' | 'text' | 'text[]' | 'boolean' | 'timestamp with time zone';

/**
 * How import reads a CSV field. Empty is NULL, unless said otherwise; a required column's row without a value is dropped.
 *
 * - `text`; `name` is a text for a btree, cut at a character if it is too long for one
 * - `integer` rejects the row for anything other than a number that fits; so does `id`, which also reads 0 as NULL
 * - `amount` is NULL for anything other than a number that fits; `reference` also for 0
 * - `year` is the first four digits
 * - `extra` is 0 for a main credit, 1 for any other number
 * - `list` splits at `; `
 * - `flag` is true unless it says `false`
 * - `ordinal` has no CSV column: the row's place among those of its release, from 1
 * - `stamp` has none either: when the releases were imported
 */
export type Reader =
  | 'text'
  | 'name'
  | 'integer'
  | 'id'
  | 'amount'
  | 'reference'
  | 'year'
  | 'extra'
  | 'list'
  | 'flag'
  | 'ordinal'
  | 'stamp';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly notNull?: boolean;
  /** As PostgreSQL prints it. */
  readonly default?: string;
  /** Where the value comes from: absent for columns that no CSV field brings. */
  readonly csv?: ColumnSource;
  /** The value is put together from several rows of this CSV file, in `gathered.ts` of import. */
  readonly gathered?: string;
  /** Consumers fill it in: publishing keeps what they found. */
  readonly consumers?: boolean;
  /** What the report of changes calls it. Absent: changes of its value are not counted. */
  readonly what?: string;
}

/** The accepted CSV column names, the preferred first. Earlier converters used other names for the same thing. */
export interface ColumnSource {
  readonly names: readonly string[];
  /** A file whose header has none of the names is refused (exit 4). `role`: only if the file has a column of that name. */
  readonly required: boolean | 'role';
  readonly read: Reader;
}

/** What a row belongs to: every table is a root or the child of one. */
export type Root = 'release' | 'artist' | 'master';

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Further columns of a build, which dedup drops. */
  readonly transient?: readonly Column[];
  readonly primaryKey?: readonly string[];
  /** Named unique constraints that consumers' upserts rely on. */
  readonly uniques?: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** The table whose child this is, or which it is itself. Absent: release. */
  readonly root?: Root;
  /** The column of a child, its first, that points to the root's id ON DELETE CASCADE. Absent for a root. */
  readonly rootKey?: string;
  /** The CSV file the rows come from, and whether its absence is an error. */
  readonly csv?: { readonly file: string; readonly required: boolean };
  /** Of rows that agree in these columns, the table's first, only the first is imported. Absent: all are. */
  readonly distinct?: readonly string[] | undefined;
  /** If rows agree in `distinct`, the main credit is kept, whichever came first. */
  readonly mainWins?: boolean;
  /** What happens to credits that the CSV's `extra` does not mark as main: they are left out, or kept and also told apart by role. */
  readonly others?: 'left out' | 'apart';
  /** `base` tables are loaded before dedup, `tracks` tables only for its survivors, `artists` tables once it is certain which releases stay. */
  readonly load: 'base' | 'tracks' | 'artists' | 'derived';
  /** How consumers write a release's rows: by adding to them, or by deleting and inserting. Absent if a release has one row. */
  readonly written?: 'added' | 'replaced';
  /** What the report of changes calls its rows. Absent: changes of them are not counted. */
  readonly what?: string;
}

/** An entry of the list: the lean profile's table, and what it has beyond that in the full one. */
export interface ListedTable extends Table {
  /** The lean profile does not have it. */
  readonly only?: 'full';
  /** In the full profile: further columns after the others, and what replaces the fields above. */
  readonly full?: Partial<Omit<Table, 'name'>>;
}
