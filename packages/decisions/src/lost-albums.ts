/** Albums of the library that have a release in one cache and none in another. */
import { Classifier, NearestReleases } from '@wxyc/matching';
import { type ReadBasis } from '@wxyc/library';
import { openClient } from '@wxyc/postgres';
import { BadInputError, stepContext, throwIfInterrupted, type StepContext } from '@wxyc/step';
import { countReleases, streamReleases } from './release-stream.js';

export interface LostAlbum {
  artist: string;
  title: string;
}

export interface LostAlbumsOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** The schema of the cache that has the albums. */
  before: string;
  /** The schema of the cache that comes next. */
  after: string;
  /** What decisions are made from. */
  basis: ReadBasis;
  /** As shown in pg_stat_activity. */
  applicationName?: string | undefined;
}

/**
 * Decides both caches by the same library, and lists the albums of which the first holds a release, owned or in doubt, and the
 * second does not; in the library's order. Empty if the first is not a cache that can be decided.
 */
export async function lostAlbums(
  options: LostAlbumsOptions,
  context?: Partial<StepContext>,
): Promise<LostAlbum[]> {
  const before = await coveredAlbums(options, options.before, context);
  if (before.size === 0) return [];
  const after = await coveredAlbums(options, options.after, context);
  return [...before]
    .filter((row) => !after.has(row))
    .map((row) => options.basis.library[row]!)
    .map(({ artist, title }) => ({ artist, title }));
}

/** Places of the first rows of those albums that have a release in the schema. */
async function coveredAlbums(
  { databaseUrl, basis, applicationName }: LostAlbumsOptions,
  schema: string,
  partial?: Partial<StepContext>,
): Promise<Set<number>> {
  const { signal, progress } = stepContext(partial);
  const reader = await openClient(databaseUrl, { applicationName, signal });
  try {
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const releases = await countReleases(reader, schema);
    const classifier = new Classifier(basis);
    classifier.namesNearest = false;
    const nearest = new NearestReleases(basis.library);
    nearest.observe(classifier);
    const task = progress.start('compare coverage', { unit: 'releases', total: releases });
    try {
      let done = 0;
      for await (const batch of streamReleases(reader, schema)) {
        throwIfInterrupted(signal);
        for (const release of batch) classifier.decide(release);
        task.update((done += batch.length));
      }
    } finally {
      task.end();
    }
    const isCovered = (row: number): boolean =>
      [nearest.of(row).keep, nearest.of(row).review].some(({ length }) => length > 0);
    return new Set(
      [...nearest.groups.keys()].filter((row) => nearest.groups[row] === row && isCovered(row)),
    );
  } catch (error) {
    // No cache, an empty one, or one of an earlier layout.
    if (error instanceof BadInputError) return new Set();
    throw error;
  } finally {
    await reader.end().catch(() => undefined);
  }
}
