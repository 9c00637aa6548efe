import {
  artistsOption,
  coverageOption,
  databaseUrlOf,
  decisionsOption,
  defineCommand,
  gentleOption,
  libraryOptions,
  matchFilesOf,
  out,
  profileOption,
  publicationOf,
  publicationOptions,
  wholeNumber,
  type Argv,
  type Program,
} from '@wxyc/cli';
import { DifferencesError, UsageError } from '@wxyc/step';
import { diagnose, diagnosisText } from './doctor.js';
import { describePlan } from './dry-run.js';
import type { PipelineOptions } from './run-plan.js';
import { reportText, writeReport } from './report.js';
import type { PipelineReport } from './report-data.js';
import { runPipeline } from './run.js';
import { serve } from './serve.js';

const text = (group: string, describe: string) =>
  ({ type: 'string', requiresArg: true, group, describe }) as const;
const flag = (group: string, describe: string) => ({ type: 'boolean', group, describe }) as const;
const number = (name: string, group: string, describe: string, minimum: number) =>
  ({
    type: 'number',
    requiresArg: true,
    group,
    describe,
    coerce: wholeNumber(`--${name}`, minimum),
  }) as const;

const portNumber = (value: number | undefined): number | undefined => {
  const port = wholeNumber('--port', 1)(value);
  if (typeof port === 'number' && port > 65_535)
    throw new UsageError('--port takes a number from 1 to 65535.');
  return port;
};

const input = 'Input, one of --xml, --month and --csv-dir:';

/** Everything that decides what is built; doctor takes the same, to check it. */
const buildOptions = (y: Argv) => {
  const inputs = y.options({
    xml: text(input, 'Releases dump (.xml or .xml.gz), or the directory it is in'),
    month: text(input, 'Download this month (2026-09 or latest), read as it arrives'),
    'releases-only': flag(input, 'With --month: leave out artists, labels, masters'),
    'download-dir': text(input, 'With --month: directory to keep the dumps in'),
    'base-url': text(
      input,
      'With --month: site with the dumps [default: https://data.discogs.com/]',
    ),
    'csv-dir': text(input, 'Directory of CSV files that are already filtered'),
    'keep-csv': text(input, 'With a dump: directory to keep the CSV files in'),
    'max-rejects': number(
      'max-rejects',
      input,
      'Fail if more records than this are unreadable [default: 100]',
      0,
    ),
    jobs: number(
      'jobs',
      input,
      'Worker threads for the dump [default: processors minus one, at most 4]',
      1,
    ),
  });
  const library = coverageOption(decisionsOption(libraryOptions(artistsOption(inputs))));
  const all = library.options({
    'wxyc-db-url': text('Library:', 'mysql://… catalogue with other names of artists'),
    'matched-only': flag(
      'Library:',
      'Load only releases that match the library, certainly or possibly [default: yes, if a library is given and no target]',
    ),
    'prefer-country': text(
      'Library:',
      'Country whose pressings are preferred, as Discogs spells it [default: US]',
    ),
    'database-url': text(
      'Database:',
      'postgresql://… or embedded:DIR [default: $DATABASE_URL, then postgresql://localhost:5432/discogs]',
    ),
    'target-db-url': text('Database:', 'Copy the matches to this database instead of pruning'),
    'state-file': {
      ...text('Run:', 'File that records which steps are done, for --resume'),
      default: '.pipeline_state.json',
    },
    report: text('Run:', 'Write the report to FILE.json or FILE.html'),
    xml2db: { type: 'string', hidden: true },
  });
  return publicationOptions(
    gentleOption(profileOption(all, 'Which tables [default: as published, else lean]')),
  );
};

const runOptions = (y: Argv) =>
  buildOptions(y).options({
    resume: flag('Run:', 'Continue where the last run stopped'),
    'dry-run': flag('Run:', 'Print the plan with estimates; change nothing'),
  });

/** Flags have the names of options, so that only the database needs special treatment. */
type Given = Omit<PipelineOptions, 'databaseUrl' | 'library' | 'libraryDb'> & {
  databaseUrl?: string | undefined;
  libraryDb?: string | undefined;
};

