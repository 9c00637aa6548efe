// wxyc-dedup
import {
  artistsOption,
  databaseOptions,
  databasePositional,
  databaseUrlOf,
  defineCommand,
  gentleOption,
  libraryOptions,
  matchFilesOf,
  requireLibrary,
  type Program,
} from '@wxyc/cli';
import { withExistingDatabase } from '@wxyc/postgres';
import { dedup } from './dedup.js';

const command = defineCommand({
  command: '$0 [database_url]',
  describe: 'Keep one pressing of each master',
  options: (y) =>
    artistsOption(libraryOptions(gentleOption(databaseOptions(databasePositional(y)))))
      .option('prefer-country', {
        type: 'string',
        requiresArg: true,
        default: 'US',
        describe: 'Country whose pressings are preferred, as Discogs spells it',
      })
      .option('labels', {
        type: 'string',
        requiresArg: true,
        group: 'Library:',
        describe: "CSV file name,parent_name: convert's label.csv",
      }),
  run: async (args, context) => {
    requireLibrary(args);
    return withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      dedup(
        {
          ...matchFilesOf(args),
          databaseUrl,
          schema: args.schema,
          preferCountry: args.preferCountry,
          labels: args.labels,
          gentle: args.gentle,
        },
        context,
      ),
    );
  },
});

export const program: Program = {
  name: 'wxyc-dedup',
  describe:
    'Keeps one pressing of each master, or one for each of its albums that the library owns: the best match first, then by country and number of tracks.',
  packageUrl: import.meta.url,
  examples: [
    [
      '$0 postgresql:///discogs --schema discogs_next --library-db library.db',
      'Never lose an owned pressing',
    ],
    ['$0', 'Without a library'],
  ],
  commands: [command],
};
