import type { Moment } from '../moment.js';
import type { Profiles } from '../profile.js';
import type { OldCache } from './old-cache.js';
import type { RunStart } from './run-start.js';

export interface CarryPass {
  /** The build's schema. */
  schema: string;
  profiles: Profiles;
  old: OldCache;
  start: RunStart;
  /** Rows are looked for that were written since; null: no row is told by when it was written. */
  since: Moment | null;
  /** With `changes`: a fetch that is under way began after this one. It writes the release first, its metadata last. */
  fetchesSince?: Moment;
  /** Everything that is to be carried, or (under the lock, where time counts) only what was written since. */
  extent: 'everything' | 'changes';
  /** Old tables to be searched for changes beside release and cache_metadata. Default: all. */
  searched?: readonly string[];
}
