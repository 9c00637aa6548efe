// wxyc-schema
import { cacheStatus, createSchema, publish, undoPublication } from '@wxyc/cache';
import {
  databaseOptions,
  databasePositional,
  databaseUrlOf,
  databaseUrlOption,
  defineCommand,
  out,
  profileOption,
  publicationOf,
  publicationOptions,
  type Program,
} from '@wxyc/cli';
import { buildSchema, previousSchema, publishedSchema } from '@wxyc/dataset';
import { withDatabase, withExistingDatabase } from '@wxyc/postgres';
import { checkSchema, ContractBroken } from './check.js';
import { statusText } from './status-text.js';

const create = defineCommand({
  command: ['create [database_url]', '$0'],
  describe: 'Create what is missing: schema, extensions, functions, tables',
  options: (y) =>
    profileOption(
      databaseOptions(databasePositional(y)),
      'Which tables [default: as published, else lean]',
    ),
  run: (args, context) =>
    withDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      createSchema(
        { databaseUrl, schema: args.schema, profile: args.profile, runId: context.runId },
        context,
      ),
    ),
});

const check = defineCommand({
  command: 'check [database_url]',
  describe: 'Compare the tables with the contract; exit 5 if they differ',
  options: (y) => databaseOptions(databasePositional(y)),
  run: async (args, context) => {
    try {
      return await withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
        checkSchema({ databaseUrl, schema: args.schema }, context),
      );
    } catch (error) {
      if (error instanceof ContractBroken)
        out(error.differences.map((difference) => `${difference}\n`).join(''));
      throw error;
    }
  },
});

const publishCommand = defineCommand({
  command: 'publish [database_url]',
  describe: `Replace the cache in ${publishedSchema} with a finished build`,
  options: (y) =>
    // A build is not in public: the shared default would be wrong here.
    profileOption(
      publicationOptions(
        databaseOptions(databasePositional(y)).default('schema', buildSchema, 'discogs_next'),
      ),
      'Publish a build with this profile over a cache with another',
    ),
  run: (args, context) =>
    withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      publish(
        { databaseUrl, schema: args.schema, profile: args.profile, ...publicationOf(args) },
        context,
      ),
    ),
});

const undo = defineCommand({
  command: 'undo [database_url]',
  describe: `Swap the published cache with the previous one, which is kept in ${previousSchema}`,
  options: (y) => databaseUrlOption(databasePositional(y)),
  run: (args, context) =>
    withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      undoPublication({ databaseUrl }, context),
    ),
});

const status = defineCommand({
  command: 'status [database_url]',
  describe:
    'Show the published cache, the one that undo would bring back, any unfinished build, and who is at work',
  options: (y) =>
    databaseUrlOption(databasePositional(y)).option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print one JSON object',
    }),
  run: async (args, context) => {
    const found = await withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      cacheStatus({ databaseUrl }, context),
    );
    out(args.json ? `${JSON.stringify(found)}\n` : statusText(found));
  },
});

export const program: Program = {
  name: 'wxyc-schema',
  describe:
    'Creates the tables of a cache, checks them, publishes a finished build, and can undo that.',
  packageUrl: import.meta.url,
  examples: [
    [
      '$0 create postgresql:///discogs --schema discogs_next',
      'Start a build beside the published cache',
    ],
    ['$0 publish postgresql:///discogs', 'Replace the published cache with it'],
    ['$0 undo postgresql:///discogs', 'Bring back the previous cache'],
  ],
  commands: [create, check, publishCommand, undo, status],
};
