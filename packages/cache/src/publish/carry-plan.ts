/**
 * What a pass of carrying over looks at. Consumers write to the old cache all the while, so there are several passes, and each
 * has to know from which moment on to look (see moment.ts):
 *
 * ```text
 *   start          carryOver          margin       pass 1 … pass n         lock, pass, commit
 * ────┼────────────────┼─────────────────┼────────────┼─────────┼───────────────┼─────────────> time
 *  the build is    before the        before the    without the lock,       the tables are locked:
 *  created         indexes are       checks of     until a pass finds      what is left costs
 *  (its mark)      built             publishing    next to nothing         consumers' time
 * ```
 *
 * | pass | in | extent | `since` | `fetchesSince` |
 * |---|---|---|---|---|
 * | carryOver | carry-over.ts | everything | start | |
 * | pass 1 | catch-up.ts | everything | start | |
 * | pass 2 to n | catch-up.ts | changes | the pass before | |
 * | under the lock | replacement.ts | changes | pass n | margin |
 *
 * The margin moves: it is the latest moment noted that is at least half a minute older than pass n, for a fetch that was under way
 * then has ended by now.
 */
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
  /** Rows written since are looked for; null: nobody knows when a row was written. */
  since: Moment | null;
  /** With `changes`: a fetch that is under way began after this one. It writes the release first and its metadata last, or the artist first. */
  fetchesSince?: Moment;
  /** Carry everything that is to be carried, or (under the lock, where time counts) only what was written since. */
  extent: 'everything' | 'changes';
  /** Old tables to be searched for changes beside release, cache_metadata and artist. Default: all. */
  searched?: readonly string[];
}
