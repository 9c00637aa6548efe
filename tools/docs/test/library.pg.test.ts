/** The recipes of docs/library.md, run as they stand: each kind of file goes through the whole pipeline, and what it owns is in the cache. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import type { LibraryRow } from '@wxyc/library';
import { runPipeline } from '@wxyc/pipeline';
import { libraryFile, root, runCommand, temporaryFolder, testDatabase } from '@wxyc/testing';
import { blocks } from './markdown.ts';

const recipes = blocks('docs/library.md').filter(({ note }) => note === 'run: library');
/** What each file owns in the dump below, by id or by name. */
const owned: Readonly<Record<string, number[]>> = {
  'collection.csv': [6010001, 6010002, 6010003, 6010004],
  'wantlist.csv': [6010010],
  'shop.csv': [6010002, 6010007],
  'old-shop.csv': [6010003, 6010007],
  'records.tsv': [6010009, 6010021],
  'beets.db': [6010001, 6010006],
  'rekordbox.xml': [6010005, 6010006],
  'apple-music.xml': [6010005, 6010006, 6010007],
  'library.db': [6010007],
};

interface Pressing {
  id: number;
  title: string;
  artists: [name: string, join?: string][];
  master?: number;
  country?: string;
}

const dump: Pressing[] = [
  {
    id: 6010001,
    title: 'Night Ferry',
    artists: [['Kessler', ','], ['Amadou (2)']],
    master: 900,
    country: 'Germany',
  },
  // Unless the library says otherwise this one would stand for both: it is American.
  {
    id: 6010101,
    title: 'Night Ferry',
    artists: [['Kessler', ','], ['Amadou (2)']],
    master: 900,
    country: 'US',
  },
  { id: 6010002, title: 'Salt / Water', artists: [['Ilse Brandt', '&'], ['Noor (3)']] },
  { id: 6010003, title: 'The "Blue" Hour', artists: [['Paravane', 'Feat.'], ['Lucía Orta']] },
  { id: 6010004, title: 'Harbour Songs Vol. 2', artists: [['Various']] },
  { id: 6010005, title: 'Night Ferry', artists: [['Kessler']] },
  { id: 6010006, title: 'Harbour & Sea', artists: [['Various']] },
  { id: 6010007, title: 'Tides', artists: [['Noor (3)']] },
  { id: 6010009, title: '12" Mixes', artists: [['"Weird" Al Brandt']], master: 901 },
  { id: 6010010, title: 'Second Tide', artists: [['Noor (3)']], master: 902, country: 'Germany' },
  { id: 6010102, title: 'Second Tide', artists: [['Noor (3)']], master: 902, country: 'US' },
  { id: 6010021, title: 'Remixes', artists: [['Somebody Else']] },
  { id: 6010008, title: 'Unheard', artists: [['Quentin Oxley']] },
];

const xml = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

function releaseXml({ id, title, artists, master, country = 'Sweden' }: Pressing): string {
  const names = artists.map(
    ([name, join], at) =>
      `<artist><id>${id + at}</id><name>${xml(name)}</name><anv></anv><join>${xml(join ?? '')}</join><role></role><tracks></tracks></artist>`,
  );
  return `<release id="${id}" status="Accepted"><artists>${names.join('')}</artists><title>${xml(title)}</title><country>${country}</country><released>2014</released>${master ? `<master_id is_main_release="false">${master}</master_id>` : ''}<tracklist><track><position>1</position><title>One</title><duration>3:00</duration></track></tracklist></release>`;
}

const folder = temporaryFolder();

