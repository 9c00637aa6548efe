/**
 * The folder that a run makes for its CSV files when nobody asked to keep them. It has a mark with the run's id;
 * files are removed only in a folder with this run's mark, and only those with names that a run writes.
 */
import { copyFile, lstat, mkdir, readFile, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { jsonKind, refuseSpecialPlace, writeWhole } from '@wxyc/csv';
import { aliasesName, labelsName } from '@wxyc/convert';
import { filesOf } from '@wxyc/dataset';
import { alternatesPathOf } from '@wxyc/enrich';
import { UsageError, type Logger } from '@wxyc/step';

/** The file that says which run made the folder. */
const markName = '.wxyc-run.json';
const markKind = jsonKind('the mark of a run', ['runId']);

interface Mark {
  runId: string;
  /** The folder existed before, empty, and stays. */
  found: boolean;
}

/** What convert could not read; an operator wants it even when the CSV files are removed. */
const rejects = ['rejects.jsonl', 'rejects.jsonl.partial'];
const artistList = 'library_artists.txt';
const names = [
  artistList,
  alternatesPathOf(artistList),
  aliasesName,
  labelsName,
  'rejects.jsonl',
  ...filesOf('full', 'release', 'artist', 'master').map(({ name }) => `${name}.csv`),
];
const ours = new Set([
  ...names,
  ...names.map((name) => `${name}.partial`),
  '.wxyc-output.lock',
  markName,
  `${markName}.partial`,
]);

/**
 * Refuses a folder that no run made and that is not empty: a run would remove its files at the end.
 *
 * @throws UsageError
 */
export async function refuseForeignFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return;
  if (found.isDirectory() && ((await readMark(folder)) || (await readdir(folder)).length === 0))
    return;
  throw new UsageError(
    `${folder} was not made by a run, but a run would put its CSV files there and remove them at the end: move it away, keep the CSV files elsewhere with --keep-csv DIR, or choose another --state-file`,
  );
}

/** Makes the folder, or takes over the one that an earlier run left, and marks it. */
export async function takeFolder(folder: string, runId: string): Promise<void> {
  await refuseForeignFolder(folder);
  const mark = await readMark(folder);
  if (mark?.runId === runId) return;
  if (mark) for (const name of ours) await removeFile(join(folder, name));
  const created = await mkdir(folder, { recursive: true });
  const ownMark: Mark = { runId, found: mark?.found ?? created === undefined };
  await writeWhole(join(folder, markName), markKind, `${JSON.stringify(ownMark)}\n`);
}

/**
 * Removes what this run wrote there, and the folder if it made it and nothing else is in it. Rejected records are put
 * beside the state file first. A folder that belongs to another run, or has no mark, stays as it is.
 */
export async function removeOwnCsv(
  folder: string,
  runId: string,
  stateFile: string,
  logger: Logger,
): Promise<void> {
  const mark = await readMark(folder);
  if (mark?.runId !== runId) return;
  for (const name of rejects) {
    const file = join(folder, name);
    if (((await stat(file).catch(() => undefined))?.size ?? 0) === 0) continue;
    const kept = join(dirname(stateFile), name.replace('.partial', ''));
    await refuseSpecialPlace(kept);
    await copyFile(file, kept);
    logger.warn(`records that could not be read are in ${kept}`);
  }
  for (const name of ours) if (name !== markName) await removeFile(join(folder, name));
  const others = (await readdir(folder)).filter((name) => name !== markName);
  if (others.length > 0)
    logger.warn(
      { others },
      `${folder} stays: it holds ${others.slice(0, 3).join(', ')}, which no run wrote`,
    );
  await rm(join(folder, markName), { force: true });
  if (others.length === 0 && !mark.found) await rmdir(folder);
}

/** Never removes a folder, nor what a link points to. */
async function removeFile(path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined))?.isFile()) await rm(path, { force: true });
}

async function readMark(folder: string): Promise<Mark | undefined> {
  try {
    const { runId, found } = JSON.parse(await readFile(join(folder, markName), 'utf8')) as Mark;
    return typeof runId === 'string' ? { runId, found: found === true } : undefined;
  } catch {
    return undefined;
  }
}
