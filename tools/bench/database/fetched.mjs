// The releases that the bench's consumers fetch and the dump does not have.

/** Their ids begin here, above any id of the dump. */
export const firstFetched = 50_000_000;
/** Tracks of each. */
export const tracks = 12;
