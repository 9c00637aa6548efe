// wxyc-dedup
import { artistsOption, databaseOptions, databasePositional, databaseUrlOf, defineCommand, libraryOptions, matchFilesOf, requireLibrary, type Program } from '@wxyc/cli';
import { withDatabase } from '@wxyc/postgres';
import { dedup } from './dedup.js';

const command = defineCommand({
  command: '$0 [database_url]',
  describe: 'Keep one pressing of each master',
  options: (y) =>
    artistsOption(libraryOptions(databaseOptions(databasePositional(y)))).option('prefer-country', {
      type: 'string',
      requiresArg: true,
      default: 'US',
      describe: "Country whose pressings come first, in Discogs' spelling",
    }).option('labels', {
      type: 'string',
      requiresArg: true,
      group: 'Library:',
      describe: "CSV file name,parent_name: convert's label.csv",
    }),
  run: async (args, context) => {
    requireLibrary(args);
    return withDatabase(databaseUrlOf(args), context, (databaseUrl) => dedup({ ...matchFilesOf(args), databaseUrl, schema: args.schema, preferCountry: args.preferCountry, labels: args.labels }, context));
  },
});

export const program: Program = {
  name: 'wxyc-dedup',
  describe: 'Keeps one pressing of each master, or of each album of the library under it: the one that matches best, then by country and tracks.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 postgresql:///discogs --schema discogs_next --library-db library.db', 'Never lose an owned pressing'],
    ['$0', 'Without a library'],
  ],
  commands: [command],
};
