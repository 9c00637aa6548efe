/** A month's dumps that the run fetches, and reads while they arrive. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  beginFetch,
  ChangedFileError,
  checkMonth,
  dumpKinds,
  fileOf,
  findMonth,
  keptMonth,
  withChecksums,
  type ArrivingFile,
  type DumpFileKind,
  type DumpMonth,
  type FetchedFile,
  type SiteOptions,
} from '@wxyc/fetch';
import { BadInputError, throwIfInterrupted, type StepContext, type StepResult } from '@wxyc/step';
import { readState, type RunState } from './state.js';
import type { MonthlyDumps, PipelineOptions, Plan } from './run-plan.js';

/** The name that a dump has among a run's inputs. */
export const inputName = (kind: DumpFileKind): string =>
  kind === 'releases' ? 'dump' : `${kind} dump`;
/** How the state file names a fetched dump: `discogs_20260901_releases.xml.gz, sha256 …`. */
const recorded = /^discogs_((\d{4})(\d\d)\d\d)_\w+\.xml\.gz, sha256 ([0-9a-f]{64})$/;
const nameOf = (stamp: string, kind: DumpFileKind): string => `discogs_${stamp}_${kind}.xml.gz`;

export function monthlyFingerprint({ month, sha256 }: MonthlyDumps, kind: DumpFileKind): string {
  return `${nameOf(month.stamp, kind)}, sha256 ${sha256[kind]}`;
}

/** The path that a dump will have. */
export const monthlyPath = ({ month, directory }: MonthlyDumps, kind: DumpFileKind): string =>
  join(directory, nameOf(month.stamp, kind));

/**
 * Which month the options mean. A run that is resumed goes on with its own month: `latest` may be another by now, and for what is
 * already done the site is not needed. Nothing is written.
 *
 * @param kinds the dumps that the run is known to need.
 * @param patience how patient to be with a site that does not answer. Default: as patient as a run.
 * @throws BadInputError for a month that does not exist or is not complete.
 */
export async function findMonthlyDumps(
  options: PipelineOptions,
  kinds: readonly DumpFileKind[],
  stateFile: string,
  context?: Partial<StepContext>,
  patience: Pick<SiteOptions, 'retries' | 'stall'> = {},
): Promise<MonthlyDumps> {
  const [asked, directory] = [options.month!, options.downloadDir!];
  checkMonth(asked);
  const common = { site: { baseUrl: options.baseUrl, fetch: options.fetch }, directory };
  const found = options.resume ? await readState(stateFile) : undefined;
  const begun = found?.needsProof === false ? monthOfState(found.state) : undefined;
  if (begun && (asked === 'latest' || asked === begun.month.month)) return { ...common, ...begun };
  const kept = asked === 'latest' ? undefined : await keptMonth(asked, kinds, directory);
  if (kept) return { ...common, month: kept.month, sha256: checksumsOf(kept.files) };
  const month = await findMonth({ ...common.site, ...patience, month: asked }, context);
  refuseMissing(month, kinds);
  return { ...common, month, sha256: {} };
}

export type FindDumps = (
  ...given: [
    options: PipelineOptions,
    kinds: readonly DumpFileKind[],
    stateFile: string,
    context?: Partial<StepContext>,
  ]
) => Promise<MonthlyDumps>;

/** For checks, which promise an answer within seconds: a run at night can wait for a site that is down for minutes. */
export const findDumpsBriefly: FindDumps = (options, kinds, stateFile, context) =>
  findMonthlyDumps(options, kinds, stateFile, context, { retries: 2, stall: 10_000 });

/** The month and the checksums that a run has begun with. */
function monthOfState({ inputs }: RunState): Pick<MonthlyDumps, 'month' | 'sha256'> | undefined {
  const [, stamp, year, month] = recorded.exec(inputs['dump'] ?? '') ?? [];
  if (stamp === undefined) return undefined;
  const files = Object.fromEntries(
    dumpKinds.map((kind) => [
      kind,
      {
        name: nameOf(stamp, kind),
        key: `data/${year}/${nameOf(stamp, kind)}`,
        listedBytes: undefined,
      },
    ]),
  );
  const sha256 = Object.fromEntries(
    dumpKinds.map((kind) => [kind, recorded.exec(inputs[inputName(kind)] ?? '')?.[4]]),
  );
  return { month: { month: `${year}-${month}`, stamp, files }, sha256 };
}

const checksumsOf = (
  files: readonly { kind: DumpFileKind; sha256: string }[],
): MonthlyDumps['sha256'] => Object.fromEntries(files.map(({ kind, sha256 }) => [kind, sha256]));

/** An old month may lack a dump for good. */
function refuseMissing(month: DumpMonth, kinds: readonly DumpFileKind[]): void {
  const missing = kinds.filter((kind) => !month.files[kind]);
  if (missing.length === 0) return;
  throw new BadInputError(
    `The month ${month.month} has no ${missing.join(' and no ')} dump, which this run needs; take another month${missing.includes('releases') ? '' : ', or give --releases-only to do without'}`,
  );
}

