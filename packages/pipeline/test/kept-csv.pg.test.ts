/** The full profile reads dumps in two steps into one folder: neither harms what the other leaves there, nor takes last month's files for its own. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runBin, succeeded, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';

const release = (id: number | string): string =>
  `<release id="${id}" status="Accepted"><artists><artist><id>45</id><name>Stereolab</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>Album ${id}</title><country>US</country><master_id is_main_release="true">7</master_id><tracklist><track><position>1</position><title>One</title><duration>3:00</duration></track></tracklist></release>`;
const artists = (...more: string[]): string =>
  `<artists><artist><id>45</id><name>Stereolab</name></artist>${more.join('')}</artists>`;
const masters = '<masters><master id="7"><title>Album</title><year>1994</year></master></masters>';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase({ owner: 'plain' });
});
afterEach(() => database.drop());

/** Dumps of a month in a folder of their own. */
function month(cwd: string, stamp: string, dumps: Record<string, string>): string {
  mkdirSync(join(cwd, stamp));
  for (const [kind, text] of Object.entries(dumps))
    writeFileSync(join(cwd, stamp, `discogs_${stamp}_${kind}.xml`), text);
  return stamp;
}
const releases = (...ids: (number | string)[]): string =>
  `<releases>\n${ids.map(release).join('\n')}\n</releases>\n`;

const run = (cwd: string, xml: string, ...more: string[]) => {
  writeFileSync(join(cwd, 'artists.txt'), 'Stereolab\n');
  return runBin(
    'wxyc-pipeline',
    [
      ...['--xml', xml, '--library-artists', 'artists.txt', '--profile', 'full'],
      ...['--database-url', database.url, '--allow-shrink', '--report', 'run.json', ...more],
    ],
    { cwd },
  );
};

/** Kind and raw text of the records that the last run could not read, from the file that it names. */
function unreadable(cwd: string): string[] {
  const { files } = JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as {
    files: { name: string; path: string }[];
  };
  return files
    .filter(({ name }) => name === 'unreadable records')
    .flatMap(({ path }) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as { kind: string; raw: string })
    .map(({ kind, raw }) => `${kind} ${/id(?:="|>)(\w+)/.exec(raw)![1]}`);
}

const rows = async (table: string): Promise<number> =>
  (await database.query(`SELECT 1 FROM public.${table}`)).length;

test.each([[[]], [['--keep-csv', 'csv']]])(
  'releases that cannot be read are listed although the artists are read after them (%j)',
  async (words) => {
    const cwd = temporaryFolder();
    const sound = month(cwd, '20260901', {
      releases: releases(1, 'x', 'y'),
      artists: artists(),
      masters,
    });
    succeeded(await run(cwd, sound, ...words));
    expect(unreadable(cwd)).toEqual(['release x', 'release y']);
    expect([await rows('artist'), await rows('master')]).toEqual([1, 1]);
    const worse = month(cwd, '20261001', {
      releases: releases(1, 'z'),
      artists: artists('<artist><id>q</id><name>Q</name></artist>'),
    });
    succeeded(await run(cwd, worse, ...words));
    expect(unreadable(cwd)).toEqual(['release z', 'artist q']);
  },
  120_000,
);

test("last month's artists and masters in a kept folder are not this month's", async () => {
  const cwd = temporaryFolder();
  const keep = ['--keep-csv', 'csv'];
  const september = month(cwd, '20260901', {
    releases: releases(1, 2),
    artists: artists('<artist><id>q</id><name>Q</name></artist>'),
    masters,
  });
  succeeded(await run(cwd, september, ...keep));
  expect([await rows('artist'), await rows('master')]).toEqual([1, 1]);
  expect(unreadable(cwd)).toEqual(['artist q']);

  const october = month(cwd, '20261001', { releases: releases(1, 2) });
  // What an operator compressed would be read too.
  renameSync(join(cwd, 'csv', 'master.csv'), join(cwd, 'csv', 'master.csv.gz'));
  const refused = await run(cwd, october, ...keep);
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /csv\/master\.csv\.gz would be loaded, but this run reads no masters dump/,
    ),
  });
  expect(existsSync(join(cwd, 'csv', 'artist.csv'))).toBe(true);
  succeeded(await run(cwd, month(cwd, '20261002', { releases: releases(1), masters }), ...keep));
  expect([await rows('artist'), await rows('master')]).toEqual([0, 1]);
  expect(unreadable(cwd)).toEqual([]);
  expect(readdirSync(join(cwd, 'csv')).filter((name) => /^(artist|group)/.test(name))).toEqual([]);
  expect(existsSync(join(cwd, 'csv', 'master.csv'))).toBe(true);
}, 120_000);

test('a file of an operator that only has the name of one of these is not removed', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'csv'));
  writeFileSync(join(cwd, 'csv', 'artist.csv'), 'whatever,else\n');
  const refused = await run(
    cwd,
    month(cwd, '20260901', { releases: releases(1) }),
    '--keep-csv',
    'csv',
  );
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /--keep-csv .*artist\.csv exists and is not the artist\.csv of an export/,
    ),
  });
  expect(readFileSync(join(cwd, 'csv', 'artist.csv'), 'utf8')).toBe('whatever,else\n');
}, 60_000);
