/** The directory of a run's CSV files: whether there is room, and whether the files are whole. */
import { existsSync } from 'node:fs';
import { statfs, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatBytes } from '@wxyc/cli';
import { makeDirectory } from '@wxyc/csv';
import { filesOf, type Profile } from '@wxyc/dataset';
import { StepError, type Logger } from '@wxyc/step';
import { removeOwnCsv, takeFolder } from './own-csv.js';
import type { Plan } from './run-plan.js';

/**
 * Bytes of CSV per byte of plain dump. All releases would take half (measured); those by a library's artists are some
 * 20 % of the dump, those that the library owns a few per cent at most.
 */
const csvShare = { matched: 0.02, filtered: 0.12 };
/** A gzipped dump is about a sixth of a plain one. */
const gzipFactor = 6;

/** What the CSV files of a run will take, in bytes; 0 if it makes none. */
export async function estimateCsvBytes(plan: Plan): Promise<number> {
  if (!plan.dump) return 0;
  return Math.round(
    (await plainDumpBytes(plan)) * (plan.matchedOnly ? csvShare.matched : csvShare.filtered),
  );
}

/** About how many bytes the dump has when it is unpacked; 0 if unknown. */
export async function plainDumpBytes(plan: Plan): Promise<number> {
  const size = await dumpBytes(plan);
  return /\.gz$/i.test(plan.dump ?? '') ? size * gzipFactor : size;
}

/** Bytes of the dump, as it is on the disk or as the site lists it; 0 if unknown. */
export async function dumpBytes({ dump, monthly }: Plan): Promise<number> {
  const there =
    dump === undefined
      ? undefined
      : await stat(dump).catch((error: Error) => (monthly ? undefined : Promise.reject(error)));
  return there?.size ?? monthly?.month.files.releases?.listedBytes ?? 0;
}

/** Free bytes on the disk where a path is or will be. */
export async function freeBytes(path: string): Promise<number> {
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  return bavail * bsize;
}

/** Refuses a place that cannot hold the CSV files, before the long step that would fill it. */
export async function prepareCsvDirectory(
  plan: Plan,
  runId: string,
  logger: Logger,
): Promise<void> {
  if (!plan.dump) return;
  const [needed, free] = [await estimateCsvBytes(plan), await freeBytes(plan.csvDir)];
  // An estimate is no reason to refuse what may well fit: only with less than half of it free is it hopeless.
  if (free < needed / 2) {
    throw new StepError(
      `The CSV files may take ${formatBytes(needed)}, but ${plan.csvDir} has ${formatBytes(free)} free; choose a larger disk with --keep-csv DIR or --state-file.`,
    );
  }
  if (free < needed * 1.2)
    logger.warn(
      { free, needed },
      `the CSV files may take ${formatBytes(needed)}, but only ${formatBytes(free)} are free in ${plan.csvDir}`,
    );
  await (plan.temporaryCsv ? takeFolder(plan.csvDir, runId) : makeDirectory(plan.csvDir));
}

/** Whether all files exist; half-written ones have other names. */
export function hasAllCsvFiles(directory: string, profile: Profile): boolean {
  return filesOf(profile, 'release').every(({ name }) =>
    existsSync(join(directory, `${name}.csv`)),
  );
}

/** Removes the CSV files if they are this run's own. */
export async function removeTemporaryCsv(plan: Plan, runId: string, logger: Logger): Promise<void> {
  if (plan.temporaryCsv) await removeOwnCsv(plan.csvDir, runId, plan.stateFile, logger);
}

/** Where the rows that an import could not load are kept: beside the CSV files, or beside the state file if those are removed. */
export const rejectedRowsFile = (plan: Plan, pass: ImportPass): string =>
  join(
    plan.temporaryCsv ? dirname(plan.stateFile) : plan.csvDir,
    pass !== 'base' && plan.temporaryCsv ? `rejects_${pass}.csv` : 'rejects.csv',
  );

/** The imports of a run. */
export type ImportPass = 'base' | 'tracks' | 'artists';
