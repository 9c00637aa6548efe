/** Checks what a call asks for before anything is done: contradictions, missing files, unreadable inputs. */
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { checkDirectory, findCsv } from '@wxyc/csv';
import { filesOf, profiles } from '@wxyc/dataset';
import {
  readArtistList,
  readingOf,
  surveyLibrary,
  type WithLibrary,
  withLibrary,
  matchFileKinds,
} from '@wxyc/library';
import { readAliases, readAlternates, readIds, readMappings } from '@wxyc/matching';

import { embeddedDirectory } from '@wxyc/postgres';
import {
  BadInputError,
  checkOptions,
  oneOf,
  option,
  type OptionKinds,
  required,
  type StepContext,
  StepError,
  UsageError,
} from '@wxyc/step';
import { findRunDumps, type BesideKind } from './dump-file.js';
import { findMonthlyDumps, monthlyPath, type FindDumps } from './monthly-dump.js';
import { guardRunOutputs } from './run-outputs.js';
import { refuseForeignFolder } from './own-csv.js';
import { type PipelineOptions, type Mode, type Plan, wantedBeside, readsDump } from './run-plan.js';

function checkWords(o: WithLibrary<PipelineOptions>): void {
  const inputs = [
    ['--xml', o.xml],
    ['--month', o.month],
    ['--csv-dir', o.csvDir],
  ]
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (inputs.length === 0)
    throw new UsageError(
      'Give --xml with a releases dump, --month to fetch one, or --csv-dir with filtered CSV files.',
    );
  if (inputs.length > 1)
    throw new UsageError(
      `Give ${inputs.join(' or ')}, not ${inputs.length === 2 ? 'both' : 'all'}.`,
    );
  if (o.month !== undefined && o.downloadDir === undefined)
    throw new UsageError(
      '--month needs --download-dir, the directory for the dump (10 GB and more).',
    );
  for (const [flag, value] of [
    ['--download-dir', o.downloadDir],
    ['--base-url', o.baseUrl],
    ['--releases-only', o.releasesOnly || undefined],
  ])
    if (value !== undefined && o.month === undefined)
      throw new UsageError(`${flag} needs --month.`);
  if (readsDump(o) && !o.libraryDb && !o.libraryArtists)
    throw new UsageError(
      `${inputs[0]} needs --library-db or --library-artists: without one, all of Discogs would be loaded.`,
    );
  if (o.csvDir) {
    if (o.libraryArtists && !o.libraryDb)
      throw new UsageError(
        '--library-artists needs a dump (--xml or --month) or --library-db: the files in --csv-dir are taken as filtered. Filter them with wxyc-filter first.',
      );
    if (o.aliases)
      throw new UsageError(
        '--aliases needs a dump (--xml or --month); with --csv-dir, library_aliases.csv in that directory is used.',
      );
    if (o.keepCsv)
      throw new UsageError(
        '--keep-csv needs a dump (--xml or --month); with --csv-dir the CSV files are kept anyway.',
      );
    if (o.maxRejects !== undefined)
      throw new UsageError(
        '--max-rejects needs a dump (--xml or --month): it counts unreadable records.',
      );
    if (o.wxycDbUrl)
      throw new UsageError(
        '--wxyc-db-url needs a dump (--xml or --month); with --csv-dir no artist list is made.',
      );
    if (o.jobs !== undefined)
      throw new UsageError(
        '--jobs needs a dump (--xml or --month); with --csv-dir nothing is converted.',
      );
    if (o.matchedOnly === true)
      throw new UsageError(
        '--matched-only needs a dump (--xml or --month); filter CSV files with wxyc-filter --matched-only.',
      );
  }
  for (const [flag, value] of [
    ['--wxyc-db-url', o.wxycDbUrl],
    ['--target-db-url', o.targetDbUrl],
    ['--mappings-file', o.mappingsFile],
    ['--alternates', o.alternates],
    ['--keep-ids', o.keepIds],
    ['--aliases', o.aliases],
    ['--library-columns', o.libraryColumns],
    ['--library-encoding', o.libraryEncoding],
    ['--score-cutoff', o.scoreCutoff],
    ['--decisions', o.decisions],
    ['--coverage', o.coverage],
  ] as const) {
    if (value !== undefined && !o.libraryDb) throw new UsageError(`${flag} needs --library-db.`);
  }
  if (o.matchedOnly === true && !o.libraryDb)
    throw new UsageError('--matched-only needs --library-db.');
  if (o.matchedOnly === true && o.targetDbUrl)
    throw new UsageError(
      '--matched-only cannot be used with --target-db-url: the source then holds all releases of the artists.',
    );
  const directory = embeddedDirectory(o.databaseUrl);
  if (o.targetDbUrl && directory !== undefined && embeddedDirectory(o.targetDbUrl) === directory) {
    throw new UsageError(
      '--target-db-url is the same database as --database-url; give another one, or leave it out to prune in place.',
    );
  }
  if (o.wxycDbUrl && !/^mysql:\/\//.test(o.wxycDbUrl))
    throw new UsageError('--wxyc-db-url takes a URL that begins with mysql://.');
  if (o.report !== undefined && !['.json', '.html'].includes(extname(o.report)))
    throw new UsageError('--report takes a file that ends in .json or .html.');
}

async function checkOutput(flag: string, file: string): Promise<void> {
  const directory = dirname(resolve(file));
  try {
    if ((await stat(resolve(file)).catch(() => undefined))?.isDirectory())
      throw new UsageError(`${flag} takes a file, and ${file} is a directory.`);
    await access(directory, constants.W_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new StepError(
      `${flag}: ${directory} ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist; create it' : 'is not writable; choose another place'}.`,
      { cause: error },
    );
  }
}

async function checkCsvDirectory(directory: string): Promise<void> {
  await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new BadInputError(
      `--csv-dir ${directory} ${error.code === 'ENOENT' ? 'does not exist' : error.code === 'ENOTDIR' ? 'is not a directory' : `cannot be read (${error.message})`}.`,
      { cause: error },
    );
  });
  // Opens all of them, so that one that cannot be read is named.
  const found = filesOf('full', 'release').filter(
    ({ name }) => findCsv(directory, name) !== undefined,
  );
  if (found.length === 0) {
    throw new BadInputError(
      `--csv-dir ${directory} holds none of the release CSV files (release.csv, release_artist.csv, …).`,
    );
  }
}

