/**
 * Tables that travel with a cache but are not part of the contract with its consumers: what is known about a release beyond the
 * contract's columns, so that it is decided and explained after publication as it was while the dump streamed by. A cache
 * without them, or with empty ones, is complete; nothing points to them.
 */
import type { Table } from './table.js';

export type CompanionName = 'release_credit' | 'release_master' | 'release_pressing';
export type Companion = Table & { readonly name: CompanionName; readonly parentKey: 'release_id' };

export const companions: readonly Companion[] = [
  {
    // Main credits that say more than release_artist: a name variation, an artist with aliases, a name credited twice.
    name: 'release_credit',
    load: 'base',
    parentKey: 'release_id',
    columns: [
      { name: 'release_id', type: 'integer', notNull: true },
      { name: 'artist_name', type: 'text', notNull: true },
      { name: 'variation', type: 'text' },
      { name: 'artist_id', type: 'integer' },
    ],
  },
  {
    // The masters of the releases that stay, kept when dedup drops the column: a library may own a release by its master.
    name: 'release_master',
    load: 'derived',
    parentKey: 'release_id',
    columns: [
      { name: 'release_id', type: 'integer', notNull: true },
      { name: 'master_id', type: 'integer', notNull: true },
    ],
  },
  {
    // Pressings that dedup dropped though the library owns them or may: `release_id` is the one that stayed.
    name: 'release_pressing',
    load: 'derived',
    parentKey: 'release_id',
    columns: [
      { name: 'release_id', type: 'integer', notNull: true },
      { name: 'dropped_id', type: 'integer', notNull: true },
      { name: 'reason', type: 'text', notNull: true },
    ],
  },
];
