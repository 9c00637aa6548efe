/** A labels dump beside the releases: the pressing on a parent or sublabel of the label that the library names is the one that stays. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBin, succeeded, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { contentOf } from './inputs.ts';

const masters = 30;
/** The American pressing would stay without better evidence; the owned one is Italian, on a sublabel of the label in the library. */
const pressings = [
  ['Ashore', 'US'],
  ['Onderland Classics', 'Italy'],
  ['Pax Recordings', 'Italy'],
] as const;
const releases = Array.from({ length: masters }, (_, m) =>
  pressings
    .map(
      ([label, country], p) =>
        `<release id="${(m + 1) * 10 + p}" status="Accepted"><artists><artist><id>${m + 1}</id><name>Artist ${m}</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>Album ${m}</title><labels><label name="${label}" catno="${p}-${m}" id="${p + 1}"/></labels><country>${country}</country><master_id is_main_release="false">${m + 1}</master_id><tracklist><track><position>1</position><title>One</title><duration></duration></track></tracklist></release>`,
    )
    .join('\n'),
);
const labels =
  '<labels>\n<label><id>2</id><name>Onderland Classics</name><parentLabel id="9">Onderland</parentLabel></label>\n<label><id>3</id><name>Pax Recordings</name><sublabels><label id="8">Pax Night</label></sublabels></label>\n</labels>\n';
/** Odd albums are owned on a sublabel of what the library names, even ones on its parent. */
const owned = Array.from({ length: masters }, (_, m) => (m + 1) * 10 + (m % 2 === 0 ? 1 : 2));

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain' });
});
afterAll(() => database.drop());

const ids = async (): Promise<number[]> =>
  (await database.query<{ id: number }>('SELECT id FROM release ORDER BY id')).map(({ id }) => id);

test('share of owned pressings: none without it, all with it, whichever way the run takes', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'dumps'));
  writeFileSync(
    join(cwd, 'dumps', 'discogs_20260901_releases.xml'),
    `<releases>\n${releases.join('\n')}\n</releases>\n`,
  );
  writeFileSync(
    join(cwd, 'shop.csv'),
    `artist,album,label\n${Array.from({ length: masters }, (_, m) => `Artist ${m},Album ${m},${m % 2 === 0 ? 'Onderland Records' : 'Pax Night'}`).join('\n')}\n`,
  );
  const run = async (...words: string[]): Promise<string> => {
    const result = await runBin(
      'wxyc-pipeline',
      [...words, '--library', 'shop.csv', '--database-url', database.url],
      { cwd },
    );
    succeeded(result);
    return result.stderr;
  };
  await run('--xml', 'dumps');
  const before = await ids();
  expect(before).toHaveLength(masters);
  expect(before.filter((id) => owned.includes(id))).toEqual([]);

  writeFileSync(join(cwd, 'dumps', 'discogs_20260901_labels.xml'), labels);
  expect(await run('--xml', 'dumps')).toContain(
    'reading parents and sublabels from the labels dump beside the releases',
  );
  expect(await ids()).toEqual(owned);
  const content = await contentOf(database.url);

  await run('--xml', 'dumps', '--no-matched-only', '--keep-csv', 'csv');
  expect(await contentOf(database.url)).toEqual(content);
  expect(readFileSync(join(cwd, 'csv', 'library_labels.csv'), 'utf8')).toBe(
    'name,parent_name\r\nOnderland Classics,Onderland\r\nPax Night,Pax Recordings\r\n',
  );
  await run('--csv-dir', 'csv');
  expect(await contentOf(database.url)).toEqual(content);

  // A kept folder loses the file that no longer applies.
  rmSync(join(cwd, 'dumps', 'discogs_20260901_labels.xml'));
  await run('--xml', 'dumps', '--keep-csv', 'csv');
  expect(existsSync(join(cwd, 'csv', 'library_labels.csv'))).toBe(false);
}, 240_000);

test('the plan and doctor name it; of another month it does not count; a library without labels has no use for it', async () => {
  const cwd = temporaryFolder();
  for (const [folder, month] of [
    ['dumps', '09'],
    ['older', '08'],
  ]) {
    mkdirSync(join(cwd, folder!));
    writeFileSync(
      join(cwd, folder!, 'discogs_20260901_releases.xml'),
      `<releases>\n${releases[0]}\n</releases>\n`,
    );
    writeFileSync(join(cwd, folder!, `discogs_2026${month}01_labels.xml`), labels);
  }
  writeFileSync(join(cwd, 'shop.csv'), 'artist,album,label\nArtist 0,Album 0,Pax\n');
  writeFileSync(join(cwd, 'plain.csv'), 'artist,album\nArtist 0,Album 0\n');
  const plan = async (dumps: string, library: string): Promise<string> => {
    const { code, stdout } = await runBin(
      'wxyc-pipeline',
      ['--xml', dumps, '--library', library, '--database-url', database.url, '--dry-run'],
      { cwd },
    );
    expect(code).toBe(0);
    return stdout;
  };
  expect(await plan('dumps', 'shop.csv')).toMatch(
    /labels dump +dumps\/discogs_20260901_labels\.xml, for parents and sublabels/,
  );
  expect(await plan('dumps', 'plain.csv')).not.toContain('labels dump');
  expect(await plan('older', 'shop.csv')).toMatch(
    /labels dump +older\/discogs_20260801_labels\.xml is from another month: not used/,
  );
  const { stdout } = await runBin(
    'wxyc-pipeline',
    ['doctor', '--xml', 'dumps', '--library', 'shop.csv', '--database-url', database.url],
    { cwd },
  );
  expect(stdout).toMatch(
    /labels dump +dumps\/discogs_20260901_labels\.xml, for parents and sublabels of the library's labels/,
  );
}, 120_000);