beforeAll(() => {
  writeFileSync(
    join(folder, 'releases.xml.gz'),
    gzipSync(
      `<?xml version="1.0"?>\n<releases>\n${dump.map(releaseXml).join('\n')}\n</releases>\n`,
    ),
  );
  for (const name of ['collection.csv', 'wantlist.csv', 'rekordbox.xml', 'apple-music.xml'])
    cpSync(`${root}packages/library/test/fixtures/${name}`, join(folder, name));
  writeFileSync(
    join(folder, 'shop.csv'),
    'Interpret;Platte;Preis\r\nIlse Brandt / Noor;Salt/Water;9,00\r\n"Noor";"Tides";4,00\r\n',
  );
  const old = 'Artist,Album\r\nParavane Feat. Lucía Orta,The “Blue” Hour\r\nNoor,Tides\r\n';
  writeFileSync(
    join(folder, 'old-shop.csv'),
    Buffer.from(old.replace('“', '\x93').replace('”', '\x94'), 'latin1'),
  );
  writeFileSync(
    join(folder, 'spreadsheet.txt'),
    Buffer.from(`\uFEFF${old.replaceAll(',', '\t')}`, 'utf16le'),
  );
  writeFileSync(
    join(folder, 'records.tsv'),
    'artist\ttitle\tformat\trelease_id\n"Weird" Al Brandt\t12" Mixes\tvinyl - 12"\tNULL\nNobody\tNothing\tCD-R\t6010021\n',
  );
  const oldBeets = new Database(join(folder, 'beets-old.db'));
  oldBeets.exec(`CREATE TABLE albums (id INTEGER PRIMARY KEY, albumartist TEXT, album TEXT); CREATE TABLE album_attributes (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT);
    INSERT INTO albums VALUES (5, 'Noor', 'Tides'), (6, 'Kessler & Amadou', 'Night Ferry'); INSERT INTO album_attributes VALUES (1, 6, 'discogs_albumid', '6010001')`);
  oldBeets.close();
  const beets = new Database(join(folder, 'beets.db'));
  beets.exec(
    `CREATE TABLE albums (id INTEGER PRIMARY KEY, albumartist TEXT, album TEXT, discogs_albumid INTEGER); INSERT INTO albums VALUES (1, 'Kessler & Amadou', 'Night Ferry', 6010001), (2, 'Various Artists', 'Harbour and Sea', 0)`,
  );
  beets.close();
  libraryFile([['noor', 'Tides']], ['artist', 'title'], join(folder, 'library.db'));
});

test('every kind has a recipe', () => {
  expect(recipes.map(({ code }) => /--library (\S+)/.exec(code)![1]).sort()).toEqual(
    Object.keys(owned).sort(),
  );
});

/** Variants of a kind, which need no recipe. */
const variants = ['spreadsheet.txt', 'beets-old.db'].map(
  (file) => `wxyc-pipeline --xml releases.xml.gz --library ${file}`,
);
const ofVariants: typeof owned = {
  'spreadsheet.txt': [6010003, 6010007],
  'beets-old.db': [6010001, 6010007],
};

test.each(
  [...recipes.map(({ code }) => code), ...variants].map((code) => ({
    code,
    file: /--library (\S+)/.exec(code)![1]!,
  })),
)(
  '$file',
  async ({ code, file }) => {
    const albums = (owned[file] ?? ofVariants[file])!;
    const database = await testDatabase();
    const run = await runCommand('bash', ['-e', '-c', code], {
      cwd: folder,
      env: { DATABASE_URL: database.url, PATH: `${root}node_modules/.bin:${process.env['PATH']}` },
      timeout: 60_000,
    });
    expect({ code: run.code, stderr: run.code === 0 ? '' : run.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
    const ids = (await database.query<{ id: number }>('SELECT id FROM release ORDER BY id')).map(
      ({ id }) => id,
    );
    expect(ids).toEqual(expect.arrayContaining(albums));
    expect(ids).not.toContain(6010008);
    // The pressing that is owned by its id is the one that stays.
    for (const [mine, other] of [
      [6010001, 6010101],
      [6010010, 6010102],
    ])
      if (albums.includes(mine!)) expect(ids).not.toContain(other);
    await database.drop();
  },
  90_000,
);

test('rows that a program yields one by one', async () => {
  const database = await testDatabase();
  async function* cursor(): AsyncGenerator<LibraryRow> {
    yield await Promise.resolve({ artist: 'Noor', title: 'Tides' });
    yield { artist: 'Somebody', title: 'Something', releaseId: 6010001 };
  }
  await runPipeline({
    xml: join(folder, 'releases.xml.gz'),
    library: cursor(),
    databaseUrl: database.url,
    stateFile: join(folder, 'rows.json'),
  });
  expect(await database.query('SELECT id FROM release ORDER BY id')).toEqual([
    { id: 6010001 },
    { id: 6010007 },
  ]);
  await database.drop();
}, 60_000);
