/** Tables that steps leave for later steps of the same build. None of them is ever published. */
import { startSeenTable } from './moment.js';

/** `release_id, track_count`: titled rows of release_track.csv, written by the base import, dropped by dedup. */
export const trackCountTable = 'release_track_count';

/** `release_id, decision`: written by match, read by dedup and prune, dropped before publishing. */
export const matchTable = 'release_match';

/** Those that belong to the rows of the build: loading anew drops them. */
export const scratchTables: readonly string[] = [trackCountTable, matchTable];

/** `step, run_id, finished_at`: see step-marks.ts. */
export const stepMarkTable = 'build_step';

/** Those that belong to the build itself, from its creation to its publication. */
export const buildTables: readonly string[] = [startSeenTable, stepMarkTable];
