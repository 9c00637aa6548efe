/** The directory of a run's CSV files: whether there is room, and whether the files are whole. */
import { existsSync } from 'node:fs';
import { rm, statfs, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatBytes } from '@wxyc/cli';
import { findCsv, makeDirectory } from '@wxyc/csv';
import { filesOf, type Profile } from '@wxyc/dataset';
import { StepError, UsageError, type Logger } from '@wxyc/step';
import { removeOwnCsv, takeFolder } from './own-csv.js';
import { furtherDumps, type Plan } from './run-plan.js';

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

/** Where the records that convert could not read are listed, when the run has ended. */
export const unreadableFile = ({ temporaryCsv, stateFile, csvDir }: Plan): string =>
  join(temporaryCsv ? dirname(stateFile) : csvDir, 'rejects.jsonl');

/**
 * Removes what an earlier run left and this one may not replace, so that nobody takes it for this run's: unreadable records, and artists or
 * masters in a folder that is kept, which would be loaded though there is no dump of them now.
 *
 * @throws UsageError for a file of them that no run writes, because it is compressed.
 */
export async function removeEarlierFiles(plan: Plan): Promise<void> {
  await rm(unreadableFile(plan), { force: true });
  if (plan.profile === 'lean') return;
  const given = furtherDumps(plan);
  const files = (['artists', 'masters'] as const)
    .filter((dump) => !given.includes(dump))
    .flatMap((dump) =>
      filesOf('full', dump === 'artists' ? 'artist' : 'master').map(({ name }) => ({ dump, name })),
    );
  for (const { dump, name } of files) {
    const path = findCsv(plan.csvDir, name);
    if (path !== undefined && !path.endsWith('.csv'))
      throw new UsageError(
        `${path} would be loaded, but this run reads no ${dump} dump: move it away, or choose another folder with --keep-csv`,
      );
  }
  for (const { name } of files) await rm(join(plan.csvDir, `${name}.csv`), { force: true });
}

/** Where the rows that an import could not load are kept: beside the CSV files, or beside the state file if those are removed. */
export const rejectedRowsFile = (plan: Plan, pass: ImportPass): string =>
  join(
    plan.temporaryCsv ? dirname(plan.stateFile) : plan.csvDir,
    pass !== 'base' && plan.temporaryCsv ? `rejects_${pass}.csv` : 'rejects.csv',
  );

/** The imports of a run. */
export type ImportPass = 'base' | 'tracks' | 'artists';
