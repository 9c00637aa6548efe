// The step: a directory of release CSVs in, the same files with the library's releases alone out.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { exportKind, findCsv, guardOutputs, lockOutput, openCsv, PartialFile, type CsvBatch, type OutputKind } from '@wxyc/csv';
import { releaseFiles } from '@wxyc/dataset';
import { readArtistFile, readLibrary } from '@wxyc/library';
import { createArtistFilter, decisionsKind, DecisionThread, readMappings, type ArtistFilterOptions, type ClassifierOptions } from '@wxyc/matching';
import { BadInputError, stepContext, throwIfInterrupted, UsageError, type StepContext, type StepResult } from '@wxyc/step';
import type { DecisionCounts } from './decider.js';
import type { IdSet } from './kept-ids.js';
import { matchedReleases, passingReleases } from './selection.js';

export interface FilterOptions {
  /** File with the artists to keep, one a line. */
  libraryArtists: string;
  /** Directory with release CSVs. */
  input: string;
  output: string;
  /** Also keep the compilations that this library.db owns. */
  libraryDb?: string;
  /** Also drop releases that the library's decision prunes. Needs {@link libraryDb}. */
  matchedOnly?: boolean;
  mappingsFile?: string;
  scoreCutoff?: number;
  /** Write the decisions to this CSV file. Needs {@link matchedOnly}. */
  decisions?: string;
}

export interface FilterResult extends StepResult {
  /** File name (without .csv) to rows read and written, headers not counted. */
  files: Record<string, { read: number; written: number }>;
  /** Decisions of the releases that passed the artist filter; with `matchedOnly`. */
  decisions?: DecisionCounts;
}

/** Without these there is nothing to go by. */
const requiredFiles = ['release', 'release_artist'];

/**
 * Copies the rows of releases by the library's artists, byte for byte, from all release CSVs of a directory. Streaming;
 * memory: some chunks and a bit for each id.
 *
 * Throws a UsageError, a BadInputError (missing file or column, no artists, nothing matched) or a LockedError.
 *
 * @example
 * await filter({ libraryArtists: 'library_artists.txt', input: 'cleaned', output: 'filtered' });
 */
export async function filter(options: FilterOptions, context?: Partial<StepContext>): Promise<FilterResult> {
  checkOptions(options);
  const thread = options.matchedOnly ? new DecisionThread() : undefined;
  try {
    return await filterFiles(options, stepContext(context), thread);
  } finally {
    await thread?.close();
  }
}

async function filterFiles(options: FilterOptions, { signal, logger, progress }: StepContext, thread: DecisionThread | undefined): Promise<FilterResult> {
  const started = performance.now();
  const { judgement, ...names } = readLibrarySide(options);
  if (judgement) thread?.use(judgement);
  const present = await presentFiles(options.input);
  await guardFiles(options, present);
  const lock = await lockOutput(options.output);
  const outputs: PartialFile[] = [];
  const create = async (path: string, kind: OutputKind): Promise<PartialFile> => {
    const file = await PartialFile.create(path, kind);
    outputs.push(file);
    return file;
  };
  const decisionsFile = async (): Promise<PartialFile | undefined> => {
    if (options.decisions === undefined) return undefined;
    for (const file of outputs.splice(0)) await file.discard();
    return create(options.decisions, decisionsKind);
  };
  const task = progress.start('filter', { unit: 'bytes', total: present.reduce((sum, { size }) => sum + size, 0) });
  try {
    const artistFilter = createArtistFilter(names);
    if (artistFilter.artistCount === 0) throw new BadInputError(`${options.libraryArtists} holds no artist`);
    const source = { directory: options.input, signal };
    const { kept, passed, decisions } = thread ? await matchedReleases(source, artistFilter, thread, decisionsFile) : await passingReleases(source, artistFilter);
    logger.info({ releases: passed, artists: artistFilter.artistCount }, 'releases by the library');
    const files: FilterResult['files'] = {};
    let done = 0;
    for (const { name, path, size, kind } of present) {
      files[name] = await copyRows(path, await create(join(options.output, `${name}.csv`), kind), kept, signal, (bytes) =>
        task.update(done + bytes, name),
      );
      done += size;
      logger.info({ file: name, ...files[name] }, 'filtered');
    }
    const { read, written } = files['release']!;
    if (read === 0) throw new BadInputError(`${join(options.input, 'release.csv')} holds no release`);
    if (written === 0 && passed === 0) {
      throw new BadInputError(`None of the ${read} releases in ${options.input} is by an artist of ${options.libraryArtists}: is it the right file?`);
    }
    throwIfInterrupted(signal);
    await Promise.all(outputs.map((file) => file.sync()));
    for (const file of outputs) await file.finish();
    const dropped: Record<string, number> = {};
    const pruned = Math.min(decisions?.prune ?? 0, read - written);
    if (read - written - pruned > 0) dropped['not in the library'] = read - written - pruned;
    if (pruned > 0) dropped['pruned by the library'] = pruned;
    return {
      step: 'filter',
      unit: 'releases',
      read,
      written,
      dropped,
      seconds: (performance.now() - started) / 1000,
      files,
      ...(decisions ? { decisions } : {}),
    };
  } catch (error) {
    for (const file of outputs) await (error instanceof BadInputError ? file.keep() : file.discard());
    throw error;
  } finally {
    task.end();
    await lock.release();
  }
}

