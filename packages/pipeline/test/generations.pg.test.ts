/** One month after another on the same database, as an operator runs them. */
import { existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createSchema } from '@wxyc/cache';
import { acquireRunLock } from '@wxyc/postgres';
import type { ReportedChanges } from '@wxyc/pipeline';
import {
  runBin,
  succeeded,
  temporaryFolder,
  testDatabase,
  type RunResult,
  type TestDatabase,
} from '@wxyc/testing';
import { ending, makeInputs, type Inputs } from './inputs.ts';

let inputs: Inputs;
let database: TestDatabase;
const dumpOf = (month: string): string =>
  join(inputs.folder, `discogs_${month.replace('-', '')}01_releases.xml.gz`);

beforeAll(async () => {
  inputs = await makeInputs(150, 20);
  for (const month of ['2026-08', '2026-09']) linkSync(inputs.xml, dumpOf(month));
  database = await testDatabase({ owner: 'plain' });
}, 60_000);
afterAll(() => database.drop());

const run = (month: string, more: string[] = [], cwd = temporaryFolder()): Promise<RunResult> =>
  runBin(
    'wxyc-pipeline',
    [
      ...more,
      '--xml',
      dumpOf(month),
      '--library-db',
      inputs.libraryDb,
      '--database-url',
      database.url,
    ],
    { cwd },
  );
const origin = (): Promise<unknown[]> =>
  database.query(
    'SELECT month, dump, library IS NOT NULL AS library, library_albums AS albums, profile FROM cache_origin',
  );

test('an older month is refused before the first step, doctor says so, and --allow-older lets it pass', async () => {
  succeeded(await run('2026-09'));
  const september = [
    {
      month: '2026-09',
      dump: 'discogs_20260901_releases.xml.gz',
      library: true,
      albums: 20,
      profile: 'lean',
    },
  ];
  expect(await origin()).toEqual(september);
  const cwd = temporaryFolder();
  const refused = await run('2026-08', [], cwd);
  expect(ending(refused)).toEqual({
    code: 1,
    last: expect.stringMatching(
      /dump is from 2026-08, and the published cache from 2026-09.*--allow-older.*Nothing was changed/,
    ),
  });
  expect(refused.stderr).not.toContain('step 1');
  expect(existsSync(join(cwd, '.pipeline_state.json'))).toBe(false);
  const doctor = await run('2026-08', ['doctor']);
  expect(doctor).toMatchObject({
    code: 5,
    stdout: expect.stringMatching(/^FAIL +database +The dump is from 2026-08/m),
  });
  expect(await origin()).toEqual(september);
  succeeded(await run('2026-08', ['--allow-older']));
  expect(await origin()).toMatchObject([{ month: '2026-08' }]);
}, 120_000);

