// The step: a directory of release CSVs in, the same files with only the library's releases out.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  exportKind,
  findCsv,
  guardOutputs,
  lockOutput,
  openCsv,
  PartialFile,
  type CsvBatch,
  type OutputKind,
  type IdSet,
} from '@wxyc/csv';
import { filesOf } from '@wxyc/dataset';
import {
  libraryName,
  matchFileKinds,
  readArtistList,
  readMatchBasis,
  withLibrary,
  type MatchFiles,
} from '@wxyc/library';
import {
  coverageKind,
  coverageText,
  decisionsKind,
  type LibraryCoverage,
  measureCoverage,
  NameList,
  NearestReleases,
  packSelection,
  Selection,
} from '@wxyc/matching';

import {
  BadInputError,
  checkOptions,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  type StepResult,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import { selectReleases } from './selection.js';
import type { DecisionCounts } from '@wxyc/matching';

/** With a library, its files also decide which releases stay. */
export interface FilterOptions extends Partial<MatchFiles> {
  /** File with the artists to keep, one per line. */
  libraryArtists: string;
  /** Directory with release CSVs. */
  input: string;
  /** Directory for the filtered files; created if need be. */
  output: string;
  /** Keep only releases that the library's decision keeps or wants reviewed, whoever the artist is. Needs `libraryDb`. */
  matchedOnly?: boolean | undefined;
  /** Write the decisions to this CSV file. Needs {@link matchedOnly}. */
  decisions?: string | undefined;
  /** Write for every library album which releases are it, or the nearest one, to this CSV file. Needs `libraryDb`. */
  coverage?: string | undefined;
}

export interface FilterResult extends StepResult {
  /** Rows read and written by file name (without .csv), headers not counted. */
  files: Record<string, { read: number; written: number }>;
  /** Decisions of all releases; with `matchedOnly`. */
  decisions?: DecisionCounts;
  /** Entries of the mappings file that no release met; with `matchedOnly`. */
  unmetMappings?: string[];
  /** Albums of the library found, in doubt and missing; with `coverage`. */
  coverage?: LibraryCoverage;
}

/** The files without which nothing can be decided. */
const requiredFiles = ['release', 'release_artist'];

const optionKinds: OptionKinds<FilterOptions> = {
  ...matchFileKinds,
  libraryArtists: required(option.text),
  input: required(option.text),
  output: required(option.text),
  matchedOnly: option.flag,
  decisions: option.text,
  coverage: option.text,
};

/**
 * Copies the rows of releases by the library's artists, byte for byte, from all release CSVs of a directory. Streaming;
 * memory: some chunks and one bit per id.
 *
 * Throws a UsageError, a BadInputError (missing file or column, no artists, nothing matched) or a LockedError.
 *
 * @example
 * await filter({ libraryArtists: 'library_artists.txt', input: 'cleaned', output: 'filtered' });
 */
export async function filter(
  given: FilterOptions,
  context?: Partial<StepContext>,
): Promise<FilterResult> {
  checkOptions('filter', given, optionKinds);
  const options = await withLibrary(given, context?.signal);
  const { signal, logger, progress } = stepContext(context);
  const started = performance.now();
  checkTogether(options);
  const { selection, leftOut } = await readSelection(options);
  const { classifier } = selection;
  // Only the decisions file has what a pruned release came near to.
  if (classifier) classifier.namesNearest = options.decisions !== undefined;
  const nearest =
    options.coverage !== undefined && classifier
      ? new NearestReleases(classifier.basis.library)
      : undefined;
  nearest?.observe(classifier!);
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
  const task = progress.start('filter', {
    unit: 'bytes',
    total: present.reduce((sum, { size }) => sum + size, 0),
  });
  try {
    const { kept, counts } = await selectReleases(
      { directory: options.input, signal, observed: nearest !== undefined },
      selection,
      decisionsFile,
    );
    logger.info({ releases: kept.size }, 'releases selected');
    const files: FilterResult['files'] = {};
    let done = 0;
    for (const { name, path, size, kind } of present) {
      files[name] = await copyRows(
        path,
        await create(join(options.output, `${name}.csv`), kind),
        kept,
        signal,
        (bytes) => task.update(done + bytes, name),
      );
      done += size;
      logger.info({ file: name, ...files[name] }, 'filtered');
    }
    const { read, written } = files['release']!;
    if (read === 0)
      throw new BadInputError(`${join(options.input, 'release.csv')} holds no release`);
    if (written === 0 && kept.size === 0) {
      const what = options.matchedOnly
        ? `in the library ${libraryName(options.libraryDb)}`
        : `by an artist of ${options.libraryArtists}`;
      throw new BadInputError(
        `None of the ${read} releases in ${options.input} is ${what}: is it the right file?`,
      );
    }
    const library = nearest && { rows: classifier!.basis.library, leftOut };
    if (library) {
      const file = await create(options.coverage!, coverageKind);
      for (const piece of coverageText(library, nearest)) await file.write(Buffer.from(piece));
    }
    const unmet = options.matchedOnly ? classifier!.unmetMappings() : [];
    if (unmet.length > 0)
      logger.warn(
        { mappings: unmet },
        `${unmet.length} entries in the mappings file matched no release: ${unmet.slice(0, 5).join(', ')}`,
      );
    throwIfInterrupted(signal);
    await Promise.all(outputs.map((file) => file.sync()));
    for (const file of outputs) await file.finish();
    const dropped = read - written;
    return {
      step: 'filter',
      unit: 'releases',
      read,
      written,
      dropped:
        dropped > 0
          ? { [options.matchedOnly ? 'not owned by the library' : 'not in the library']: dropped }
          : {},
      seconds: (performance.now() - started) / 1000,
      files,
      ...(options.matchedOnly ? { decisions: counts, unmetMappings: unmet } : {}),
      ...(library ? { coverage: measureCoverage(library, nearest!) } : {}),
    };
  } catch (error) {
    for (const file of outputs)
      await (error instanceof BadInputError ? file.keep() : file.discard());
    throw error;
  } finally {
    task.end();
    await lock.release();
  }
}

function checkTogether(options: FilterOptions): void {
  if (resolve(options.input) === resolve(options.output))
    throw new UsageError(`${options.input} is given as input and as output: choose another output`);
  if (options.matchedOnly && options.libraryDb === undefined)
    throw new UsageError('--matched-only compares titles with the library: give --library-db too');
  if (options.decisions !== undefined && !options.matchedOnly)
    throw new UsageError('--decisions needs --matched-only');
  if (options.coverage !== undefined && options.libraryDb === undefined)
    throw new UsageError('--coverage lists the albums of a library: give --library-db too');
}

/** Also returns how many library rows say nothing. */
async function readSelection(
  options: FilterOptions,
): Promise<{ selection: Selection; leftOut: number }> {
  const { libraryArtists, libraryDb, matchedOnly = false } = options;
  const basis =
    libraryDb === undefined ? undefined : await readMatchBasis({ ...options, libraryDb });
  const names = basis?.artists ?? readArtistList(libraryArtists).artists;
  if (new NameList(names).size === 0) throw new BadInputError(`${libraryArtists} holds no artist`);
  const further = basis?.alternates?.map(([, name]) => name) ?? [];
  return {
    selection: new Selection(packSelection({ names: [...names, ...further], basis, matchedOnly })),
    leftOut: basis?.skipped ?? 0,
  };
}

interface PresentFile {
  name: string;
  path: string;
  size: number;
  kind: OutputKind;
}

async function presentFiles(directory: string): Promise<PresentFile[]> {
  const present: PresentFile[] = [];
  for (const file of filesOf('full', 'release')) {
    const { name } = file;
    const path = findCsv(directory, name);
    if (path !== undefined)
      present.push({ name, path, size: (await stat(path)).size, kind: exportKind(file) });
    else if (requiredFiles.includes(name))
      throw new BadInputError(`${join(directory, `${name}.csv`)} does not exist`);
  }
  return present;
}

/** Nothing that is read may be written, and nothing replaced that a filter does not write. */
async function guardFiles(options: FilterOptions, present: readonly PresentFile[]): Promise<void> {
  const outputs = present.map(({ name, kind }) => ({
    flag: '<output-dir>',
    path: join(options.output, `${name}.csv`),
    kind,
  }));
  await guardOutputs(
    [
      { flag: '--decisions', path: options.decisions, kind: decisionsKind },
      { flag: '--coverage', path: options.coverage, kind: coverageKind },
      ...outputs,
    ],
    [
      ...present.map(({ path }) => path),
      options.libraryArtists,
      options.libraryDb,
      options.mappingsFile,
      options.alternates,
      options.keepIds,
      options.aliases,
    ],
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
    for (let row = 0; row < batch.rows;) {
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

/** The first row after `row` that is not kept, or does not follow directly. */
function runEnd(batch: CsvBatch, row: number, id: number, kept: IdSet): number {
  let end = row + 1;
  while (
    end < batch.rows &&
    batch.rowStart(end) === batch.rowEnd(end - 1) &&
    kept.has(batch.integer(end, id))
  )
    end++;
  return end;
}
