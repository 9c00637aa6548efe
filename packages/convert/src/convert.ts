// The step: dumps in, CSV files out.
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { encodeRow, guardOutputs, lockOutput } from '@wxyc/csv';
import { aliasesName, dumpFor, dumps, profiles, type DumpKind, type Profile } from '@wxyc/dataset';
import {
  coverageText,
  coverageKind,
  decisionColumns,
  decisionsKind,
  LibraryIndex,
  measureCoverage,
  NearestReleases,
  unmetKeys,
  type DecisionCounts,
  type LibraryCoverage,
  type PackedSelection,
} from '@wxyc/matching';
import { matchFileKinds, readMatchBasis, type MatchFiles, withLibrary } from '@wxyc/library';

import {
  BadInputError,
  checkOptions,
  collectGarbage,
  either,
  InterruptedError,
  listOf,
  oneOf,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  type StepResult,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import {
  aliasesCsv,
  aliasesKind,
  aliasesResult,
  findAliases,
  type AliasesResult,
} from './artist-names.js';
import { addCounts, noCounts } from './batch-result.js';
import type { ConverterOptions } from './batch-converter.js';
import { convertDump, type DumpResult, type Sinks } from './dump-conversion.js';
import { isStream, type DumpInput } from './dump-feed.js';
import { isDumpName, OpenDumps, type OpenDump } from './inputs.js';
import { outputFiles, Outputs } from './outputs.js';
import { checkNames, idSetOf, readSelection, wantedIds, type WantedIds } from './wanted.js';
import { SameThread, type Converters } from './converters.js';
import { WorkerPool } from './worker-pool.js';

/** With a library, its files decide which releases are let through; with {@link MatchFiles.libraryArtists} alone, its names. */
export interface ConvertOptions extends Partial<MatchFiles> {
  /**
   * Dumps, directories of dumps, dumps that are still arriving (read as their bytes come), or streams of bytes (`process.stdin`),
   * gzipped or not. Every dump is opened once.
   */
  inputs: readonly DumpInput[];
  /** Directory for the CSV files; created if need be. */
  output: string;
  /** Convert only these kinds; each must be among the inputs. */
  exports?: readonly DumpKind[] | undefined;
  /** `full`: the files have further columns, which discogs-xml2db leaves out. Default: lean. */
  profile?: Profile | undefined;
  /**
   * For these kinds, write only records with these ids: a filter of your own, chosen from the records of {@link readReleases}. With a
   * library, only those of them that it lets through; records that are not wanted are not decided. An `IdSet` of `@wxyc/csv` takes one bit
   * per id.
   */
  wanted?: Partial<Record<DumpKind, WantedIds>> | undefined;
  /** Write only releases that the library's decision keeps or wants reviewed, whoever the artist is. Needs `libraryDb`. */
  matchedOnly?: boolean | undefined;
  /** Write the decisions to this CSV file. Needs {@link matchedOnly}. */
  decisions?: string | undefined;
  /**
   * Note for every library album which releases are it, or the nearest one: `true` for just the result, or the CSV file to write.
   * Needs `libraryDb`.
   */
  coverage?: string | boolean | undefined;
  /** Write CR and LF inside fields as spaces, as fix-newlines does. */
  cleanNewlines?: boolean | undefined;
  /** Read at most this many records of each dump. */
  limit?: number | undefined;
  /** Worker threads. Default: the number of processors, less one where a library filters; at most 4; none for files of up to half a megabyte. */
  jobs?: number | undefined;
  /** More rejected records than this are an error. Default 100. */
  maxRejects?: number | undefined;
  /** @internal For tests: `strict` sends every record to the strict reader. */
  reader?: 'fast' | 'strict' | undefined;
}

export interface ConvertResult extends StepResult {
  /** What became of each dump. */
  dumps: DumpResult[];
  /** Rows by file, over all dumps. */
  files: Record<string, number>;
  /** Decisions of all releases; with `matchedOnly`. */
  decisions?: DecisionCounts;
  /** Albums of the library found, in doubt and missing; with `coverage`. */
  coverage?: LibraryCoverage;
  /** Entries of the mappings file that no release met; with `matchedOnly` or `coverage`, for which every release is decided. */
  unmetMappings?: string[];
  /** Other names of artists, if an artists dump beside the releases was read for the library. */
  aliases?: AliasesResult;
  /** Records that could not be read: they are in `rejects.jsonl`. */
  rejected: number;
  /** Id of the last release, or of the last record of the last dump. */
  lastId: string | null;
  /** Uncompressed bytes read. */
  bytes: number;
}

const defaultMaxRejects = 100;
/** Every worker takes some 40 MB; with more than four, inflating is the bottleneck. */
export const mostJobs = 4;

const optionKinds: OptionKinds<ConvertOptions> = {
  ...matchFileKinds,
  inputs: required(listOf(either(option.text, option.object))),
  output: required(option.text),
  exports: listOf(oneOf(...(Object.keys(dumps) as DumpKind[]))),
  profile: oneOf(...profiles),
  wanted: option.object,
  matchedOnly: option.flag,
  decisions: option.text,
  coverage: either(option.text, option.flag),
  cleanNewlines: option.flag,
  limit: option.count,
  jobs: option.count,
  maxRejects: option.amount,
  reader: oneOf('fast', 'strict'),
};

/**
 * Converts Discogs dumps to CSV files, byte for byte as discogs-xml2db does, in one pass and constant memory.
 *
 * Files appear under their names when everything is done. Bad input leaves them as `NAME.partial`, an interrupt leaves nothing.
 * Throws a UsageError, BadInputError (not a dump, damaged dump, too many rejects, nothing read or matched), LockedError
 * (another run writes there) or InterruptedError.
 *
 * @example
 * const result = await convert({ inputs: ['discogs_20260901_releases.xml.gz'], output: 'csv' });
 * console.log(result.files.release_track);
 */
export async function convert(
  given: ConvertOptions,
  context?: Partial<StepContext>,
): Promise<ConvertResult> {
  checkOptions('convert', given, optionKinds);
  const options = {
    ...(await withLibrary(given, context?.signal)),
    wanted: given.wanted && wantedIds(given.wanted),
  };
  checkTogether(options);
  const startPool = (): Converters => new WorkerPool(options.jobs ?? defaultJobs(options));
  const needsThreads = (size: number | undefined): boolean =>
    options.jobs !== undefined || size === undefined || size > smallBytes;
  // Threads start while the library is read.
  let early = options.inputs.flatMap(sizesOf).some(needsThreads) ? startPool() : undefined;
  const newPool = ({ arriving, size }: OpenDump): Converters => {
    if (!needsThreads(arriving?.size ?? size)) return new SameThread();
    const pool = early ?? startPool();
    early = undefined;
    return pool;
  };
  const opened = new OpenDumps();
  try {
    return await convertDumps(options, newPool, opened, stepContext(context));
  } finally {
    await Promise.all([early?.close(), opened.close()]);
  }
}

async function convertDumps(
  options: ConvertOptions,
  newPool: (input: OpenDump) => Converters,
  opened: OpenDumps,
  { signal, logger, progress }: StepContext,
): Promise<ConvertResult> {
  const started = performance.now();
  const basis =
    options.libraryDb === undefined
      ? undefined
      : await readMatchBasis({ ...options, libraryDb: options.libraryDb });
  // With an artist list, enrich has read the library before and reported this.
  if (options.libraryArtists === undefined)
    for (const remark of basis?.remarks ?? []) logger.warn(remark);
  const inputs = await opened.find(options.inputs, options.exports, signal);
  const converts = (kind: DumpKind): OpenDump | undefined =>
    inputs.find((input) => input.kind === kind);
  if (options.coverage && !converts('release'))
    throw new UsageError('--coverage needs a releases dump: it lists which albums have a release');
  checkNames(options, basis);
  const artists = converts('artist');
  const readsAliases =
    basis !== undefined && converts('release') !== undefined && options.aliases === undefined;
  if (readsAliases && artists?.source.passing)
    throw new UsageError(
      `${artists.path} holds the artists dump, which is read twice when there is a library: write it to a file and give that file`,
    );
  const {
    libraryArtists,
    libraryDb,
    mappingsFile,
    alternates,
    keepIds,
    aliases: aliasesFile,
  } = options;
  const read = [
    ...inputs.flatMap(({ source, path }) => (source.passing ? [] : [path])),
    libraryArtists,
    libraryDb,
    mappingsFile,
    alternates,
    keepIds,
    aliasesFile,
  ];
  const coverageFile = typeof options.coverage === 'string' ? options.coverage : undefined;
  const writes = outputFiles(
    options.output,
    inputs.map(({ kind }) => dumpFor(kind, options.profile ?? 'lean')),
    {
      decisions: options.decisions,
      coverage: coverageFile,
      aliases: readsAliases && artists !== undefined,
    },
  );
  await guardOutputs(writes, read);
  const lock = await lockOutput(options.output);
  const outputs = new Outputs(
    options.output,
    inputs.map(({ kind }) => kind),
  );
  try {
    const results: DumpResult[] = [];
    let aliases: AliasesResult | undefined;
    if (basis && artists && readsAliases) {
      logger.info({ input: artists.path }, 'reading other names of artists');
      const index = new LibraryIndex(basis.library, basis.alternates);
      basis.index = index.data;
      const found = await findAliases(artists.path, index, { signal, progress });
      const file = await outputs.add(join(options.output, aliasesName), aliasesKind);
      await file.write(aliasesCsv(found));
      basis.aliases = found.names;
      aliases = aliasesResult(found, file.path);
      logger.info({ ...aliases }, 'other names of artists, which count if the titles are equal');
    }
    let selection = readSelection(options, basis);
    const nearest = options.coverage && basis ? new NearestReleases(basis.library) : undefined;
    // The workers have their own copies.
    if (basis && !nearest) basis.library = [];
    const decisions =
      options.decisions === undefined
        ? undefined
        : await outputs.add(options.decisions, decisionsKind);
    await decisions?.write(Buffer.from(encodeRow(decisionColumns)));
    const sinks: Sinks = { outputs, decisions, nearest, met: new Set() };
    for (const input of inputs) {
      const pool = newPool(input);
      const jobs = pool.size;
      logger.info({ input: input.path, kind: input.kind, jobs }, 'converting');
      const task = progress.start(`convert ${input.kind}s`, {
        unit: 'bytes',
        total: input.arriving?.size ?? input.size,
      });
      try {
        pool.start(converterOptions(options, input.kind, selection));
        // The workers have their copies; releases come first, and other kinds need none.
        if (selection) {
          selection = undefined;
          collectGarbage();
        }
        const done = await convertDump(input, pool, sinks, {
          profile: options.profile ?? 'lean',
          limit: options.limit ?? Infinity,
          walks: options.reader !== 'strict',
          maxRejects: options.maxRejects ?? defaultMaxRejects,
          output: options.output,
          signal,
          onRead: (bytes) => task.update(bytes),
        });
        checkSomeLeft(done, options);
        logger.info(
          { ...done, repairs: undefined, ...done.repairs, files: undefined },
          'converted',
        );
        results.push(done);
      } finally {
        task.end();
        await pool.close();
      }
    }
    throwIfInterrupted(signal);
    const library = basis && { rows: basis.library, leftOut: basis.skipped };
    if (typeof options.coverage === 'string') {
      const file = await outputs.add(options.coverage, coverageKind);
      for (const piece of coverageText(library!, nearest!)) await file.write(Buffer.from(piece));
    }
    await outputs.finish();
    return {
      ...summary(results, options, (performance.now() - started) / 1000),
      ...(nearest ? { coverage: measureCoverage(library!, nearest) } : {}),
      ...(basis?.mappings && (options.matchedOnly || nearest)
        ? { unmetMappings: unmetKeys(basis.mappings, sinks.met) }
        : {}),
      ...(aliases ? { aliases } : {}),
    };
  } catch (error) {
    if (error instanceof InterruptedError || signal.aborted) {
      await outputs.discard();
      throwIfInterrupted(signal);
    }
    // What was read of a damaged dump may be useful; after a full disk, half-written files would only keep it full.
    if (error instanceof BadInputError) await outputs.keepPartial();
    else await outputs.discard();
    throw error;
  } finally {
    await lock.release();
  }
}

/** A file of this many bytes is converted before a thread would have started. */
const smallBytes = 512 * 1024;

/** Bytes of the files that an input stands for, as far as they are known before it is opened. */
function sizesOf(input: DumpInput): (number | undefined)[] {
  if (typeof input !== 'string') return [isStream(input) ? undefined : input.size];
  try {
    const found = statSync(input);
    if (!found.isDirectory()) return [found.size];
    return readdirSync(input)
      .filter(isDumpName)
      .map((name) => statSync(join(input, name)).size);
  } catch {
    // Whoever opens it says what is wrong with it.
    return [];
  }
}

/**
 * Inflating and cutting take about one processor. With a filter there is little else to do, and one worker too many
 * costs more in starting and switching than it gains (measured on two processors).
 */
function defaultJobs({ libraryArtists, libraryDb }: ConvertOptions): number {
  const filters = libraryArtists !== undefined || libraryDb !== undefined;
  return Math.max(1, Math.min(availableParallelism() - (filters ? 1 : 0), mostJobs));
}

function checkTogether(options: ConvertOptions): void {
  if (options.inputs.length === 0)
    throw new UsageError('Give at least one dump, or a directory of dumps');
  if (options.matchedOnly && options.libraryDb === undefined)
    throw new UsageError('--matched-only compares titles with the library: give --library-db too');
  if (options.decisions !== undefined && !options.matchedOnly)
    throw new UsageError('--decisions needs --matched-only');
  if (options.coverage && options.libraryDb === undefined)
    throw new UsageError('--coverage lists the albums of a library: give --library-db too');
}

/** @throws BadInputError if the library, or what is wanted, has nothing in common with a whole releases dump. */
function checkSomeLeft(result: DumpResult, options: ConvertOptions): void {
  const { kind, input, read, written, filtered, pruned } = result;
  if (kind !== 'release' || written > 0 || filtered + pruned === 0 || options.limit !== undefined)
    return;
  const hasLibrary = options.libraryDb !== undefined || options.libraryArtists !== undefined;
  throw new BadInputError(
    options.wanted?.release
      ? `None of the ${read} releases in ${input} is wanted${hasLibrary ? ' and in the library' : ''}`
      : `None of the ${read} releases in ${input} is in the library: is it the right library?`,
  );
}

function converterOptions(
  options: ConvertOptions,
  kind: DumpKind,
  selection: PackedSelection | undefined,
): ConverterOptions {
  return {
    kind,
    profile: options.profile ?? 'lean',
    ...(options.wanted?.[kind] ? { wanted: idSetOf(options.wanted[kind]).pack() } : {}),
    cleanNewlines: options.cleanNewlines ?? false,
    ...(selection && kind === 'release' ? { selection } : {}),
    decisions: options.decisions !== undefined,
    coverage: Boolean(options.coverage),
    reader: options.reader ?? 'fast',
  };
}

/** Why releases were left out by their names or ids. */
function leftOutAs({ wanted, libraryDb, libraryArtists }: ConvertOptions): string {
  if (!wanted?.release) return 'not in the library';
  return libraryDb === undefined && libraryArtists === undefined
    ? 'not wanted'
    : 'not wanted or not in the library';
}

function summary(results: DumpResult[], options: ConvertOptions, seconds: number): ConvertResult {
  const total = { ...noCounts(), bytes: 0 };
  const files: Record<string, number> = {};
  for (const { kind, input, files: rows, lastId, repairs, ...counts } of results) {
    addCounts(total, counts);
    Object.assign(files, rows);
  }
  const dropped: Record<string, number> = {};
  if (total.filtered > 0)
    dropped[
      results.every(({ kind }) => kind !== 'release') ? 'not of a kept release' : leftOutAs(options)
    ] = total.filtered;
  if (total.pruned > 0) dropped['not owned by the library'] = total.pruned;
  if (total.nameless > 0) dropped['without a name'] = total.nameless;
  if (total.rejected > 0) dropped['rejected'] = total.rejected;
  return {
    step: 'convert',
    unit: results.length === 1 ? `${results[0]!.kind}s` : 'records',
    read: total.read,
    written: total.written,
    dropped,
    seconds,
    dumps: results,
    files,
    ...(options.matchedOnly
      ? { decisions: { keep: total.keep, review: total.review, prune: total.pruned } }
      : {}),
    rejected: total.rejected,
    lastId: results.at(-1)?.lastId ?? null,
    bytes: total.bytes,
  };
}
