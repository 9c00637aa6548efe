// wxyc-schema
import { createSchema, publish } from '@wxyc/cache';
import { databaseOptions, databasePositional, databaseUrlOf, defineCommand, type Program } from '@wxyc/cli';
import { buildSchema, publishedSchema } from '@wxyc/dataset';
import { withDatabase } from '@wxyc/postgres';
import { checkSchema } from './check.js';

const create = defineCommand({
  command: ['create [database_url]', '$0'],
  describe: 'Create what is missing: schema, extensions, function, tables',
  options: (y) => databaseOptions(databasePositional(y)),
  run: (args, context) => withDatabase(databaseUrlOf(args), context, (databaseUrl) => createSchema({ databaseUrl, schema: args.schema, runId: context.runId }, context)),
});

const check = defineCommand({
  command: 'check [database_url]',
  describe: 'Compare a schema with the contract; exit 5 if it differs',
  options: (y) => databaseOptions(databasePositional(y)),
  run: (args, context) => withDatabase(databaseUrlOf(args), context, (databaseUrl) => checkSchema({ databaseUrl, schema: args.schema }, context)),
});

const publishCommand = defineCommand({
  command: 'publish [database_url]',
  describe: `Replace the cache in ${publishedSchema} by a finished build`,
  options: (y) =>
    databaseOptions(databasePositional(y))
      // A build is not in public: the shared default would be wrong here.
      .default('schema', buildSchema, 'discogs_next')
      .option('allow-shrink', { type: 'boolean', default: false, describe: 'Publish even if fewer than half of the old releases are left' })
      .option('keep-previous', { type: 'boolean', default: true, describe: 'Keep the replaced cache in discogs_previous' })
      .option('allow-older', { type: 'boolean', default: false, describe: 'Publish even if the published cache is of a newer month' }),
  run: (args, context) =>
    withDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      publish({ databaseUrl, schema: args.schema, allowShrink: args.allowShrink, allowOlder: args.allowOlder, keepPrevious: args.keepPrevious, runId: context.runId }, context),
    ),
});

export const program: Program = {
  name: 'wxyc-schema',
  describe: 'Creates the tables of a cache, checks them against the contract, and publishes a build.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 create postgresql:///discogs --schema discogs_next', 'Begin a build beside the published cache'],
    ['$0 publish postgresql:///discogs', 'Let it replace the published cache'],
  ],
  commands: [create, check, publishCommand],
};
