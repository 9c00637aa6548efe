// wxyc-index
import {
  databaseOptions,
  databasePositional,
  databaseUrlOf,
  defineCommand,
  gentleOption,
  profileOption,
  wholeNumber,
  type Program,
} from '@wxyc/cli';
import { withExistingDatabase } from '@wxyc/postgres';
import { buildIndexes } from './build.js';

const command = defineCommand({
  command: '$0 [database_url]',
  describe: 'Build the missing indexes, keys and foreign keys',
  options: (y) =>
    profileOption(
      gentleOption(databaseOptions(databasePositional(y))),
      'Refuse tables of another profile',
    )
      .option('concurrently', {
        type: 'boolean',
        default: false,
        describe: 'Let consumers write while the indexes are built (slower)',
      })
      .option('jobs', {
        type: 'number',
        requiresArg: true,
        describe: 'Indexes built at the same time [default: processors, 2 to 8; 1 with --gentle]',
        coerce: wholeNumber('--jobs', 1),
      }),
  run: (args, context) =>
    withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      buildIndexes(
        {
          databaseUrl,
          schema: args.schema,
          profile: args.profile,
          concurrently: args.concurrently,
          jobs: args.jobs,
          gentle: args.gentle,
        },
        context,
      ),
    ),
});

export const program: Program = {
  name: 'wxyc-index',
  describe: 'Builds trigram and b-tree indexes, keys and foreign keys, in parallel.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 postgresql:///discogs --schema discogs_next', 'After the import'],
    ['$0 --concurrently', 'On the published cache, with consumers at work'],
  ],
  commands: [command],
};
