/**
 * Companion tables travel with a cache but are not part of the contract with its consumers. A cache without them, or with empty
 * ones, is complete; nothing points to them.
 */
import { originTable } from './origin.js';
import type { Table } from './table.js';

export type ReleaseCompanion = Table & {
  readonly name: 'release_credit' | 'release_master' | 'release_pressing';
  readonly rootKey: 'release_id';
};

/**
 * What is known about releases beyond the contract's columns, so that they are decided and explained after publication as they were
 * while the dump streamed by.
 */
export const releaseCompanions: readonly ReleaseCompanion[] = [
  {
    // Main credits that say more than release_artist: a name variation, an artist with aliases, a name credited twice.
    name: 'release_credit',
    load: 'base',
    rootKey: 'release_id',
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
    rootKey: 'release_id',
    columns: [
      { name: 'release_id', type: 'integer', notNull: true },
      { name: 'master_id', type: 'integer', notNull: true },
    ],
  },
  {
    // Pressings that dedup dropped though the library owns them or may: `release_id` is the one that stayed.
    name: 'release_pressing',
    load: 'derived',
    rootKey: 'release_id',
    columns: [
      { name: 'release_id', type: 'integer', notNull: true },
      { name: 'dropped_id', type: 'integer', notNull: true },
      { name: 'reason', type: 'text', notNull: true },
    ],
  },
];

export type CompanionName = ReleaseCompanion['name'] | typeof originTable.name;

/** All of them: the releases' own and the one that says what the cache was made from. */
export const companions: readonly (Table & { readonly name: CompanionName })[] = [
  ...releaseCompanions,
  originTable,
];
