/** Tables that steps leave for later steps of the same build. None of them is ever published. */

/** `release_id, track_count`: titled rows of release_track.csv, written by the base import, dropped by dedup. */
export const trackCountTable = 'release_track_count';

/** `release_id, decision`: written by match, read by dedup and prune, dropped before publishing. */
export const matchTable = 'release_match';

export const scratchTables: readonly string[] = [trackCountTable, matchTable];
