/** Where a run builds, and where consumers read. */
export const buildSchema = 'discogs_next';
export const publishedSchema = 'public';
/** Where a publication puts the cache that it replaces. */
export const previousSchema = 'discogs_previous';

/** The library's decision for a release as stored and compared: a higher one wins. */
export const decisionCodes = { PRUNE: 0, REVIEW: 1, KEEP: 2 } as const;
export type DecisionName = keyof typeof decisionCodes;
