// wxyc-dedup
import { databaseOptions, databasePositional, databaseUrlOf, defineCommand, libraryOptions, type Program } from '@wxyc/cli';
import { withDatabase } from '@wxyc/postgres';
import { dedup } from './dedup.js';

const command = defineCommand({
  command: '$0 [database_url]',
  describe: 'Keep one pressing of each master',
  options: (y) => libraryOptions(databaseOptions(databasePositional(y))),
  run: (args, context) =>
    withDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      dedup({ databaseUrl, schema: args.schema, libraryDb: args.libraryDb, mappingsFile: args.mappingsFile, scoreCutoff: args.scoreCutoff }, context),
    ),
});

export const program: Program = {
  name: 'wxyc-dedup',
  describe: 'Keeps one pressing of each master: what the library owns first, then US, then the most tracks.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 postgresql:///discogs --schema discogs_next --library-db library.db', 'Never lose an owned pressing'],
    ['$0', 'Without a library'],
  ],
  commands: [command],
};
