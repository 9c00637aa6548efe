/** A month's dump that the run fetches, and reads while it arrives. */
import { join, basename } from 'node:path';
import { beginFetch, ChangedFileError, checkMonth, fileOf, findMonth, keptMonth, withChecksums, type ArrivingFile, type FetchedFile, type RemoteFile, type SiteOptions, type WantedMonth } from '@wxyc/fetch';
import { BadInputError, throwIfInterrupted, type StepContext, type StepResult } from '@wxyc/step';
import type { PipelineOptions } from './plan.js';
import { readState } from './state.js';

export interface MonthlyDump {
  /** `2026-09`. */
  month: string;
  file: RemoteFile;
  site: SiteOptions;
  /** The directory that it goes to. */
  directory: string;
  /** Where it will lie. */
  path: string;
  /** Of the month's checksum file; missing until that was read. */
  sha256?: string | undefined;
}

/** As the state file names the dump: `discogs_20260901_releases.xml.gz, sha256 …`. */
const recorded = /^(discogs_(\d{4})(\d\d)\d\d_releases\.xml\.gz), sha256 ([0-9a-f]{64})$/;

export function monthlyFingerprint({ file, sha256 }: MonthlyDump): string {
  return `${file.name}, sha256 ${sha256}`;
}

/**
 * Which dump the options mean. A run that is resumed goes on with its own: meanwhile `latest` may be another, and what is
 * done already needs no site. Nothing is written.
 *
 * @throws BadInputError for a month that is not there or not complete.
 */
export async function findMonthlyDump(options: PipelineOptions, stateFile: string, context?: Partial<StepContext>): Promise<MonthlyDump> {
  const [asked, directory] = [options.month!, options.downloadDir!];
  checkMonth(asked);
  const site: SiteOptions = { baseUrl: options.baseUrl, fetch: options.fetch };
  const make = (month: string, file: RemoteFile, sha256?: string): MonthlyDump => ({ month, file, site, directory, path: join(directory, file.name), sha256 });
  const found = options.resume ? await readState(stateFile) : undefined;
  const [, name, year, month, sha256] = recorded.exec((found?.needsProof === false && found.state.inputs['dump']) || '') ?? [];
  if (name && (asked === 'latest' || asked === `${year}-${month}`)) {
    return make(`${year}-${month}`, { name, key: `data/${year}/${name}`, listedBytes: undefined }, sha256);
  }
  const kept = asked === 'latest' ? undefined : await keptMonth(asked, ['releases'], directory);
  if (kept) return ofWanted(kept);
  const dumps = await findMonth({ ...site, month: asked }, context);
  return make(dumps.month, fileOf(dumps, 'releases'));

  function ofWanted({ month: dumpsOf, files }: WantedMonth): MonthlyDump {
    return make(dumpsOf.month, fileOf(dumpsOf, 'releases'), files[0]!.sha256);
  }
}

/** Reads the month's checksums, unless they are known, and keeps them beside the dump. */
export async function withChecksum(dump: MonthlyDump, context: StepContext): Promise<MonthlyDump> {
  if (dump.sha256 !== undefined) return dump;
  const { month, file, site, directory } = dump;
  const stamp = basename(file.name).split('_')[1]!;
  const { files } = await withChecksums({ ...site, month, output: directory }, { month, stamp, files: { releases: file } }, context);
  return { ...dump, sha256: files[0]!.sha256 };
}

/**
 * Fetches the dump and reads it meanwhile. Settles well only when the dump is whole and verified: nothing that comes after
 * is built on other bytes.
 *
 * @param read reads a dump that is arriving, or one that lies there.
 */
export async function readWhileItArrives<R extends StepResult>(dump: MonthlyDump, read: (dump: ArrivingFile | string) => Promise<R>, context: StepContext): Promise<R & { fetch: StepResult }> {
  const { logger } = context;
  const began = performance.now();
  const stop = new AbortController();
  const fetching = { ...context, signal: AbortSignal.any([context.signal, stop.signal]), logger: logger.child({ step: 'fetch' }) };
  const { arriving, finished } = await beginFetch({ ...dump.site, remote: dump.file, sha256: dump.sha256!, output: dump.directory }, fetching);
  let seconds = 0;
  const fetched = finished.finally(() => (seconds = (performance.now() - began) / 1000));
  fetched.catch(() => undefined);
  try {
    const result = await read(arriving).catch(async (error: Error) => {
      if (!(error instanceof BadInputError || error instanceof ChangedFileError)) throw error;
      // Bytes that are not verified yet may have been wrong: the fetch mends those, or says that it cannot.
      logger.warn(`${error.message}; waiting until the dump is verified`);
      const { path } = await fetched;
      const changed = await arriving.waitBeyond(0).then(() => false, () => true);
      if (!changed) throw error;
      logger.warn('the dump was repaired: reading it again');
      return read(path);
    });
    return { ...result, fetch: resultOf(dump, await fetched, seconds) };
  } catch (error) {
    stop.abort();
    await fetched.catch(() => undefined);
    throwIfInterrupted(context.signal);
    throw error;
  }
}

function resultOf({ month }: MonthlyDump, { bytes, fetched, broken }: FetchedFile, seconds: number): StepResult {
  const note = fetched === 0 ? `${month}: was already there, and verified` : `${month}: read as it arrived${broken > 0 ? `; the connection broke ${broken === 1 ? 'once' : `${broken} times`} on the way` : ''}`;
  return { step: 'fetch', unit: 'bytes', read: bytes, written: bytes, dropped: {}, seconds, note };
}
