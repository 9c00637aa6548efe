// wxyc-import
import {
  databaseOptions,
  databasePositional,
  databaseUrlOf,
  defineCommand,
  gentleOption,
  profileOption,
  type Program,
} from '@wxyc/cli';
import { withExistingDatabase } from '@wxyc/postgres';
import { importCsv } from './import.js';

const command = defineCommand({
  command: '$0 <csv_dir> [database_url]',
  describe: 'Load the CSV files of releases, replacing what the tables hold',
  options: (y) =>
    profileOption(
      gentleOption(
        databaseOptions(
          databasePositional(
            y.positional('csv_dir', {
              type: 'string',
              demandOption: true,
              describe:
                'Directory with release.csv and the files that belong to it, or a corrected rejects.csv',
            }),
          ),
        ),
      ),
      'Refuse tables of another profile',
    )
      .option('base-only', {
        type: 'boolean',
        describe: 'Load everything but the tracks; only count those, for dedup',
        conflicts: ['tracks-only', 'artists-only'],
      })
      .option('tracks-only', {
        type: 'boolean',
        describe:
          'Load the rest for the releases in the database: tracks; in full also genres, videos and more',
        conflicts: 'artists-only',
      })
      .option('artists-only', {
        type: 'boolean',
        describe: 'Load the artists and masters that the releases in the database name (full)',
      })
      .option('rejects', {
        type: 'string',
        requiresArg: true,
        describe: 'File for rows that cannot be loaded [default: rejects.csv in the CSV directory]',
      }),
  run: (args, context) =>
    withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      importCsv(
        {
          csvDir: args.csv_dir,
          databaseUrl,
          schema: args.schema,
          mode: args.baseOnly
            ? 'base'
            : args.tracksOnly
              ? 'tracks'
              : args.artistsOnly
                ? 'artists'
                : 'all',
          profile: args.profile,
          rejectsFile: args.rejects,
          gentle: args.gentle,
        },
        context,
      ),
    ),
});

export const program: Program = {
  name: 'wxyc-import',
  describe:
    'Loads the CSV files of releases into PostgreSQL, one row per key, in any layout that discogs-xml2db wrote.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 filtered postgresql:///discogs --schema discogs_next', 'Load everything'],
    ['$0 filtered --base-only', 'Load what dedup needs; --tracks-only later'],
  ],
  commands: [command],
};
