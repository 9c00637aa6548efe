/** Options that several bins share, declared once: same name, same words, same default everywhere. */
import { UsageError } from '@wxyc/step';
import type { Argv } from 'yargs';

/** Where a database is looked for by default. */
const defaultDatabaseUrl = 'postgresql://localhost:5432/discogs';

// The results of `options({…})` are declared by hand and cast: the names yargs would give them are not exported to modules,
// and everything after them would be `any`.

/** Only `--database-url`, for commands that read the published cache. */
export const databaseUrlOption = <T>(
  y: Argv<T>,
): Argv<T & { 'database-url': string | undefined }> =>
  y.option('database-url', {
    type: 'string',
    requiresArg: true,
    group: 'Database:',
    describe: `postgresql://… or embedded:DIR [default: $DATABASE_URL, then ${defaultDatabaseUrl}]`,
  }) as never;

/** `--database-url` and `--schema`. A positional `[database_url]` is declared by the command string. */
export const databaseOptions = <T>(
  y: Argv<T>,
): Argv<T & { 'database-url': string | undefined; schema: string }> =>
  databaseUrlOption(y).option('schema', {
    type: 'string',
    requiresArg: true,
    default: 'public',
    group: 'Database:',
    describe: 'Schema that holds the tables',
  }) as never;

/** `--gentle`, for steps that load a server. */
export const gentleOption = <T>(y: Argv<T>): Argv<T & { gentle: boolean | undefined }> =>
  y.option('gentle', {
    type: 'boolean',
    group: 'Database:',
    describe: 'Spare the server: one process, 64 MB, COPY at 16 MB/s; slower',
  }) as never;

/** Describes the positional `[database_url]` for commands that take one. */
export const databasePositional = <T>(y: Argv<T>) =>
  y.positional('database_url', { type: 'string', describe: 'Same as --database-url' });

/**
 * The database a call means: the positional, `--database-url`, the environment's DATABASE_URL, the default.
 *
 * @throws UsageError if positional and flag differ.
 */
