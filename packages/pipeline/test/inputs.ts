/** Inputs and readings that the tests of whole runs share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tablesOf } from '@wxyc/dataset';
import { ownedReleases, writeDump, writeLibrary, type OwnedRelease } from '@wxyc/sample';
import {
  runBin,
  runWords,
  startBin,
  succeeded,
  temporaryFolder,
  testDatabase,
  withSession,
  type RunResult,
} from '@wxyc/testing';

export interface Inputs {
  folder: string;
  xml: string;
  libraryDb: string;
  artists: string;
  owned: OwnedRelease[];
}

/** A realistic dump and a library that owns some of it. */
export async function makeInputs(releases = 700, albums = 60): Promise<Inputs> {
  const folder = temporaryFolder('inputs-');
  const [xml, libraryDb, artists] = ['releases.xml.gz', 'library.db', 'artists.txt'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeDump(xml, { releases, generation: 'old' });
  writeLibrary(libraryDb, artists, { releases, albums });
  return { folder, xml, libraryDb, artists, owned: [...ownedReleases({ releases, albums })] };
}

export interface CsvRunInputs extends Inputs {
  csv: string;
  /** The words of a run from these files. */
  run: (databaseUrl: string) => string[];
  /** What it publishes. */
  expected: Record<string, string[]>;
}

/** CSV files of all releases of a small dump. */
export async function csvRunInputs(): Promise<CsvRunInputs> {
  const inputs = await makeInputs(400, 40);
  const csv = join(inputs.folder, 'csv');
  const database = await testDatabase({ owner: 'plain' });
  succeeded(
    await runBin(
      'wxyc-pipeline',
      [...runWords(inputs, database.url), '--no-matched-only', '--keep-csv', csv],
      { cwd: temporaryFolder() },
    ),
  );
  const expected = await contentOf(database.url);
  await database.drop();
  const run = (databaseUrl: string): string[] => [
    ...['--csv-dir', csv, '--library-db', inputs.libraryDb],
    ...['--database-url', databaseUrl],
  ];
  return { ...inputs, csv, run, expected };
}

/** Starts a run and kills it once it says that it begins this step. */
export async function killAt(words: string[], cwd: string, sign: RegExp, delay = 0): Promise<void> {
  const run = startBin('wxyc-pipeline', words, { cwd });
  await run.until(sign);
  if (delay > 0) await sleep(delay);
  run.child.kill('SIGKILL');
  expect(await run.finished).toMatchObject({ signal: 'SIGKILL' });
}

/** Every row of every table that both profiles have, as sorted text; times left out. */
export async function contentOf(url: string): Promise<Record<string, string[]>> {
  return withSession(url, async (client) => {
    const content: Record<string, string[]> = {};
    for (const { name: table, columns: all } of tablesOf('lean')) {
      const columns = all
        .filter(({ type }) => type !== 'timestamp with time zone')
        .map(({ name }) => name)
        .join(', ');
      const { rows } = await client.query<{ line: string }>(
        `SELECT row(${columns})::text AS line FROM public.${table} ORDER BY row(${columns})::text COLLATE "C"`,
      );
      content[table] = rows.map(({ line }) => line);
    }
    return content;
  });
}

/** For assertions with a readable failure: exit code and what was said. */
export const ending = ({ code, stderr }: RunResult): { code: number | null; last: string } => ({
  code,
  last: stderr.trim().split('\n').at(-1) ?? '',
});

export const statusesOf = (stateFile: string): Record<string, string> => {
  const { steps } = JSON.parse(readFileSync(stateFile, 'utf8')) as {
    steps: Record<string, { status: string }>;
  };
  return Object.fromEntries(Object.entries(steps).map(([name, { status }]) => [name, status]));
};