/** Reads the month's checksums of these dumps, unless they are known, and keeps them beside the dumps. */
export async function withMonthlyChecksums(
  dumps: MonthlyDumps,
  kinds: readonly DumpFileKind[],
  context: StepContext,
): Promise<MonthlyDumps> {
  const unknown = kinds.filter((kind) => dumps.sha256[kind] === undefined);
  if (unknown.length === 0) return dumps;
  const { site, directory } = dumps;
  const kept = await keptMonth(dumps.month.month, unknown, directory);
  if (kept)
    return {
      ...dumps,
      month: { ...dumps.month, files: { ...dumps.month.files, ...kept.month.files } },
      sha256: { ...dumps.sha256, ...checksumsOf(kept.files) },
    };
  // The checksums in the directory, or those that the resumed run needed, may not cover all of these dumps.
  const isListed =
    unknown.every((kind) => dumps.month.files[kind]) && dumps.month.files.checksum !== undefined;
  const month = isListed
    ? dumps.month
    : await findMonth({ ...site, month: dumps.month.month }, context);
  refuseMissing(month, unknown);
  const { files } = await withChecksums(
    { ...site, month: month.month, kinds: unknown, output: directory },
    month,
    context,
  );
  return {
    ...dumps,
    month: { ...month, files: { ...dumps.month.files, ...month.files } },
    sha256: { ...dumps.sha256, ...checksumsOf(files) },
  };
}

/** The size of the dumps that are still to be fetched, in bytes as the site rounds them, and their names. */
export function stillToFetch(
  dumps: MonthlyDumps,
  kinds: readonly DumpFileKind[],
): { names: string[]; bytes: number } {
  const wanted = kinds.filter((kind) => !existsSync(monthlyPath(dumps, kind)));
  return {
    names: wanted.map((kind) => nameOf(dumps.month.stamp, kind)),
    bytes: wanted.reduce((sum, kind) => sum + (dumps.month.files[kind]?.listedBytes ?? 0), 0),
  };
}

/** What was read, and how long fetching took; without the latter if the dumps were given. */
export interface ReadDumps<R> {
  result: R;
  fetch?: StepResult[];
}

/**
 * Reads dumps of the plan. Of those that are fetched, the last is read while it arrives, after the others: one connection at
 * a time. Resolves only when all of them are whole and verified, so that nothing later is built on other bytes.
 *
 * @param read receives, for each kind, a dump that is arriving or the path of one that has been fetched.
 */
export async function readDumps<R>(
  plan: Plan,
  kinds: readonly DumpFileKind[],
  read: (dumps: (ArrivingFile | string)[]) => Promise<R>,
  context: StepContext,
): Promise<ReadDumps<R>> {
  const { monthly } = plan;
  if (!monthly)
    return {
      result: await read(
        kinds.map((kind) => (kind === 'releases' ? plan.dump : plan[`${kind}Dump`])!),
      ),
    };
  const before = kinds.slice(0, -1);
  const fetched: StepResult[] = [];
  for (const kind of before) fetched.push(await fetchWhole(monthly, kind, context));
  const { result, fetch } = await readWhileItArrives(
    monthly,
    kinds.at(-1)!,
    (last) => read([...before.map((kind) => monthlyPath(monthly, kind)), last]),
    context,
  );
  return { result, fetch: [...fetched, fetch] };
}

/** Begins to fetch; the time that it took is known when it has ended. */
async function begin(dumps: MonthlyDumps, kind: DumpFileKind, context: StepContext) {
  const began = performance.now();
  const options = {
    ...dumps.site,
    remote: fileOf(dumps.month, kind),
    sha256: dumps.sha256[kind]!,
    output: dumps.directory,
  };
  const { arriving, finished } = await beginFetch(options, {
    ...context,
    logger: context.logger.child({ step: 'fetch' }),
  });
  return {
    arriving,
    finished: finished.then((file) => ({ file, seconds: (performance.now() - began) / 1000 })),
  };
}

async function fetchWhole(
  dumps: MonthlyDumps,
  kind: DumpFileKind,
  context: StepContext,
): Promise<StepResult> {
  const { finished } = await begin(dumps, kind, context);
  const { file, seconds } = await finished;
  return resultOf(dumps, kind, file, seconds, 'fetched');
}

async function readWhileItArrives<R>(
  dumps: MonthlyDumps,
  kind: DumpFileKind,
  read: (dump: ArrivingFile | string) => Promise<R>,
  context: StepContext,
): Promise<{ result: R; fetch: StepResult }> {
  const { logger } = context;
  const stop = new AbortController();
  const { arriving, finished } = await begin(dumps, kind, {
    ...context,
    signal: AbortSignal.any([context.signal, stop.signal]),
  });
  finished.catch(() => undefined);
  try {
    const result = await read(arriving).catch(async (error: Error) => {
      if (!(error instanceof BadInputError || error instanceof ChangedFileError)) throw error;
      // Unverified bytes may have been wrong: the fetch repairs them, or says that it cannot.
      logger.warn(`${error.message}; waiting until the dump is verified`);
      const { file } = await finished;
      const changed = await arriving.waitBeyond(0).then(
        () => false,
        () => true,
      );
      if (!changed) throw error;
      logger.warn('the dump was repaired: reading it again');
      return read(file.path);
    });
    const { file, seconds } = await finished;
    return { result, fetch: resultOf(dumps, kind, file, seconds, 'read while it arrived') };
  } catch (error) {
    stop.abort();
    await finished.catch(() => undefined);
    throwIfInterrupted(context.signal);
    throw error;
  }
}

function resultOf(
  { month: { month } }: MonthlyDumps,
  kind: DumpFileKind,
  { bytes, fetched, broken }: FetchedFile,
  seconds: number,
  how: string,
): StepResult {
  const note =
    fetched === 0
      ? `${month}: already complete, and verified`
      : `${month}: ${how}${broken > 0 ? `; the connection broke ${broken === 1 ? 'once' : `${broken} times`} on the way` : ''}`;
  return {
    step: kind === 'releases' ? 'fetch' : `fetch ${kind}`,
    unit: 'bytes',
    read: bytes,
    written: bytes,
    dropped: {},
    seconds,
    note,
  };
}
