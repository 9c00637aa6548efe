// wxyc-vacuum
import {
  databaseOptions,
  databasePositional,
  databaseUrlOf,
  defineCommand,
  gentleOption,
  type Program,
} from '@wxyc/cli';
import { withExistingDatabase } from '@wxyc/postgres';
import { vacuum } from './vacuum.js';

const command = defineCommand({
  command: '$0 [database_url]',
  describe: 'Reclaim space and refresh statistics',
  options: (y) => gentleOption(databaseOptions(databasePositional(y))),
  run: (args, context) =>
    withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      vacuum({ databaseUrl, schema: args.schema, gentle: args.gentle }, context),
    ),
});

export const program: Program = {
  name: 'wxyc-vacuum',
  describe:
    'Reclaims the space of removed rows and refreshes statistics. A table is rewritten only if that frees space.',
  packageUrl: import.meta.url,
  examples: [['$0 postgresql:///discogs --schema discogs_next', 'At the end of a build']],
  commands: [command],
};
