/** What `cache_metadata.source` says for a release from a dump. With any other value, or none, a consumer wrote the release. */
export const bulkSource = 'bulk_import';

/** SQL: whether a release came from a dump, by this expression for its `source`. True or false, never null. */
export const fromDump = (source: string): string =>
  `${source} IS NOT DISTINCT FROM '${bulkSource}'`;

/** SQL: whether a consumer wrote the release. One without metadata counts as such. */
export const fromConsumer = (source: string): string =>
  `${source} IS DISTINCT FROM '${bulkSource}'`;