function checkOptions(options: FilterOptions): void {
  if (resolve(options.input) === resolve(options.output)) throw new UsageError(`${options.input} is given as input and as output: choose another output`);
  if (options.matchedOnly && options.libraryDb === undefined) throw new UsageError('--matched-only decides by the titles of the library: give --library-db too');
  if (options.decisions !== undefined && !options.matchedOnly) throw new UsageError('--decisions goes with --matched-only');
}

/** The names to keep, with the library's compilations, and with `matchedOnly` what decisions depend on. */
function readLibrarySide(options: FilterOptions): ArtistFilterOptions & { judgement: ClassifierOptions | undefined } {
  const { artists } = readArtistFile(options.libraryArtists);
  const library = options.libraryDb === undefined ? undefined : readLibrary(options.libraryDb);
  if (!options.matchedOnly || !library) return { artists, library, judgement: undefined };
  const mappings = options.mappingsFile === undefined ? undefined : readMappings(options.mappingsFile);
  return { artists, library, judgement: { library, mappings, scoreCutoff: options.scoreCutoff } };
}

interface PresentFile {
  name: string;
  path: string;
  size: number;
  kind: OutputKind;
}

async function presentFiles(directory: string): Promise<PresentFile[]> {
  const present: PresentFile[] = [];
  for (const file of releaseFiles) {
    const { name } = file;
    const path = findCsv(directory, name);
    if (path !== undefined) present.push({ name, path, size: (await stat(path)).size, kind: exportKind(file) });
    else if (requiredFiles.includes(name)) throw new BadInputError(`${join(directory, `${name}.csv`)} does not exist`);
  }
  return present;
}

/** Nothing that is read may be written, and nothing replaced that a filter does not write. */
async function guardFiles(options: FilterOptions, present: readonly PresentFile[]): Promise<void> {
  const outputs = present.map(({ name, kind }) => ({ flag: '<output-dir>', path: join(options.output, `${name}.csv`), kind }));
  await guardOutputs(
    [{ flag: '--decisions', path: options.decisions, kind: decisionsKind }, ...outputs],
    [...present.map(({ path }) => path), options.libraryArtists, options.libraryDb, options.mappingsFile],
  );
}

async function copyRows(
  input: string,
  output: PartialFile,
  kept: IdSet,
  signal: AbortSignal,
  report: (bytes: number) => void,
): Promise<{ read: number; written: number }> {
  const csv = await openCsv(input, { signal, repair: 'none' });
  const id = csv.column('release_id', 'id');
  let written = 0;
  await output.write(csv.rawHeader);
  for await (const batch of csv.batches()) {
    // Runs of kept rows are copied in one piece.
    for (let row = 0; row < batch.rows; ) {
      if (!kept.has(batch.integer(row, id))) {
        row++;
        continue;
      }
      const end = runEnd(batch, row, id, kept);
      await output.write(batch.bytes.subarray(batch.rowStart(row), batch.rowEnd(end - 1)));
      written += end - row;
      row = end;
    }
    report(csv.bytesRead);
  }
  return { read: csv.rows, written };
}

/** The first row behind `row` that is not kept, or does not follow directly. */
function runEnd(batch: CsvBatch, row: number, id: number, kept: IdSet): number {
  let end = row + 1;
  while (end < batch.rows && batch.rowStart(end) === batch.rowEnd(end - 1) && kept.has(batch.integer(end, id))) end++;
  return end;
}
