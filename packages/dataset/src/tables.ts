/**
 * The database side: the cache's tables with their columns and keys. import builds COPY from it, dedup, publish and the
 * contract check take their columns from it; a test compares it with the database that schema/*.sql creates.
 */

export type ColumnType = 'integer' | 'smallint' | 'text' | 'timestamp with time zone';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly notNull?: boolean;
  /** As PostgreSQL prints it. */
  readonly default?: string;
  /** Where the value comes from: absent for columns that no CSV brings. */
  readonly csv?: ColumnSource;
}

/** The accepted CSV column names, the preferred first. Earlier converters used other names for the same thing. */
export interface ColumnSource {
  readonly names: readonly string[];
  /** A file whose header has none of the names is refused (exit 4). */
  readonly required: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey?: readonly string[];
  /** Named unique constraints that consumers' upserts rely on. */
  readonly uniques?: readonly { readonly name: string; readonly columns: readonly string[] }[];
  /** Child tables point to release(id) ON DELETE CASCADE with this column. */
  readonly parentKey?: string;
  /** The CSV file the rows come from, and whether its absence is an error. */
  readonly csv?: { readonly file: string; readonly required: boolean };
  /** One row per these columns survives the import; see `import` for which. */
  readonly distinct?: readonly string[];
  /** `base` tables are loaded before dedup, `tracks` tables for its survivors only. */
  readonly load: 'base' | 'tracks' | 'derived';
}

const from = (...names: string[]): ColumnSource => ({ names, required: true });
const maybe = (...names: string[]): ColumnSource => ({ names, required: false });

/** Parents first: the order of locking, copying and publishing. */
export const tables: readonly Table[] = [
  {
    name: 'release',
    load: 'base',
    csv: { file: 'release', required: true },
    primaryKey: ['id'],
    distinct: ['id'],
    columns: [
      { name: 'id', type: 'integer', notNull: true, csv: from('id') },
      { name: 'title', type: 'text', notNull: true, csv: from('title') },
      { name: 'release_year', type: 'smallint', csv: from('released') },
      { name: 'country', type: 'text', csv: from('country') },
      { name: 'artwork_url', type: 'text' },
    ],
  },
  {
    name: 'release_artist',
    load: 'base',
    csv: { file: 'release_artist', required: true },
    parentKey: 'release_id',
    distinct: ['release_id', 'artist_name'],
    uniques: [{ name: 'release_artist_release_id_artist_name_key', columns: ['release_id', 'artist_name'] }],
    columns: [
      { name: 'release_id', type: 'integer', notNull: true, csv: from('release_id') },
      { name: 'artist_name', type: 'text', notNull: true, csv: from('artist_name') },
      { name: 'extra', type: 'integer', notNull: true, default: '0', csv: from('extra') },
    ],
  },
  {
    name: 'release_label',
    load: 'base',
    csv: { file: 'release_label', required: false },
    parentKey: 'release_id',
    distinct: ['release_id', 'label_name'],
    columns: [
      { name: 'release_id', type: 'integer', notNull: true, csv: from('release_id') },
      { name: 'label_name', type: 'text', notNull: true, csv: from('label_name', 'label') },
    ],
  },
  {
    name: 'release_track',
    load: 'tracks',
    csv: { file: 'release_track', required: true },
    parentKey: 'release_id',
    distinct: ['release_id', 'sequence'],
    columns: [
      { name: 'release_id', type: 'integer', notNull: true, csv: from('release_id') },
      { name: 'sequence', type: 'integer', notNull: true, csv: from('sequence') },
      { name: 'position', type: 'text', csv: maybe('position') },
      { name: 'title', type: 'text', notNull: true, csv: from('title') },
      { name: 'duration', type: 'text', csv: maybe('duration') },
    ],
  },
  {
    name: 'release_track_artist',
    load: 'tracks',
    csv: { file: 'release_track_artist', required: true },
    parentKey: 'release_id',
    distinct: ['release_id', 'track_sequence', 'artist_name'],
    uniques: [
      {
        name: 'release_track_artist_release_id_track_sequence_artist_name_key',
        columns: ['release_id', 'track_sequence', 'artist_name'],
      },
    ],
    columns: [
      { name: 'release_id', type: 'integer', notNull: true, csv: from('release_id') },
      { name: 'track_sequence', type: 'integer', notNull: true, csv: from('track_sequence') },
      { name: 'artist_name', type: 'text', notNull: true, csv: from('artist_name') },
    ],
  },
  {
    name: 'cache_metadata',
    load: 'derived',
    parentKey: 'release_id',
    primaryKey: ['release_id'],
    columns: [
      { name: 'release_id', type: 'integer', notNull: true },
      { name: 'cached_at', type: 'timestamp with time zone', notNull: true, default: 'now()' },
      { name: 'source', type: 'text', notNull: true },
      { name: 'last_validated', type: 'timestamp with time zone' },
    ],
  },
];

/** Finds a table by name. Throws a RangeError for an unknown one: a programming mistake. */
export function table(name: string): Table {
  const found = tables.find((candidate) => candidate.name === name);
  if (!found) throw new RangeError(`No table is called ${name}`);
  return found;
}

/** A name above this many bytes of UTF-8 does not fit a btree index row; such a value is cut at a character boundary. */
export const longestIndexedBytes = 2600;
