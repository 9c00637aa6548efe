/** Names that the station supplies, an artists dump beside the releases, ids: they decide in every step, whichever way a run takes. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  libraryFile,
  runBin,
  succeeded,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { contentOf } from './inputs.ts';

const release = (id: number, artist: string, artistId: number, title: string): string =>
  `<release id="${id}" status="Accepted"><artists><artist><id>${artistId}</id><name>${artist}</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>${title}</title><country>US</country><tracklist><track><position>1</position><title>One</title><duration>3:00</duration></track></tracklist></release>`;
const releasesXml = `<releases>${[
  release(1, 'Aphex Twin', 45, 'Surfing On Sine Waves'),
  release(2, 'Body Count', 7, 'Home Invasion'),
  release(3, 'Quite Unknown', 8, 'Nothing Like It'),
  release(4, 'Stereolab', 9, 'Emperor Tomato Ketchup'),
  release(5, 'Listed Band', 10, 'Dots And Loops'),
  release(6, 'Nobody', 11, 'Nowhere'),
].join('\n')}</releases>`;
const artistsXml =
  '<artists><artist><id>45</id><name>Aphex Twin</name><aliases><name id="46">Polygon Window</name></aliases></artist></artists>';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain' });
});
afterAll(() => database.drop());

/** A folder as a station would have it. */
function station(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'dumps'));
  writeFileSync(join(folder, 'dumps', 'discogs_20260901_releases.xml'), releasesXml);
  writeFileSync(join(folder, 'dumps', 'discogs_20260901_artists.xml'), artistsXml);
  writeFileSync(join(folder, 'names.csv'), 'artist,name\nIce-T,Body Count\n');
  writeFileSync(join(folder, 'ids.txt'), '3\n');
  writeFileSync(join(folder, 'artists.txt'), 'Listed Band\n');
  libraryFile(
    [
      ['Polygon Window', 'Surfing On Sine Waves'],
      ['Ice-T', 'Home Invasion'],
      ['Stereolab', 'Dots and Loops'],
      ['Pram', 'Helium'],
    ],
    ['artist', 'title'],
    join(folder, 'library.db'),
  );
  return folder;
}

const names = [
  '--library-db',
  'library.db',
  '--alternates',
  'names.csv',
  '--keep-ids',
  'ids.txt',
  '--library-artists',
  'artists.txt',
];

interface Report {
  decisions: object;
  library: object;
}

test('all of them decide, while streaming, after loading and from CSV files alike', async () => {
  const cwd = station();
  const run = async (words: string[]): Promise<Report> => {
    succeeded(
      await runBin(
        'wxyc-pipeline',
        [
          ...words,
          ...names,
          '--database-url',
          database.url,
          '--report',
          'run.json',
          '--allow-shrink',
        ],
        { cwd },
      ),
    );
    return JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as Report;
  };
  const streamed = await run(['--xml', 'dumps', '--coverage', 'coverage.csv']);
  const content = await contentOf(database.url);
  expect(content['release']!.map((line) => Number(/^\((\d+)/.exec(line)![1])).sort()).toEqual([
    1, 2, 3, 5,
  ]);
  expect(streamed.decisions).toEqual({ keep: 4, review: 0, prune: 2 });
  expect(streamed.library).toMatchObject({
    size: { albums: 4, leftOut: 0 },
    found: 3,
    inDoubt: 0,
    missing: 1,
    missingAlbums: [{ artist: 'Pram', title: 'Helium', missing: 'not in the dump' }],
  });
  expect(
    readFileSync(join(cwd, 'coverage.csv'), 'utf8')
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 5).join(',')),
  ).toEqual([
    '1,Polygon Window,Surfing On Sine Waves,found,1',
    '2,Ice-T,Home Invasion,found,2',
    '3,Stereolab,Dots and Loops,found,5',
    '4,Pram,Helium,missing,',
  ]);

  const loaded = await run(['--xml', 'dumps', '--no-matched-only', '--keep-csv', 'csv']);
  expect(await contentOf(database.url)).toEqual(content);
  expect({ decisions: loaded.decisions, library: loaded.library }).toEqual({
    decisions: streamed.decisions,
    library: streamed.library,
  });
  expect(existsSync(join(cwd, 'csv', 'library_aliases.csv'))).toBe(true);

  const fromCsv = await run(['--csv-dir', 'csv', '--coverage', 'from-csv.csv']);
  expect(await contentOf(database.url)).toEqual(content);
  expect(fromCsv.library).toMatchObject({ found: 3, missing: 1 });
  expect(existsSync(join(cwd, 'from-csv.csv'))).toBe(true);
}, 240_000);

test('an artists dump of another month is not used, and the run says so; two of them are refused, naming both', async () => {
  const cwd = station();
  writeFileSync(join(cwd, 'dumps', 'discogs_20260801_artists.xml'), artistsXml);
  const words = ['--xml', 'dumps', '--library-db', 'library.db', '--database-url', database.url];
  const two = await runBin('wxyc-pipeline', [...words, '--dry-run'], { cwd });
  expect({ code: two.code, stderr: two.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /discogs_20260801_artists\.xml and .*discogs_20260901_artists\.xml/,
    ),
  });
  mkdirSync(join(cwd, 'older'));
  for (const name of ['discogs_20260901_releases.xml', 'discogs_20260801_artists.xml'])
    writeFileSync(join(cwd, 'older', name), readFileSync(join(cwd, 'dumps', name)));
  const older = await runBin('wxyc-pipeline', ['--xml', 'older', ...words.slice(2), '--dry-run'], {
    cwd,
  });
  expect({ code: older.code, stdout: older.stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /artists dump +.*discogs_20260801_artists\.xml is from another month: not used/,
    ),
  });
}, 120_000);

test.each([
  [['--alternates', 'names.csv'], '--alternates needs --library-db.'],
  [['--coverage', 'c.csv'], '--coverage needs --library-db.'],
  [['--keep-ids', 'ids.txt'], '--keep-ids needs --library-db.'],
])('without a library %j is refused', async (words, sentence) => {
  const { code, stderr } = await runBin(
    'wxyc-pipeline',
    [
      '--xml',
      'dumps',
      '--library-artists',
      'artists.txt',
      '--database-url',
      database.url,
      ...words,
    ],
    { cwd: station() },
  );
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) });
});