const { text, flag } = option;
const optionKinds: OptionKinds<PipelineOptions> = {
  ...matchFileKinds,
  xml: text,
  month: text,
  releasesOnly: flag,
  downloadDir: text,
  baseUrl: text,
  fetch: option.call,
  csvDir: text,
  wxycDbUrl: text,
  databaseUrl: required(text),
  targetDbUrl: text,
  profile: oneOf(...profiles),
  resume: flag,
  stateFile: text,
  keepCsv: text,
  decisions: text,
  coverage: text,
  preferCountry: text,
  allowShrink: flag,
  maxShrink: option.percent,
  keepPrevious: flag,
  allowOlder: flag,
  maxRejects: option.amount,
  matchedOnly: flag,
  jobs: option.count,
  gentle: option.flag,
  report: text,
};

/**
 * Checks a call's options and opens every input file once.
 *
 * @param findDumps finds the month's dumps; a mere check is less patient with the site than a run.
 * @throws UsageError for options that contradict each other, BadInputError for unusable inputs.
 */
export async function makePlan(
  given: PipelineOptions,
  context?: Partial<StepContext>,
  findDumps: FindDumps = findMonthlyDumps,
): Promise<Plan> {
  checkOptions('runPipeline', given, optionKinds);
  const options = await withLibrary(given, context?.signal);
  checkWords(options);
  const stateFile = resolve(options.stateFile ?? '.pipeline_state.json');
  await checkOutput('--state-file', stateFile);
  if (options.report) await checkOutput('--report', options.report);
  if (options.decisions) await checkOutput('--decisions', options.decisions);
  if (options.coverage) await checkOutput('--coverage', options.coverage);
  if (options.keepCsv) await checkDirectory(options.keepCsv, '--keep-csv');
  if (options.downloadDir) await checkDirectory(options.downloadDir, '--download-dir');
  const library =
    options.libraryDb === undefined
      ? undefined
      : surveyLibrary(options.libraryDb, readingOf(options));
  if (options.libraryArtists) readArtistList(options.libraryArtists);
  if (options.mappingsFile) readMappings(options.mappingsFile);
  if (options.keepIds) readIds(options.keepIds);
  if (options.aliases) await readAliases(options.aliases);
  // With a dump, enrich reads it before anything else, and takes more kinds of file.
  if (options.csvDir && options.alternates) await readAlternates(options.alternates);
  if (options.csvDir) await checkCsvDirectory(options.csvDir);
  const dumps = options.xml === undefined ? undefined : await findRunDumps(options.xml);
  const namesLabels = library?.rows.some(({ label }) => label) ?? false;
  const wanted = options.releasesOnly
    ? []
    : wantedBeside({ options, profile: options.profile ?? 'lean' }, namesLabels);
  const monthly =
    options.month === undefined
      ? undefined
      : await findDumps(options, ['releases', ...wanted], stateFile, context);
  const pathOf = (kind: BesideKind): string | undefined =>
    monthly && !options.releasesOnly ? monthlyPath(monthly, kind) : dumps?.[kind];
  const mode: Mode = options.targetDbUrl ? 'copy' : options.libraryDb ? 'prune' : 'all';
  const temporary = join(dirname(stateFile), `${basename(stateFile).replace(/\.json$/, '')}_csv`);
  const plan: Plan = {
    options,
    mode,
    matchedOnly: mode === 'prune' && readsDump(options) && options.matchedOnly !== false,
    dump: monthly ? monthlyPath(monthly, 'releases') : dumps?.releases,
    profile: options.profile ?? 'lean',
    artistsDump: pathOf('artists'),
    mastersDump: pathOf('masters'),
    labelsDump: namesLabels ? pathOf('labels') : undefined,
    dumpsOfOtherMonths: dumps?.ofOtherMonths ?? [],
    monthly,
    stateFile,
    // Beside the state file, which is where the operator has room: a system's temporary folder may be small memory.
    csvDir: resolve(options.csvDir ?? options.keepCsv ?? temporary),
    temporaryCsv: options.csvDir === undefined && options.keepCsv === undefined,
  };
  await guardRunOutputs(plan);
  if (plan.temporaryCsv) await refuseForeignFolder(plan.csvDir);
  return plan;
}
