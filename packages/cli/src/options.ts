/** Options that several bins share, declared once: same name, same words, same default everywhere. */
import { UsageError } from '@wxyc/step';
import type { Argv } from 'yargs';

/** Where a database is looked for when nothing else is said. */
export const defaultDatabaseUrl = 'postgresql://localhost:5432/discogs';

// The results of `options({…})` are declared by hand and cast: the names yargs would give them are not exported to modules,
// and everything behind would be `any`.

/** `--database-url` alone, for commands that read the published cache. */
export const databaseUrlOption = <T>(y: Argv<T>): Argv<T & { 'database-url': string | undefined }> =>
  y.option('database-url', {
    type: 'string',
    requiresArg: true,
    group: 'Database:',
    describe: `postgresql://… or embedded:DIR [default: $DATABASE_URL, then ${defaultDatabaseUrl}]`,
  }) as never;

/** `--database-url` and `--schema`. A positional `[database_url]` is declared by the command string. */
export const databaseOptions = <T>(y: Argv<T>): Argv<T & { 'database-url': string | undefined; schema: string }> =>
  databaseUrlOption(y).option('schema', { type: 'string', requiresArg: true, default: 'public', group: 'Database:', describe: 'Schema that holds the tables' }) as never;

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
  if (args.database_url !== undefined && args.databaseUrl !== undefined && args.database_url !== args.databaseUrl) {
    throw new UsageError('The database is given twice, as an argument and by --database-url, and they differ; give one of them.');
  }
  return args.database_url ?? args.databaseUrl ?? (environment['DATABASE_URL'] || defaultDatabaseUrl);
}

/** `--library-artists`. */
export const artistsOption = <T>(y: Argv<T>) =>
  y.option('library-artists', {
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'Text file with the artists to keep, one a line',
  });

/** `--library-db`. */
export const libraryDbOption = <T>(y: Argv<T>) =>
  y.option('library-db', {
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'SQLite file with the table library (artist, title)',
  });

/** `--mappings-file` and `--score-cutoff`. */
export const matchingOptions = <T>(y: Argv<T>): Argv<T & { 'mappings-file': string | undefined; 'score-cutoff': number }> =>
  y.options({
    'mappings-file': {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: 'JSON file with the artists that a person has decided on',
    },
    'score-cutoff': {
      type: 'number',
      requiresArg: true,
      default: 0.75,
      group: 'Library:',
      describe: 'Score from which a release is kept, 0 to 1',
      coerce: (value: number) => {
        if (typeof value === 'number' && !(value >= 0 && value <= 1)) throw new UsageError('--score-cutoff takes a number from 0 to 1, such as 0.75.');
        return value;
      },
    },
  }) as never;

/** `--library-db`, `--mappings-file` and `--score-cutoff`: all that a decision about a release depends on. */
export const libraryOptions = <T>(y: Argv<T>) => matchingOptions(libraryDbOption(y));

/** `--decisions`. */
export const decisionsOption = <T>(y: Argv<T>) =>
  y.option('decisions', {
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'CSV file to write: every release, its decision and why',
  });

/** A `coerce` for counts: refuses anything but whole numbers from `minimum` on. Absent stays absent. */
export const wholeNumber =
  (flag: string, minimum = 0) =>
  (value: number | undefined): number | undefined => {
    // Repeated and negated flags are refused by the frame, with a better sentence.
    if (typeof value !== 'number') return value;
    if (!(Number.isSafeInteger(value) && value >= minimum)) {
      throw new UsageError(`${flag} takes a whole number from ${minimum} on.`);
    }
    return value;
  };