test('status shows what exists, undo brings back the previous month, and --no-keep-previous leaves nothing to bring back', async () => {
  const schema = (...words: string[]): Promise<RunResult> =>
    runBin('wxyc-schema', [...words, database.url]);
  type Status = Record<
    'published' | 'previous' | 'build',
    { month: string; dump: string; releases: number; runId: string; libraryAlbums: number } | null
  > & { lock: { name: string } | null };
  const status = async (): Promise<Status> =>
    JSON.parse((await schema('status', '--json')).stdout) as Status;
  const before = await status();
  expect(before).toMatchObject({
    published: {
      month: '2026-08',
      libraryAlbums: 20,
      profile: 'lean',
      library: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    previous: { month: '2026-09' },
    build: null,
    lock: null,
  });
  expect(before.published!.releases).toBeGreaterThan(5);
  expect((await schema('status')).stdout).toMatch(
    /^published +2026-08 \(discogs_20260801_releases\.xml\.gz\), \d+ releases, .*\n +profile lean; library of 20 albums.*\n +published by run \S+, 20.* UTC\nbefore +2026-09 .*\n[^]*in discogs_previous since 20.* UTC; wxyc-schema undo brings it back\nbuild +none\nlock +free/,
  );
  const undone = await schema('undo');
  succeeded(undone);
  expect(undone.stdout).toMatch(/^undo +releases +\d+ +\d+ +0/m);
  expect(await status()).toMatchObject({
    published: before.previous && { month: '2026-09', runId: before.previous.runId },
    previous: { month: '2026-08', runId: before.published!.runId },
  });
  succeeded(await run('2026-09', ['--no-keep-previous']));
  expect(await status()).toMatchObject({ published: { month: '2026-09' }, previous: null });
  expect(ending(await schema('undo'))).toEqual({
    code: 1,
    last: expect.stringMatching(/no cache in discogs_previous to bring back/),
  });

  const lock = await acquireRunLock(database.url, 'wxyc-pipeline');
  await createSchema({
    databaseUrl: database.url,
    schema: 'discogs_next',
    replace: true,
    runId: 'unfinished',
    lock,
  });
  expect(await status()).toMatchObject({
    build: { runId: 'unfinished', releases: 0, steps: [] },
    lock: { name: 'wxyc-pipeline' },
  });
  await lock.release();
}, 120_000);

test('the run says what changed: in the closing text, the report and the log; albums that lose their release are named', async () => {
  const words = ['--xml', dumpOf('2026-09'), '--database-url', database.url, '--report'];
  const all = async (
    library: string,
    ...more: string[]
  ): Promise<RunResult & { report: { changes: ReportedChanges; library: { found: number } } }> => {
    const cwd = temporaryFolder();
    const result = await runBin(
      'wxyc-pipeline',
      [...words, 'run.json', '--library-db', library, ...more],
      { cwd },
    );
    succeeded(result);
    return { ...result, report: JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as never };
  };
  const same = await all(inputs.libraryDb);
  expect(same.report.changes).toMatchObject({
    added: { count: 0 },
    gone: { count: 0 },
    changed: { count: 0 },
    lostAlbums: [],
  });
  expect(same.stdout).toMatch(
    /^Changes: (\d+) imported releases before, \1 now; 0 new, 0 gone, 0 changed$/m,
  );

  // In the next month's dump a release of the library is another one.
  const [owned] = await database.query<{ title: string; ids: number[] }>(
    'SELECT title, array_agg(id) AS ids FROM release GROUP BY 1 HAVING count(*) = 1 ORDER BY 1 LIMIT 1',
  );
  expect(owned).toBeDefined();
  const dump = join(inputs.folder, 'changed_20261001_releases.xml');
  const text = gunzipSync(readFileSync(inputs.xml)).toString('utf8');
  const [id] = owned!.ids;
  const record = new RegExp(`<release [^>]*id="${id}"[^]*?</release>`).exec(text)![0];
  writeFileSync(
    dump,
    text.replace(
      record,
      record
        .replace(/<title>[^<]*<\/title>/, '<title>Quite Another One</title>')
        .replaceAll(/<name>[^<]*<\/name>/g, '<name>Somebody Else</name>'),
    ),
  );
  words[1] = dump;
  // Refused at the end, and resumed when the CSV files and the names in them are gone.
  const cwd = temporaryFolder();
  const limited = [...words, join(cwd, 'run.json'), '--library-db', inputs.libraryDb];
  const refused = await runBin('wxyc-pipeline', [...limited, '--max-shrink', '0'], { cwd });
  // A failed run reports as much as a successful one.
  expect(refused.stdout).toMatch(
    /^step +of [^]*\nvacuum +tables [^]*\nFAILED at publish \(step 11 of 11\): The build in discogs_next holds [^]*\nNothing was published and the existing cache is unchanged; the same command with --resume continues at this step\.\n[^]*\nreport: .*run\.json\nstate file: /m,
  );
  expect(JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8'))).toMatchObject({
    failure: { step: 'publish' },
    tables: [],
    library: { found: expect.any(Number) },
  });
  expect(ending(refused)).toEqual({
    code: 1,
    last: expect.stringMatching(
      /% fewer than the \d+ of the published cache, and at most 0 % may go.*the build is kept/,
    ),
  });
  const other = await runBin(
    'wxyc-pipeline',
    [
      '--xml',
      dumpOf('2026-09'),
      '--database-url',
      database.url,
      '--library-db',
      inputs.libraryDb,
      '--resume',
      '--allow-older',
    ],
    { cwd },
  );
  expect(ending(other)).toEqual({
    code: 2,
    last: expect.stringContaining(
      `--xml ${dumpOf('2026-09')} differs from the dump of that run, changed_20261001_releases.xml.`,
    ),
  });
  const resumed = await runBin('wxyc-pipeline', [...limited, '--resume'], { cwd });
  succeeded(resumed);
  expect(resumed.stdout).toContain(
    `\nconnect: psql 'postgresql://${new URL(database.url).username}@`,
  );
  expect(resumed.stderr).toMatch(
    /import: step \d+ of \d+: .*: already done|import: .*already done/,
  );
  const lost = {
    ...resumed,
    report: JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as typeof same.report,
  };
  expect(lost.report.changes.gone.examples).toContainEqual({
    id,
    artist: expect.any(String),
    title: owned!.title,
  });
  expect(lost.report.changes.lostAlbums).toHaveLength(1);
  const [{ artist, title }] = lost.report.changes.lostAlbums as [{ artist: string; title: string }];
  expect(lost.stdout).toContain(
    `Albums that had a release and have none now: 1: ${artist} – ${title}\n`,
  );
  expect(lost.stderr).toContain(
    `an album of the library had a release and has none now: ${artist} – ${title}`,
  );
  const page = temporaryFolder();
  words[1] = dumpOf('2026-09');
  succeeded(
    await runBin(
      'wxyc-pipeline',
      [...words, 'run.html', '--library-db', inputs.libraryDb, '--allow-older'],
      { cwd: page },
    ),
  );
  expect(readFileSync(join(page, 'run.html'), 'utf8')).toMatch(
    /<h2>What changed<\/h2>[^]*<h3>New: 1<\/h3>/,
  );
}, 120_000);

