// The step: CSV files in, the same files without newlines inside fields out.
import { isUtf8 } from 'node:buffer';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  csvInput,
  csvKindLike,
  findCsv,
  guardOutputs,
  lockOutput,
  longestRow,
  PartialFile,
  refuseWrongKind,
  replacementsIn,
  rowTooLong,
  type OutputKind,
} from '@wxyc/csv';
import {
  BadInputError,
  checkOptions,
  option,
  type OptionKinds,
  refuseSpecialInput,
  required,
  stepContext,
  type StepContext,
  type StepResult,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import { Cleaner } from './cleaner.js';

export interface FixNewlinesOptions {
  /** A CSV file, or a directory: all `.csv` files in it. */
  input: string;
  /** A file for a file, a directory for a directory. */
  output: string;
}

/** What became of one file; rows are counted without the header. */
export interface FixedFile {
  input: string;
  output: string;
  rows: number;
  /** Fields that held a newline. */
  cleanedFields: number;
  /** How often U+FFFD replaced invalid UTF-8. */
  invalidUtf8: number;
}

export interface FixNewlinesResult extends StepResult {
  /** What became of each file. */
  files: FixedFile[];
  /** Fields that held a line end. */
  cleanedFields: number;
}

const chunkSize = 1024 * 1024;

const optionKinds: OptionKinds<FixNewlinesOptions> = {
  input: required(option.text),
  output: required(option.text),
};

/**
 * Replaces each CRLF, CR and LF inside fields by one space and writes the rows again with minimal quoting. Streaming;
 * memory: some chunks and the longest row. Files appear under their names when all of them are whole.
 *
 * Throws a UsageError if input and output do not fit together, a BadInputError for a missing or empty input and for a
 * quote that is never closed.
 *
 * @example
 * await fixNewlines({ input: 'csv', output: 'cleaned' });
 */
export async function fixNewlines(
  options: FixNewlinesOptions,
  context?: Partial<StepContext>,
): Promise<FixNewlinesResult> {
  checkOptions('fixNewlines', options, optionKinds);
  const { signal, logger, progress } = stepContext(context);
  const started = performance.now();
  const pairs = await filePairs(options);
  const kinds: OutputKind[] = [];
  for (const { input } of pairs)
    kinds.push(csvKindLike(`a cleaned copy of ${input}`, await readStart(input)));
  await guardOutputs(
    pairs.map(({ output }, at) => ({ flag: '<output>', path: output, kind: kinds[at]! })),
    pairs.map(({ input }) => input),
  );
  const lock = await lockOutput(dirname(pairs[0]!.output));
  const outputs: PartialFile[] = [];
  try {
    const total = pairs.reduce((sum, { size }) => sum + size, 0);
    const task = progress.start('fix newlines', { unit: 'bytes', total });
    let done = 0;
    const files: FixedFile[] = [];
    try {
      for (const [at, { input, output, size }] of pairs.entries()) {
        const target = await PartialFile.create(output, kinds[at]!);
        outputs.push(target);
        const file = await fixFile(input, target, signal, (bytes) =>
          task.update(done + bytes, basename(input)),
        );
        done += size;
        logger.info({ ...file }, 'cleaned');
        files.push(file);
      }
    } finally {
      task.end();
    }
    throwIfInterrupted(signal);
    await Promise.all(outputs.map((file) => file.sync()));
    for (const file of outputs) await file.finish();
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const cleanedFields = files.reduce((sum, file) => sum + file.cleanedFields, 0);
    return {
      step: 'fix-newlines',
      unit: 'rows',
      read: rows,
      written: rows,
      dropped: {},
      seconds: (performance.now() - started) / 1000,
      files,
      cleanedFields,
      note:
        cleanedFields === 1
          ? '1 field contained a newline'
          : `${cleanedFields} fields contained a newline`,
    };
  } catch (error) {
    for (const file of outputs)
      await (error instanceof BadInputError ? file.keep() : file.discard());
    throw error;
  } finally {
    await lock.release();
  }
}

interface FilePair {
  input: string;
  output: string;
  size: number;
}

async function filePairs({ input, output }: FixNewlinesOptions): Promise<FilePair[]> {
  if (resolve(input) === resolve(output))
    throw new UsageError(`${input} is given as input and as output: choose another output`);
  const source = await stat(input).catch((cause: NodeJS.ErrnoException) => {
    throw new BadInputError(
      `${input} ${cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`}`,
      { cause },
    );
  });
  const target = await stat(output).catch(() => undefined);
  if (!source.isDirectory()) {
    if (target?.isDirectory() || /[/\\]$/.test(output))
      throw new UsageError(
        `${input} is a file and ${output} a directory: give two files or two directories`,
      );
    return [{ input, output, size: source.size }];
  }
  if (target && !target.isDirectory())
    throw new UsageError(
      `${input} is a directory and ${output} a file: give two files or two directories`,
    );
  const names = [
    ...new Set(
      (await readdir(input)).map(
        (name) => /^(.+)\.csv(?:\.(?:gz|bz2|xz|zst|zip))?$/.exec(name)?.[1] ?? '',
      ),
    ),
  ]
    .filter((name) => name !== '')
    .sort();
  if (names.length === 0) throw new BadInputError(`${input} holds no .csv file`);
  return Promise.all(
    names.map(async (name) => {
      const path = findCsv(input, name)!;
      return { input: path, output: join(output, `${name}.csv`), size: (await stat(path)).size };
    }),
  );
}

async function fixFile(
  input: string,
  output: PartialFile,
  signal: AbortSignal,
  report: (bytes: number) => void,
): Promise<FixedFile> {
  const cleaner = new Cleaner();
  let invalidUtf8 = 0;
  const write = async (rows: Buffer): Promise<void> => {
    if (rows.length === 0) return;
    if (isUtf8(rows)) return output.write(rows);
    // Whole rows only: no character is cut here.
    const repaired = Buffer.from(rows.toString('utf8'));
    invalidUtf8 += replacementsIn(repaired) - replacementsIn(rows);
    return output.write(repaired);
  };
  const source = await csvInput(input, await open(input, 'r'));
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkSize);
      const length = await source.read(chunk, 0, chunkSize);
      if (length === 0) break;
      throwIfInterrupted(signal);
      await write(cleaner.push(chunk.subarray(0, length)));
      if (cleaner.held > longestRow) throw rowTooLong(input, cleaner.rows);
      report(source.position());
    }
  } finally {
    await source.close();
  }
  const rest = cleaner.end();
  if (!rest)
    throw new BadInputError(
      `${input}: a quoted field in row ${cleaner.rows} (not counting the header) is never closed`,
    );
  await write(rest);
  if (cleaner.rows === 0) throw new BadInputError(`${input} is blank: a header row was expected`);
  return {
    input,
    output: output.path,
    rows: cleaner.rows - 1,
    cleanedFields: cleaner.cleaned,
    invalidUtf8,
  };
}

/** The first bytes. Read before anything is written: a file that is not CSV leaves nothing behind. */
async function readStart(input: string): Promise<Buffer> {
  refuseSpecialInput(input);
  const file = await csvInput(input, await open(input, 'r'));
  try {
    const buffer = Buffer.alloc(64 * 1024);
    const bytesRead = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) throw new BadInputError(`${input} is empty: a header row was expected`);
    refuseWrongKind(input, buffer.subarray(0, bytesRead));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
