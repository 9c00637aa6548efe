/** What a publication changes, for log, closing table and report. */
import { shrinkWarning, type CacheChanges } from '@wxyc/cache';
import { formatCount } from '@wxyc/cli';
import { buildSchema, publishedSchema } from '@wxyc/dataset';
import { lostAlbums, type LostAlbum } from '@wxyc/decisions';
import { readMatchBasis } from '@wxyc/library';
import { publish, type PublishResult } from '@wxyc/schema';
import type { StepResult } from '@wxyc/step';
import { matchFilesOf } from './match-files.js';
import type { RunEnvironment } from './run-environment.js';

export interface ReportedChanges extends CacheChanges {
  /** Library albums that had a release in the previous cache and have none now. */
  lostAlbums: LostAlbum[];
  /** A sentence if noticeably fewer releases are left. */
  warning?: string;
}

type ComparedPublication = PublishResult & { lostAlbums?: LostAlbum[] };

/** Longest list in the closing text and the log; the report has everything. */
const namedAlbums = 20;

/** Publishes the build, after finding out which albums of the library would lose their last release. */
export async function publishCompared(
  run: RunEnvironment,
  options: Parameters<typeof publish>[0],
): Promise<ComparedPublication> {
  const { plan, url, lock, context } = run;
  const files = matchFilesOf(plan);
  // In copy mode the source holds more than the library's releases.
  const lost =
    plan.mode === 'prune' && files.libraryDb !== undefined
      ? await lostAlbums(
          {
            databaseUrl: url,
            before: publishedSchema,
            after: buildSchema,
            basis: await readMatchBasis({ ...files, libraryDb: files.libraryDb }),
            applicationName: lock.applicationName('wxyc-compare'),
          },
          context,
        )
      : [];
  if (lost.length > 0)
    context.logger.warn(
      { albums: lost.length },
      `${lost.length === 1 ? 'an album' : `${lost.length} albums`} of the library had a release and ${lost.length === 1 ? 'has' : 'have'} none now: ${albumNames(lost)}`,
    );
  const result = await publish(options, context);
  return lost.length > 0 ? { ...result, lostAlbums: lost } : result;
}

/** What the publication of a run changed; undefined for a first one. */
export function changesOf(result: StepResult | undefined): ReportedChanges | undefined {
  const published = result as
    Partial<Pick<ComparedPublication, 'changes' | 'lostAlbums'>> | undefined;
  if (!published?.changes) return undefined;
  const warning = shrinkWarning(published.changes.before, published.changes.after);
  return {
    ...published.changes,
    lostAlbums: published.lostAlbums ?? [],
    ...(warning ? { warning } : {}),
  };
}

const albumNames = (albums: readonly LostAlbum[]): string =>
  albums
    .slice(0, namedAlbums)
    .map(({ artist, title }) => `${artist} – ${title}`)
    .join('; ') + (albums.length > namedAlbums ? '; …' : '');

/** The lines of the closing text. */
export function changesLines({
  before,
  after,
  added,
  gone,
  changed,
  lostAlbums: lost,
  warning,
}: ReportedChanges): string {
  const counts = `Changes: ${formatCount(before)} imported releases before, ${formatCount(after)} now; ${formatCount(added.count)} new, ${formatCount(gone.count)} gone, ${formatCount(changed.count)} changed\n`;
  const albums =
    lost.length > 0
      ? `Albums that had a release and have none now: ${formatCount(lost.length)}: ${albumNames(lost)}\n`
      : '';
  return (
    counts +
    (warning ? `WARNING: ${warning}. wxyc-schema undo brings the previous cache back\n` : '') +
    albums
  );
}
