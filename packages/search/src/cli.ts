// wxyc-search
import {
  databaseUrlOf,
  databaseUrlOption,
  defineCommand,
  out,
  wholeNumber,
  type Program,
} from '@wxyc/cli';
import { withExistingDatabase } from '@wxyc/postgres';
import { UsageError } from '@wxyc/step';
import { searchCache } from './ask.js';
import { mostResults } from './search.js';

const command = defineCommand({
  command: '$0 [artist] [title]',
  describe: 'Search a published cache',
  mayBeEmpty: ['artist', 'title'],
  options: (y) =>
    databaseUrlOption(
      y
        .positional('artist', { type: 'string', describe: 'Artist; "" for any' })
        .positional('title', {
          type: 'string',
          describe: "Title of an album; without it, the artist's releases",
        }),
    )
      .option('track', {
        type: 'string',
        requiresArg: true,
        describe: 'Search for a track instead of an album',
      })
      .option('max-results', {
        type: 'number',
        default: 10,
        requiresArg: true,
        describe: 'How many results, at most 1,000',
        coerce: wholeNumber('--max-results', 1, mostResults),
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print one JSON object per line',
      }),
  run: async (args, context) => {
    if (!args.artist && !args.title && !args.track)
      throw new UsageError(
        'Nothing to search for: give an artist, a title (wxyc-search "" "TITLE") or --track',
      );
    if (args.title && args.track)
      throw new UsageError(
        'A title and --track cannot be used together: --track searches by track and artist',
      );
    const question = {
      artist: args.artist,
      title: args.title,
      track: args.track,
      maxResults: args.maxResults,
    };
    const lines = await withExistingDatabase(databaseUrlOf(args), context, (databaseUrl) =>
      searchCache({ databaseUrl, ...question, json: args.json }, context),
    );
    if (lines.length === 0) context.logger.info('nothing found');
    for (const line of lines) out(`${line}\n`);
  },
});

export const program: Program = {
  name: 'wxyc-search',
  describe: 'Searches a published cache as its consumers do: exact, then loose, then similar.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 bjork homogenik', 'An album, mistyped'],
    ['$0 "" "aerial ballet"', 'By title alone'],
    ['$0 bjork --track hunter --json', 'A track, as JSON lines'],
  ],
  commands: [command],
};