export function databaseUrlOf(
  args: { database_url?: string | undefined; databaseUrl?: string | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (
    args.database_url !== undefined &&
    args.databaseUrl !== undefined &&
    args.database_url !== args.databaseUrl
  ) {
    throw new UsageError(
      'The database is given twice, as an argument and with --database-url, and the two differ; give one of them.',
    );
  }
  return (
    args.database_url ?? args.databaseUrl ?? (environment['DATABASE_URL'] || defaultDatabaseUrl)
  );
}

/** `--profile`: which tables and columns. Without it, whatever the database records, or the step's default. */
export const profileOption = <T>(
  y: Argv<T>,
  describe: string,
): Argv<T & { profile: 'lean' | 'full' | undefined }> =>
  y.option('profile', {
    type: 'string',
    requiresArg: true,
    choices: ['lean', 'full'] as const,
    group: 'Database:',
    describe,
  }) as never;

/** `--library-artists`. */
export const artistsOption = <T>(y: Argv<T>) =>
  y.option('library-artists', {
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'Text file of artists whose releases pass the filter, one per line',
  });

/** What a library may be; the argument of some bins, the option of others. */
export const libraryFile = 'Library: SQLite, CSV, Discogs export, XML';

/** `--library-columns` and `--library-encoding`, for files that do not show it themselves. */
export const libraryReadingOptions = <T>(y: Argv<T>) =>
  y
    .option('library-columns', {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: 'Columns of a CSV library: artist=Interpret,title=Album',
      coerce: namedColumns,
    })
    .option('library-encoding', {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: 'Encoding of a CSV library, if not UTF-8: windows-1252',
    });

function namedColumns(value: string | undefined): Record<string, string> | undefined {
  // If it is given twice or negated, it is not a text, which is reported later, as for every flag.
  if (typeof value !== 'string') return value;
  const pairs = value.split(',').map((pair) => /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(pair));
  if (pairs.some((pair) => pair === null))
    throw new UsageError('--library-columns takes pairs such as artist=Interpret,title=Album.');
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
}

/** `--library-db`, also `--library`. */
export const libraryDbOption = <T>(y: Argv<T>) =>
  y.option('library-db', {
    alias: 'library',
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'Library: SQLite, CSV, Discogs export, XML; also --library',
  });

/** What `matchingOptions` adds; the names are those of `MatchFiles` in `@wxyc/matching`, so that they can be handed on with `matchFilesOf`. */
export interface MatchingArguments {
  'mappings-file': string | undefined;
  'score-cutoff': number | undefined;
  alternates: string | undefined;
  'keep-ids': string | undefined;
  aliases: string | undefined;
  'library-columns': Record<string, string> | undefined;
  'library-encoding': string | undefined;
}

/** `--mappings-file`, `--score-cutoff`, `--alternates`, `--keep-ids`, `--aliases`, `--library-columns` and `--library-encoding`: what decisions depend on besides the library's file. */
export const matchingOptions = <T>(y: Argv<T>): Argv<T & MatchingArguments> =>
  libraryReadingOptions(y).options({
    'mappings-file': {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: 'JSON file of artists that you want kept or pruned',
    },
    'score-cutoff': {
      type: 'number',
      requiresArg: true,
      group: 'Library:',
      describe: 'Title score to keep (in doubt from 0.80) [default: 0.9]',
      coerce: (value: number | undefined) => {
        if (typeof value === 'number' && !(value >= 0 && value <= 1))
          throw new UsageError('--score-cutoff takes a number from 0 to 1, such as 0.9.');
        return value;
      },
    },
    alternates: {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: 'CSV file artist,name: other names of library artists',
    },
    'keep-ids': {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: 'Text file of release ids to keep in any case, one per line',
    },
    aliases: {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: 'CSV file artist_id,name: other names of Discogs artists',
    },
  }) as never;

/** `--library-db` and {@link matchingOptions}: all that a decision about a release depends on. */
export const libraryOptions = <T>(y: Argv<T>) => matchingOptions(libraryDbOption(y));

/** `--decisions`. */
export const decisionsOption = <T>(y: Argv<T>) =>
  y.option('decisions', {
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'CSV file to write: decisions on releases near an album',
  });

/** `--coverage`. */
export const coverageOption = <T>(y: Argv<T>) =>
  y.option('coverage', {
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'CSV file to write: every library album, found or not',
  });

/** Values of the options that decisions depend on. */
export interface MatchingValues {
  libraryDb?: string | undefined;
  libraryArtists?: string | undefined;
  mappingsFile?: string | undefined;
  scoreCutoff?: number | undefined;
  alternates?: string | undefined;
  keepIds?: string | undefined;
  aliases?: string | undefined;
  libraryColumns?: Record<string, string> | undefined;
  libraryEncoding?: string | undefined;
}

/** What decisions depend on, of a call's arguments; its keys are those of `MatchFiles` in `@wxyc/matching`. */
export const matchFilesOf = (args: MatchingValues): MatchingValues => ({
  libraryDb: args.libraryDb,
  libraryArtists: args.libraryArtists,
  mappingsFile: args.mappingsFile,
  scoreCutoff: args.scoreCutoff,
  alternates: args.alternates,
  keepIds: args.keepIds,
  aliases: args.aliases,
  libraryColumns: args.libraryColumns,
  libraryEncoding: args.libraryEncoding,
});

/** Flags that say something about a library. */
const librarySays = {
  mappingsFile: '--mappings-file',
  scoreCutoff: '--score-cutoff',
  alternates: '--alternates',
  keepIds: '--keep-ids',
  aliases: '--aliases',
  libraryColumns: '--library-columns',
  libraryEncoding: '--library-encoding',
  labels: '--labels',
  decisions: '--decisions',
  coverage: '--coverage',
  matchedOnly: '--matched-only',
} as const;

/**
 * Refuses options that would do nothing because no library is given.
 *
 * @param except Options that work without a library.
 * @throws UsageError naming the first of them.
 */
export function requireLibrary(
  args: Partial<Record<keyof typeof librarySays, unknown>> & { libraryDb?: string | undefined },
  except: readonly (keyof typeof librarySays)[] = [],
): void {
  if (args.libraryDb !== undefined) return;
  for (const [name, flag] of Object.entries(librarySays) as [keyof typeof librarySays, string][]) {
    const value = args[name];
    if (value !== undefined && value !== false && !except.includes(name))
      throw new UsageError(`${flag} needs --library-db.`);
  }
}

/** A `coerce` for counts: refuses anything but whole numbers from `minimum` to `maximum`. An absent value stays absent. */
export const wholeNumber =
  (flag: string, minimum = 0, maximum = Infinity) =>
  (value: number | undefined): number | undefined => {
    // Repeated and negated flags are refused by the frame, with a better sentence.
    if (typeof value !== 'number') return value;
    if (!(Number.isSafeInteger(value) && value >= minimum && value <= maximum)) {
      throw new UsageError(
        `${flag} takes a whole number${maximum === Infinity ? `, ${minimum} or more` : ` from ${minimum} to ${maximum}`}.`,
      );
    }
    return value;
  };

/** Values of {@link publicationOptions}; the names are those of `PublishOptions` in `@wxyc/cache`. */
export interface PublicationValues {
  allowShrink?: boolean | undefined;
  maxShrink?: number | undefined;
  allowOlder?: boolean | undefined;
  keepPrevious?: boolean | undefined;
}

export interface PublicationArguments {
  'allow-shrink': boolean | undefined;
  'max-shrink': number | undefined;
  'allow-older': boolean | undefined;
  'keep-previous': boolean | undefined;
}

/** `--max-shrink`, `--allow-shrink`, `--allow-older` and `--keep-previous`: what a publication may do to the cache that it replaces. */
export const publicationOptions = <T>(y: Argv<T>): Argv<T & PublicationArguments> =>
  y.options({
    'max-shrink': {
      type: 'number',
      requiresArg: true,
      group: 'Publication:',
      describe:
        'Refuse to publish if more than this percentage of the releases would be lost [default: 50]',
      coerce: (value: number | undefined) => {
        if (typeof value === 'number' && !(value >= 0 && value <= 100))
          throw new UsageError('--max-shrink takes a number from 0 to 100, such as 50.');
        return value;
      },
    },
    'allow-shrink': {
      type: 'boolean',
      group: 'Publication:',
      describe: 'The same as --max-shrink 100',
    },
    'allow-older': {
      type: 'boolean',
      group: 'Publication:',
      describe: 'Publish even over a cache from a newer month',
    },
    'keep-previous': {
      type: 'boolean',
      group: 'Publication:',
      describe:
        'Keep the replaced cache in discogs_previous, for wxyc-schema undo; --no-keep-previous drops it [default: true]',
    },
  }) as never;

/**
 * The values of {@link publicationOptions} that were given.
 *
 * @throws UsageError for two flags that contradict each other.
 */
export function publicationOf({
  allowShrink,
  maxShrink,
  allowOlder,
  keepPrevious,
}: PublicationValues): PublicationValues {
  if (allowShrink && maxShrink !== undefined && maxShrink !== 100)
    throw new UsageError(
      `--allow-shrink means --max-shrink 100, but --max-shrink ${maxShrink} is given too; give one of them.`,
    );
  return { allowShrink, maxShrink, allowOlder, keepPrevious };
}
