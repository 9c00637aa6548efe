// wxyc-artwork
import {
  databaseOptions,
  databasePositional,
  databaseUrlOf,
  defineCommand,
  formatCount,
  libraryOptions,
  matchFilesOf,
  out,
  requireLibrary,
  wholeNumber,
  type Program,
} from '@wxyc/cli';
import { withExistingDatabase } from '@wxyc/postgres';
import { formatSeconds } from '@wxyc/step';
import { defaultApi } from './discogs-api.js';
import { parseDuration } from './duration.js';
import { fillArtwork, surveyArtwork, type ArtworkSurvey } from './fill-artwork.js';
import { longestDays } from './lacking.js';

const command = defineCommand({
  command: '$0 [database_url]',
  describe: 'Fill in artwork URLs, which dumps do not contain; needs a token in DISCOGS_TOKEN',
  options: (y) =>
    databaseOptions(libraryOptions(databasePositional(y))).options({
      limit: {
        type: 'number',
        requiresArg: true,
        coerce: wholeNumber('--limit', 1),
        describe: 'Look up at most this many releases',
      },
      for: {
        type: 'string',
        requiresArg: true,
        describe: 'Stop after this time, such as 8h or 90m',
      },
      rate: {
        type: 'number',
        requiresArg: true,
        default: 60,
        coerce: wholeNumber('--rate', 1),
        describe: 'At most this many requests per minute; the API may allow fewer',
      },
      'again-after': {
        type: 'number',
        requiresArg: true,
        default: 180,
        coerce: wholeNumber('--again-after', 0, longestDays),
        describe: 'Look up releases without an image again after this many days',
      },
      'dry-run': {
        type: 'boolean',
        describe:
          'Show how many releases lack artwork and how long filling it in takes; change nothing',
      },
      'base-url': {
        type: 'string',
        requiresArg: true,
        describe: `URL of the API [default: $DISCOGS_API_URL, then ${defaultApi}]`,
      },
    }),
  run: (args, context) => {
    requireLibrary(args);
    const seconds = args.for === undefined ? undefined : parseDuration(args.for, '--for');
    return withExistingDatabase(databaseUrlOf(args), context, async (databaseUrl) => {
      const options = {
        databaseUrl,
        schema: args.schema,
        token: process.env['DISCOGS_TOKEN']?.trim(),
        limit: args.limit,
        seconds,
        rate: args.rate,
        againAfterDays: args.againAfter,
        ...matchFilesOf(args),
        baseUrl: args.baseUrl ?? (process.env['DISCOGS_API_URL'] || undefined),
      };
      if (args.dryRun)
        return out(
          surveyText(
            await surveyArtwork(options, context),
            args.libraryDb !== undefined,
            args.rate ?? 60,
          ),
        );
      if (args.libraryDb === undefined)
        context.logger.info(
          'without --library-db it is not known which releases are owned, so the newest come first',
        );
      return fillArtwork(options, context);
    });
  },
});

function surveyText(
  { releases, withArtwork, known, lacking, keep, seconds }: ArtworkSurvey,
  decided: boolean,
  rate: number,
): string {
  const lines = [
    `${formatCount(releases)} releases: ${formatCount(withArtwork)} have artwork, ${formatCount(known)} are known to have no image, ${formatCount(lacking)} are still to be looked up${decided ? `, ${formatCount(keep)} of them certainly owned` : ''}.`,
    lacking === 0
      ? 'There is nothing left to do.'
      : `At ${rate} a minute, that takes ${formatSeconds(seconds)}.`,
  ];
  return `${lines.join('\n')}\nNothing was done.\n`;
}

export const program: Program = {
  name: 'wxyc-artwork',
  describe:
    'Fills in artwork URLs from the Discogs API: owned releases first, then the newest. It may be stopped and run again at any time.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 postgresql:///discogs --library-db library.db --for 8h', 'One night'],
    ['$0 postgresql:///discogs --dry-run', 'How many, and how long'],
  ],
  commands: [command],
};
