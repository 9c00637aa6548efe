/** A search from the prompt: one connection, one question, the answers as lines. */
import { connect, databaseFailure, errorCode, type Sql } from '@wxyc/postgres';
import { StepError, stepContext, type StepContext } from '@wxyc/step';
import { searchReleases, searchTracks, type FoundRelease, type FoundTrack } from './search.js';

export interface SearchCacheOptions {
  databaseUrl: string;
  artist?: string | undefined;
  title?: string | undefined;
  track?: string | undefined;
  maxResults?: number | undefined;
  /** Lines of JSON instead of lines for people. */
  json?: boolean | undefined;
}

/**
 * Asks a published cache: for tracks if `track` is given, else for releases. Returns one line for each result.
 */
export async function searchCache(
  options: SearchCacheOptions,
  context?: Partial<StepContext>,
): Promise<string[]> {
  const { databaseUrl, json = false } = options;
  const { signal } = stepContext(context);
  const sql = await connect(databaseUrl, { applicationName: 'wxyc-search', signal, max: 1 });
  try {
    const found = await ask(sql, options);
    return found.map((result) => (json ? JSON.stringify(result) : forPeople(result)));
  } catch (error) {
    // undefined_function, invalid_schema_name, undefined_table: no cache was published here, or only one of an older version.
    if (['42883', '3F000', '42P01'].includes(errorCode(error) ?? '')) {
      throw new StepError(
        'This database has no search functions: publish a cache, or run wxyc-index on one that an earlier version published',
        { cause: error },
      );
    }
    throw databaseFailure(error, databaseUrl, 'Searching', signal);
  } finally {
    await sql.end();
  }
}

function ask(
  sql: Sql,
  { artist, title, track, maxResults }: SearchCacheOptions,
): Promise<(FoundRelease | FoundTrack)[]> {
  if (track) return searchTracks(sql as never, { track, artist }, { maxResults });
  return searchReleases(sql as never, { artist, title }, { maxResults });
}

function forPeople(found: FoundRelease | FoundTrack): string {
  const score = `${found.score.toFixed(2)} ${found.matched.padEnd(7)}`;
  if ('track' in found)
    return `${score}  ${found.artist} – ${found.track}  (${[found.position, `on ${found.title}`].filter(Boolean).join(' ')}, release ${found.releaseId})`;
  return `${score}  ${found.artist} – ${found.title}  (${[found.releaseYear, `release ${found.releaseId}`].filter(Boolean).join(', ')})`;
}
