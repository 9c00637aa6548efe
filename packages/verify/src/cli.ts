/** `wxyc-verify`: dry run, prune or copy; `explain`; `review`. */

import {
  artistsOption,
  coverageOption,
  databaseOptions,
  databasePositional,
  databaseUrlOf,
  decisionsOption,
  defineCommand,
  gentleOption,
  libraryFile,
  matchFilesOf,
  matchingOptions,
  out,
  profileOption,
  publicationOf,
  publicationOptions,
  type Argv,
  type Program,
} from '@wxyc/cli';
import { withDatabase, withExistingDatabase } from '@wxyc/postgres';
import { UsageError } from '@wxyc/step';
import { copyTo } from './copy.js';
import { explainAlbum } from './explain-album.js';
import { explain } from './explain.js';
import { albumExplanationText, explanationText } from './explanation-text.js';
import { prune } from './prune.js';
import { reportText } from './report-text.js';
import { review } from './review.js';
import { terminalQuestions } from './terminal.js';
import { verify } from './verify.js';

const libraryPositional = <T>(y: Argv<T>) =>
  y.positional('library_db', { type: 'string', demandOption: true, describe: libraryFile });

/** What decisions depend on: all options but the library itself, which is an argument here. */
const evidenceOptions = <T>(y: Argv<T>) => artistsOption(matchingOptions(databaseOptions(y)));

const decisionsInput = <T>(y: Argv<T>) =>
  y.option('decisions', {
    type: 'string',
    requiresArg: true,
    group: 'Library:',
    describe: 'Decisions file of an earlier run, for releases that are no longer in the database',
  });

const verifyCommand = defineCommand({
  command: '$0 <library_db> [database_url]',
  describe: 'Decide on each release, then report, prune or copy',
  options: (y) =>
    profileOption(
      publicationOptions(
        coverageOption(
          decisionsOption(gentleOption(evidenceOptions(databasePositional(libraryPositional(y))))),
        ),
      ),
      'With --copy-to: which tables of the source [default: all]',
    ).options({
      prune: {
        type: 'boolean',
        default: false,
        group: 'Action:',
        describe: 'Delete what the library does not own',
      },
      'copy-to': {
        type: 'string',
        requiresArg: true,
        group: 'Action:',
        describe: 'Database to copy KEEP and REVIEW releases to',
      },
    }),
  run: async (args, context) => {
    const url = databaseUrlOf(args);
    const { copyTo: targetUrl } = args;
    if (args.prune && targetUrl !== undefined)
      throw new UsageError('--prune and --copy-to cannot be used together; give one of them.');
    const publication = { ...publicationOf(args), profile: args.profile };
    const idle = Object.entries(publication).find(([, value]) => value !== undefined)?.[0];
    if (idle !== undefined && targetUrl === undefined)
      throw new UsageError(
        `--${idle.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} needs --copy-to.`,
      );
    return withExistingDatabase(url, context, async (databaseUrl) => {
      const options = {
        ...matchFilesOf(args),
        libraryDb: args.library_db,
        databaseUrl,
        schema: args.schema,
        decisions: args.decisions,
        coverage: args.coverage,
        gentle: args.gentle,
      };
      if (targetUrl !== undefined) {
        const result = await withDatabase(targetUrl, context, (target) =>
          copyTo(
            { ...options, targetUrl: target, ...publication, runId: context.runId, report: true },
            context,
          ),
        );
        out(reportText(result.report!, 'copied'));
        return result;
      }
      const result = args.prune
        ? await prune({ ...options, report: true }, context)
        : await verify(options, context);
      out(reportText(result.report!, args.prune ? 'pruned' : undefined));
      return result;
    });
  },
});

