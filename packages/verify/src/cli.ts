/** `wxyc-verify`: dry run, prune or copy; `explain`; `review`. */

import { databaseOptions, databasePositional, databaseUrlOf, decisionsOption, defineCommand, matchingOptions, out, type Argv, type Program } from '@wxyc/cli';
import { withDatabase } from '@wxyc/postgres';
import { UsageError } from '@wxyc/step';
import { copyTo } from './copy.js';
import { explain } from './explain.js';
import { prune } from './prune.js';
import { explanationText, reportText } from './report-text.js';
import { review } from './review.js';
import { terminalQuestions } from './terminal.js';
import { verify } from './verify.js';

const libraryPositional = <T>(y: Argv<T>) =>
  y.positional('library_db', { type: 'string', demandOption: true, describe: 'SQLite file with the table library (artist, title)' });

const decisionsInput = <T>(y: Argv<T>) =>
  y.option('decisions', { type: 'string', requiresArg: true, group: 'Library:', describe: 'Decisions file that a run wrote, for releases that the database no longer holds' });

const verifyCommand = defineCommand({
  command: '$0 <library_db> [database_url]',
  describe: 'Decide each release; report, prune or copy',
  options: (y) =>
    decisionsOption(matchingOptions(databaseOptions(databasePositional(libraryPositional(y))))).options({
      prune: { type: 'boolean', default: false, group: 'Action:', describe: 'Delete what the library does not own' },
      'copy-to': { type: 'string', requiresArg: true, group: 'Action:', describe: 'Database to copy KEEP and REVIEW releases to' },
      'allow-shrink': { type: 'boolean', default: false, group: 'Action:', describe: 'Let the copy replace a cache of more than twice its size' },
    }),
  run: async (args, context) => {
    const url = databaseUrlOf(args);
    const { copyTo: targetUrl } = args;
    if (args.prune && targetUrl !== undefined) throw new UsageError('--prune and --copy-to exclude each other; give one of them.');
    if (args.allowShrink && targetUrl === undefined) throw new UsageError('--allow-shrink goes with --copy-to.');
    return withDatabase(url, context, async (databaseUrl) => {
      const options = {
        databaseUrl,
        schema: args.schema,
        libraryDb: args.library_db,
        mappingsFile: args.mappingsFile,
        scoreCutoff: args.scoreCutoff,
        decisions: args.decisions,
      };
      if (targetUrl !== undefined) {
        const result = await withDatabase(targetUrl, context, (target) =>
          copyTo({ ...options, targetUrl: target, allowShrink: args.allowShrink, runId: context.runId, report: true }, context),
        );
        out(reportText(result.report!, 'copied'));
        return result;
      }
      const result = args.prune ? await prune({ ...options, report: true }, context) : await verify(options, context);
      out(reportText(result.report!, args.prune ? 'pruned' : undefined));
      return result;
    });
  },
});

const explainCommand = defineCommand({
  command: 'explain <release_id> <library_db> [database_url]',
  describe: 'Print how one release was decided, a pruned one too',
  options: (y) =>
    decisionsInput(matchingOptions(databaseOptions(databasePositional(libraryPositional(y))))).positional('release_id', {
      type: 'number',
      demandOption: true,
      describe: 'Id of the release on Discogs',
    }),
  run: async (args, context) => {
    if (!Number.isSafeInteger(args.release_id) || args.release_id < 1) throw new UsageError('The release id is a whole number, such as 249504.');
    await withDatabase(databaseUrlOf(args), context, async (databaseUrl) => {
      const explanation = await explain(
        {
          databaseUrl,
          schema: args.schema,
          libraryDb: args.library_db,
          mappingsFile: args.mappingsFile,
          scoreCutoff: args.scoreCutoff,
          decisions: args.decisions,
          releaseId: args.release_id,
        },
        context,
      );
      out(explanationText(explanation));
    });
  },
});

const reviewCommand = defineCommand({
  command: 'review <library_db> [database_url]',
  describe: 'Settle REVIEW artists one by one; writes the mappings file',
  options: (y) =>
    decisionsInput(matchingOptions(databaseOptions(databasePositional(libraryPositional(y))))).default('mappings-file', 'artist_mappings.json'),
  run: async (args, context) => {
    const questions = terminalQuestions(context.signal);
    const settle = async (databaseUrl: string): Promise<void> => {
      const mappingsFile = args.mappingsFile as string;
      const options = { databaseUrl, schema: args.schema, libraryDb: args.library_db, mappingsFile, scoreCutoff: args.scoreCutoff, decisions: args.decisions };
      const { artists, kept, pruned, skipped, settledReleases, withoutArtist } = await review(options, questions.ask, context);
      if (artists === 0) out('No artist is in doubt.\n');
      else out(`\n${kept} kept, ${pruned} pruned, ${skipped} left; ${settledReleases} releases settled.\n`);
      if (kept + pruned > 0) out(`Written to ${mappingsFile}: give it to wxyc-verify, wxyc-dedup or wxyc-pipeline with --mappings-file.\n`);
      if (withoutArtist > 0) out(`${withoutArtist} more releases in doubt have no main artist; they always stay.\n`);
    };
    try {
      // With a decisions file no database is needed, nor started.
      if (args.decisions === undefined) await withDatabase(databaseUrlOf(args), context, settle);
      else await settle(databaseUrlOf(args));
    } finally {
      questions.close();
    }
  },
});

export const program: Program = {
  name: 'wxyc-verify',
  describe: 'Decides which releases the library owns: KEEP, REVIEW or PRUNE. Without an action it is a dry run.',
  packageUrl: import.meta.url,
  examples: [
    ['wxyc-verify library.db postgresql:///discogs', 'Report, change nothing'],
    ['wxyc-verify library.db postgresql:///discogs --prune', 'Delete what is not owned'],
  ],
  commands: [verifyCommand, explainCommand, reviewCommand],
};
