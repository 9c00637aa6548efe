/** What `cache_metadata.source` says of a release that a dump brought. Of all others a consumer wrote them, whatever it says there, or nothing. */
export const bulkSource = 'bulk_import';

/** SQL: whether a release came from a dump, by this expression for its `source`. True or false, never null. */
export const fromDump = (source: string): string =>
  `${source} IS NOT DISTINCT FROM '${bulkSource}'`;

/** SQL: whether a consumer wrote it. A release without metadata is one of these as well. */
export const fromConsumer = (source: string): string =>
  `${source} IS DISTINCT FROM '${bulkSource}'`;
