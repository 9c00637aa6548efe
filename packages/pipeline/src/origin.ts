/** What a run's cache is made from, as the database keeps it. */
import { basename } from 'node:path';
import type { CacheOrigin } from '@wxyc/cache';
import { libraryFingerprint, readingOf, readLibrary } from '@wxyc/library';
import { monthInName } from './dump-file.js';
import type { Plan } from './run-plan.js';

/** The month of the plan's dump, if it is known: from Discogs' site or from the file's name. */
export function monthOfPlan({ monthly, dump }: Plan): string | null {
  return monthly?.month.month ?? (dump === undefined ? undefined : monthInName(dump)) ?? null;
}

/** Dump, library and profile of a run. */
export function originOf(plan: Plan): CacheOrigin {
  const { monthly, dump, options } = plan;
  const albums =
    options.libraryDb === undefined
      ? undefined
      : readLibrary(options.libraryDb, readingOf(options));
  return {
    month: monthOfPlan(plan),
    dump: dump === undefined ? null : basename(dump),
    checksum: monthly?.sha256.releases ?? null,
    library: albums === undefined ? null : libraryFingerprint(albums),
    libraryAlbums: albums?.length ?? null,
    profile: plan.profile,
  };
}