/** Options that cannot be flags, and those that helpers shared by several bins pass on. */
type FromElsewhere =
  | 'library'
  | 'fetch'
  | keyof ReturnType<typeof matchFilesOf>
  | keyof ReturnType<typeof publicationOf>;
/** An option that is forgotten does not compile. */
type AllOptions = PipelineOptions & {
  [Name in Exclude<keyof Required<PipelineOptions>, FromElsewhere>]: PipelineOptions[Name];
};

const optionsOf = (args: Given): AllOptions => ({
  xml: args.xml,
  month: args.month,
  releasesOnly: args.releasesOnly,
  downloadDir: args.downloadDir,
  baseUrl: args.baseUrl,
  csvDir: args.csvDir,
  ...matchFilesOf(args),
  wxycDbUrl: args.wxycDbUrl,
  databaseUrl: databaseUrlOf(args),
  targetDbUrl: args.targetDbUrl,
  profile: args.profile,
  resume: args.resume,
  stateFile: args.stateFile,
  keepCsv: args.keepCsv,
  decisions: args.decisions,
  coverage: args.coverage,
  preferCountry: args.preferCountry,
  ...publicationOf(args),
  maxRejects: args.maxRejects,
  matchedOnly: args.matchedOnly,
  jobs: args.jobs,
  gentle: args.gentle,
  report: args.report,
});

const run = defineCommand({
  command: '$0',
  describe: 'Build the cache and publish it',
  options: runOptions,
  run: async (args, context) => {
    if (args.xml2db !== undefined)
      context.logger.warn('--xml2db is no longer needed and has no effect: conversion is built in');
    const options = optionsOf(args);
    if (args.dryRun) return out(await describePlan(options, context));
    const tell = async (report: PipelineReport): Promise<void> => {
      out(reportText(report));
      if (options.report) await writeReport(report, options.report);
    };
    await tell(await runPipeline(options, { ...context, onFailure: tell }));
  },
});

const doctor = defineCommand({
  command: 'doctor',
  describe: 'Check in seconds whether a run would succeed; takes the same options',
  options: (y) => buildOptions(y),
  run: async (args, context) => {
    const diagnosis = await diagnose(optionsOf(args), context);
    out(diagnosisText(diagnosis));
    const problems = diagnosis.filter(({ verdict }) => verdict === 'missing').length;
    if (problems > 0)
      throw new DifferencesError(
        `${problems} of ${diagnosis.length} checks failed, marked FAIL: a run would not succeed.`,
      );
    const doubts = diagnosis.filter(({ verdict }) => verdict === 'warning').length;
    out(
      `\nA run has everything it needs.${doubts > 0 ? ` ${doubts === 1 ? 'One line says' : `${doubts} lines say`} LOOK: read ${doubts === 1 ? 'it' : 'them'} first.` : ''}\n`,
    );
  },
});

const serveCommand = defineCommand({
  command: 'serve <directory>',
  describe:
    'Keep the server of embedded:DIRECTORY running and print its URL, until Ctrl-C or SIGTERM',
  options: (y) =>
    y
      .positional('directory', {
        type: 'string',
        demandOption: true,
        describe: 'The DIR of embedded:DIR',
      })
      .options({
        port: {
          type: 'number',
          requiresArg: true,
          coerce: portNumber,
          describe:
            'Port on 127.0.0.1 [default: the same as last time; any free port the first time]',
        },
        create: {
          type: 'boolean',
          describe: 'Create an empty database if the directory holds none',
        },
      }),
  run: (args, context) =>
    serve({ directory: args.directory, port: args.port, create: args.create }, context, out),
});

export const program: Program = {
  name: 'wxyc-pipeline',
  describe: 'Turns a Discogs releases dump into a PostgreSQL cache of what a library owns.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 --xml releases.xml.gz --library-db library.db --database-url embedded:./cache', ''],
    ['$0 --csv-dir csv --library-db library.db --resume', ''],
  ],
  commands: [run, doctor, serveCommand],
};
