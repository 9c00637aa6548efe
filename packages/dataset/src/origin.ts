/** The table that says what a cache was made from. It travels with the cache, even through a dump and a restore. */
import type { Table } from './table.js';

/** One row: the dump, the library and the profile when a build begins, the run and the moment when it is published. */
export const originTable = {
  name: 'cache_origin',
  load: 'derived',
  columns: [
    { name: 'run_id', type: 'text' },
    { name: 'published_at', type: 'timestamp with time zone' },
    { name: 'month', type: 'text' },
    { name: 'dump', type: 'text' },
    { name: 'dump_checksum', type: 'text' },
    { name: 'library', type: 'text' },
    { name: 'library_albums', type: 'integer' },
    { name: 'profile', type: 'text', notNull: true, default: "'lean'::text" },
  ],
} as const satisfies Table;