test('a dump of far fewer releases is refused, and --allow-shrink lets it pass; --jobs reaches the converter, and what cannot be read stays', async () => {
  const other = await testDatabase({ owner: 'plain' });
  const cwd = temporaryFolder();
  const from = (xml: string, ...more: string[]): Promise<RunResult> =>
    runBin(
      'wxyc-pipeline',
      ['--xml', xml, '--library-db', inputs.libraryDb, '--database-url', other.url, ...more],
      { cwd },
    );
  succeeded(await from(inputs.xml));
  const few = join(cwd, 'discogs_20260901_releases.xml');
  const releases = gunzipSync(readFileSync(inputs.xml))
    .toString()
    .match(/<release id[^]*?<\/release>/g)!;
  const owned = new Set(
    (await other.query<{ id: number }>('SELECT id FROM release ORDER BY id LIMIT 2')).map(
      ({ id }) => id,
    ),
  );
  const kept = releases.filter((text) => owned.has(Number(/id="(\d+)"/.exec(text)![1])));
  // An owned release that cannot be read: what the library leaves out is not read at all.
  const unreadable = kept[0]!.replace(/id="\d+"/, 'id="x"');
  writeFileSync(few, `<releases>\n${kept.join('\n')}\n${unreadable}\n</releases>\n`);
  const refused = await from(few);
  expect(ending(refused)).toEqual({ code: 1, last: expect.stringContaining('--allow-shrink') });
  const run = await from(few, '--allow-shrink', '--jobs', '3');
  succeeded(run);
  expect(run.stderr).toMatch(/converting .*jobs=3/);
  // The CSV files were temporary; the record that could not be read is beside the state file.
  expect(readdirSync(cwd)).not.toContain('.pipeline_state_csv');
  expect(readFileSync(join(cwd, 'rejects.jsonl'), 'utf8')).toContain('<release id=\\"x\\"');
  await other.drop();
}, 120_000);
