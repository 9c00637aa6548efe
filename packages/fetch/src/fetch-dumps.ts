// The step: a month's dumps, each whole and verified.
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import {
  checkOptions,
  listOf,
  oneOf,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  StepError,
  type StepResult,
} from '@wxyc/step';
import { fetchChecksums, keptChecksums, type Checksums } from './checksums.js';
import { checkMonth, fileOf, findMonth, type FindMonthOptions } from './months.js';
import { beginFetch, type FetchedFile } from './one-file.js';
import { dumpKinds, type DumpFileKind, type DumpMonth } from './site.js';

export type { FetchedFile } from './one-file.js';

export interface FetchOptions extends FindMonthOptions {
  /** Directory for the dumps and the month's checksums; created if need be. */
  output: string;
}

export interface FetchResult extends StepResult {
  /** `2026-09`. */
  month: string;
  /** Each file, and whether it was there already. */
  files: (FetchedFile & { kind: DumpFileKind })[];
}

/** The dumps of a month that are wanted, with their checksums. */
export interface WantedMonth {
  month: DumpMonth;
  files: { kind: DumpFileKind; sha256: string }[];
}

const optionKinds: OptionKinds<FetchOptions> = {
  baseUrl: option.text,
  fetch: option.call,
  retries: option.countOrNone,
  stall: option.amount,
  firstPause: option.amount,
  month: required(option.text),
  kinds: listOf(oneOf(...dumpKinds)),
  output: required(option.text),
};

/**
 * Fetches dumps of one month into a directory: resumes what an earlier call left, however it ended, and gives a file its
 * name only when it is whole and its SHA-256 is that of the month's checksum file.
 *
 * Throws BadInputError for a month that does not exist or is not complete, StepError when the site cannot be reached or has
 * bytes that do not fit, LockedError when another process writes to the directory, UsageError, InterruptedError.
 *
 * @example
 * const { files } = await fetchDumps({ month: 'latest', output: 'dumps' }, { logger });
 * console.log(files[0].path);
 */
export async function fetchDumps(
  options: FetchOptions,
  context?: Partial<StepContext>,
): Promise<FetchResult> {
  checkOptions('fetchDumps', options, optionKinds);
  const { logger } = stepContext(context);
  const began = performance.now();
  const { month, files } = await wantedMonth(options, context);
  const fetched: FetchResult['files'] = [];
  for (const { kind, sha256 } of files) {
    logger.info({ listed: month.files[kind]?.listedBytes }, `fetching ${fileOf(month, kind).name}`);
    const { finished } = await beginFetch(
      { ...options, remote: fileOf(month, kind), sha256 },
      context,
    );
    fetched.push({ ...(await finished), kind });
  }
  const bytes = fetched.reduce((sum, file) => sum + file.bytes, 0);
  const fresh = fetched.reduce((sum, file) => sum + file.fetched, 0);
  const broken = fetched.reduce((sum, file) => sum + file.broken, 0);
  const note =
    fresh === 0
      ? 'already complete; verified again'
      : broken > 0
        ? `the connection broke ${broken === 1 ? 'once' : `${broken} times`} on the way`
        : undefined;
  return {
    step: 'fetch',
    unit: 'bytes',
    read: bytes,
    written: bytes,
    dropped: {},
    seconds: (performance.now() - began) / 1000,
    ...(note ? { note: `${month.month}: ${note}` } : { note: month.month }),
    month: month.month,
    files: fetched,
  };
}

/**
 * The month that a call means, and the checksums of its dumps. The site is not asked if the month is named and all of it is
 * in the directory.
 */
async function wantedMonth(
  options: FetchOptions,
  context?: Partial<StepContext>,
): Promise<WantedMonth> {
  const { output } = options;
  const kinds = wantedKinds(options);
  checkMonth(options.month);
  const kept =
    options.month === 'latest' ? undefined : await keptMonth(options.month, kinds, output);
  return kept ?? withChecksums(options, await findMonth(options, context), context);
}

/** The checksums of a month's dumps; they are kept in the directory. */
export async function withChecksums(
  options: FetchOptions,
  month: DumpMonth,
  context?: Partial<StepContext>,
): Promise<WantedMonth> {
  const checksums = await fetchChecksums(options, month, options.output, context);
  return {
    month,
    files: wantedKinds(options).map((kind) => ({
      kind,
      sha256: checksumOf(checksums, month, kind),
    })),
  };
}

/** Each once. */
const wantedKinds = ({ kinds = ['releases'] }: FetchOptions): DumpFileKind[] => [...new Set(kinds)];

function checksumOf(checksums: Checksums, month: DumpMonth, kind: DumpFileKind): string {
  const { name } = fileOf(month, kind);
  const sha256 = checksums.get(name);
  if (!sha256)
    throw new StepError(
      `The checksums of ${month.month} do not list ${name}, so it cannot be verified; try again later`,
    );
  return sha256;
}

/** A month whose checksums and wanted dumps are all in the directory. Since 2018, dumps are dated the first of the month. */
export async function keptMonth(
  name: string,
  kinds: readonly DumpFileKind[],
  output: string,
): Promise<WantedMonth | undefined> {
  const stamp = `${name.replace('-', '')}01`;
  const checksums = await keptChecksums(output, stamp);
  if (!checksums) return undefined;
  const month: DumpMonth = { month: name, stamp, files: {} };
  for (const kind of kinds) {
    const file = `discogs_${stamp}_${kind}.xml.gz`;
    if (!checksums.has(file) || !existsSync(join(output, file))) return undefined;
    month.files[kind] = {
      name: file,
      key: `data/${stamp.slice(0, 4)}/${file}`,
      listedBytes: undefined,
    };
  }
  return {
    month,
    files: kinds.map((kind) => ({ kind, sha256: checksumOf(checksums, month, kind) })),
  };
}