const explainCommand = defineCommand({
  command: 'explain <subject> [library_db] [database_url]',
  describe: 'Print the decision on a release or on a library album, and why',
  options: (y) =>
    decisionsInput(evidenceOptions(y))
      .positional('subject', {
        type: 'string',
        demandOption: true,
        describe: 'Discogs release id; with --album the library file',
      })
      .positional('library_db', {
        type: 'string',
        describe: 'The library; with --album the database',
      })
      .positional('database_url', { type: 'string', describe: 'Same as --database-url' })
      .option('album', {
        type: 'string',
        array: true,
        nargs: 2,
        group: 'Library:',
        describe: 'ARTIST TITLE: explain this album instead of a release',
      }),
  run: async (args, context) => {
    const words = [args.subject, args.library_db, args.database_url].filter(
      (word): word is string => word !== undefined,
    );
    const { id, album, libraryDb, url } = explainSubject(words, args.album);
    await withExistingDatabase(
      databaseUrlOf({ database_url: url, databaseUrl: args.databaseUrl }),
      context,
      async (databaseUrl) => {
        const options = {
          ...matchFilesOf(args),
          libraryDb,
          databaseUrl,
          schema: args.schema,
          decisions: args.decisions,
        };
        if (album)
          out(
            albumExplanationText(
              await explainAlbum({ ...options, artist: album[0], title: album[1] }, context),
            ),
          );
        else out(explanationText(await explain({ ...options, releaseId: id }, context)));
      },
    );
  },
});

interface ExplainSubject {
  id: number;
  album?: [artist: string, title: string];
  libraryDb: string;
  url: string | undefined;
}

/** What the arguments mean, with `--album` and without. */
function explainSubject(
  words: readonly string[],
  album: readonly string[] | undefined,
): ExplainSubject {
  if (album !== undefined) {
    if (album.length !== 2)
      throw new UsageError('--album takes two words, an artist and a title; quote each.');
    if (words.length > 2)
      throw new UsageError(
        'With --album, give no release id: only the library file and the database.',
      );
    return { id: 0, album: [album[0]!, album[1]!], libraryDb: words[0]!, url: words[1] };
  }
  // Ids in the database are integers of four bytes.
  if (!/^[1-9]\d{0,9}$/.test(words[0] ?? '') || Number(words[0]) > 0x7fffffff)
    throw new UsageError(
      'The release id is a whole number of at most 2147483647, such as 249504; --album ARTIST TITLE explains an album.',
    );
  if (words[1] === undefined) throw new UsageError('Give the library file after the release id.');
  return { id: Number(words[0]), libraryDb: words[1], url: words[2] };
}

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;

const reviewCommand = defineCommand({
  command: 'review <library_db> [database_url]',
  describe: 'Settle what is in doubt, one by one; writes the mappings and keep-ids files',
  options: (y) =>
    decisionsInput(evidenceOptions(databasePositional(libraryPositional(y)))).default({
      'mappings-file': 'artist_mappings.json',
      'keep-ids': 'keep_ids.txt',
    }),
  run: async (args, context) => {
    const questions = terminalQuestions(context.signal);
    const settle = async (databaseUrl: string): Promise<void> => {
      const [mappingsFile, keepIds] = [args.mappingsFile as string, args.keepIds as string];
      const options = {
        ...matchFilesOf(args),
        libraryDb: args.library_db,
        databaseUrl,
        schema: args.schema,
        mappingsFile,
        keepIds,
        decisions: args.decisions,
      };
      const { items, kept, pruned, albumsKept, left, settledReleases } = await review(
        options,
        questions.ask,
        context,
      );
      if (items === 0) out('No release is in doubt.\n');
      else if (settledReleases === 0) out(`\nNothing was settled; all ${items} are still open.\n`);
      else
        out(
          `\nSettled ${count(settledReleases, 'release')}: ${count(kept, 'artist')} kept, ${count(pruned, 'artist')} pruned, ${count(albumsKept, 'album')} kept by release id. Still open: ${left} of ${items}.\n`,
        );
      const flags = [
        ...(kept + pruned > 0 ? [`--mappings-file ${mappingsFile}`] : []),
        ...(albumsKept > 0 ? [`--keep-ids ${keepIds}`] : []),
      ];
      if (flags.length > 0)
        out(`Your answers are written; give them to every run from now on: ${flags.join(' ')}\n`);
    };
    try {
      // With a decisions file, a database is neither needed nor started.
      if (args.decisions === undefined)
        await withExistingDatabase(databaseUrlOf(args), context, settle);
      else await settle(databaseUrlOf(args));
    } finally {
      questions.close();
    }
  },
});

export const program: Program = {
  name: 'wxyc-verify',
  describe:
    'Decides which releases the library owns: KEEP, REVIEW or PRUNE. Without --prune or --copy-to nothing is changed.',
  packageUrl: import.meta.url,
  examples: [
    ['wxyc-verify library.db postgresql:///discogs', 'Report, change nothing'],
    ['wxyc-verify library.db postgresql:///discogs --prune', 'Delete what is not owned'],
  ],
  commands: [verifyCommand, explainCommand, reviewCommand],
};
