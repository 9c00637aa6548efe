import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { libraryFingerprint, surveyLibrary, type LibraryRow } from '@wxyc/library';
import { packBasis, unpackBasis } from '@wxyc/matching';
import { temporaryFolder } from '@wxyc/testing';

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);
const folder = temporaryFolder();

/** Every record of a file is in a row or counted as left out. */
const leftOut = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

test('a Discogs collection export: credits without Discogs’ numbers, the pressing, the exact release', () => {
  const survey = surveyLibrary(fixture('collection.csv'));
  expect(survey.rows).toEqual<LibraryRow[]>([
    {
      artist: 'Kessler, Amadou',
      title: 'Night Ferry',
      label: 'Rosthaus, Rosthaus Digital',
      format: 'LP, Album, RE',
      catno: 'RSTH 001, RSTH 002',
      year: 2014,
      releaseId: 6010001,
    },
    {
      artist: 'Ilse Brandt & Noor',
      title: 'Salt / Water',
      label: 'Onderland',
      format: '7", Single',
      catno: 'OND 7',
      year: 1982,
      releaseId: 6010002,
    },
    {
      artist: 'Paravane Feat. Lucía Orta',
      title: 'The "Blue" Hour',
      label: 'Pax Recordings Ltd.',
      format: '2xCD, Album + DVD',
      catno: 'PX-22',
      releaseId: 6010003,
    },
    {
      artist: 'Various',
      title: 'Harbour Songs Vol. 2',
      label: 'Not On Label',
      format: 'Cass, Comp',
      catno: 'none',
      year: 1991,
      releaseId: 6010004,
    },
  ]);
  expect(survey).toMatchObject({
    kind: 'Discogs collection export',
    read: 4,
    skipped: 0,
    remarks: [],
  });
  expect(survey.used).toEqual({
    artist: 'Artist',
    title: 'Title',
    releaseId: 'release_id',
    label: 'Label',
    format: 'Format',
    catno: 'Catalog#',
    year: 'Released',
  });
  expect(survey.unused).toContain('Collection Notes');
});

test('a Discogs wantlist export', () => {
  const { kind, rows } = surveyLibrary(fixture('wantlist.csv'));
  expect(kind).toBe('Discogs wantlist export');
  expect(rows).toEqual([
    {
      artist: 'Noor',
      title: 'Second Tide',
      label: 'Onderland',
      format: '12", EP',
      catno: 'OND 9',
      year: 1984,
      releaseId: 6010010,
    },
  ]);
});

test('a CSV file with semicolons, a byte order mark and CRLF, columns by common names', () => {
  const { rows, skipped, read, unused } = surveyLibrary(fixture('shop.csv'));
  expect(rows).toEqual([
    {
      artist: 'Ilse Brandt',
      title: 'Salt',
      label: 'Onderland',
      format: 'LP x 2',
      catno: 'OND 1',
      year: 1981,
    },
    { artist: 'Kessler; Amadou', title: 'Night Ferry' },
  ]);
  expect({ skipped, read, unused }).toEqual({ skipped: 1, read: 3, unused: ['Price'] });
  const excel = join(folder, 'excel.csv');
  writeFileSync(excel, '\uFEFFArtist;Album\r\n"Ilse Brandt";"Salt"\r\nNoor;Tides');
  expect(surveyLibrary(excel).rows).toEqual([
    { artist: 'Ilse Brandt', title: 'Salt' },
    { artist: 'Noor', title: 'Tides' },
  ]);
});

test('a TSV file, where quotes are letters; ids plain, in brackets or in an address', () => {
  expect(surveyLibrary(fixture('mysql.tsv')).rows).toEqual([
    { artist: '"Weird" Al Brandt', title: '12" Mixes', format: 'vinyl - 12"', releaseId: 6010020 },
    { artist: 'Noor', title: 'Tides', format: 'CD-R', releaseId: 6010021 },
  ]);
});

test('NULL and white space are no value, and the next column counts; Discogs marks masters; further names are repaired', () => {
  const file = join(folder, 'null.tsv');
  writeFileSync(
    file,
    'album_artist\tartist\talbum\trelease_id\talternates\nNULL\tNoor\tTides\t[m96559]\tBj&ouml;rk\n \tNoor\tSalt\tm1\t\nNoor\t\tNULL\tNULL\t\nNoor\t\tSea\thttps://www.discogs.com/master/7\t\\N\n',
  );
  const { rows, skipped } = surveyLibrary(file);
  expect({ rows, skipped }).toEqual({
    rows: [
      { artist: 'Noor', title: 'Tides', masterId: 96559, alternates: ['Björk'] },
      { artist: 'Noor', title: 'Salt', masterId: 1 },
      { artist: 'Noor', title: 'Sea', masterId: 7 },
    ],
    skipped: 1,
  });
  // A spreadsheet has no such word for an empty cell.
  const csv = join(folder, 'null.csv');
  writeFileSync(csv, 'album_artist,artist,album\nNULL,Noor,NULL\nNULL,,Drift\n,\\N,Salt\n');
  expect(surveyLibrary(csv).rows).toEqual([
    { artist: 'Noor', title: 'NULL' },
    { artist: 'NULL', title: 'Drift' },
  ]);
});

test('a beets database: albums, their media from the items, the id on Discogs', () => {
  const file = join(folder, 'beets.db');
  const database = new Database(file);
  database.exec(`CREATE TABLE albums (id INTEGER PRIMARY KEY, artpath BLOB, added REAL, albumartist TEXT, albumartist_credit TEXT, album TEXT, genre TEXT, year INTEGER, comp INTEGER, mb_albumid TEXT, label TEXT, catalognum TEXT, discogs_albumid INTEGER);
    CREATE TABLE items (id INTEGER PRIMARY KEY, path BLOB, album_id INTEGER, title TEXT, artist TEXT, media TEXT);
    INSERT INTO albums VALUES (1, NULL, 0, 'Kessler', 'Kessler & Amadou', 'Night Ferry', 'House', 2014, 0, 'f0', 'Rosthaus', 'RSTH 001', 6010001), (2, NULL, 0, 'Various Artists', 'Various Artists', 'Harbour', '', 0, 1, '', '', '', 0), (3, NULL, 0, '', '', 'Bare', '', 0, 0, '', '', '', 0);
    INSERT INTO items VALUES (1, NULL, 1, 'Kiel', 'Kessler', '12" Vinyl'), (2, NULL, NULL, 'Single', 'Noor', '')`);
  database.close();
  const { rows, kind, skipped, remarks } = surveyLibrary(file);
  expect(kind).toBe('beets library (SQLite)');
  expect(rows).toEqual([
    {
      artist: 'Kessler',
      title: 'Night Ferry',
      alternates: ['Kessler & Amadou'],
      label: 'Rosthaus',
      catno: 'RSTH 001',
      format: '12" Vinyl',
      year: 2014,
      releaseId: 6010001,
    },
    { artist: 'Various Artists', title: 'Harbour' },
  ]);
  expect(skipped).toBe(1);
  expect(remarks).toEqual([expect.stringContaining('1 track belongs to no album and is ignored')]);
});

test('a beets database of earlier years keeps the id on Discogs among the attributes', () => {
  const file = join(folder, 'beets-old.db');
  const database = new Database(file);
  database.exec(`CREATE TABLE albums (id INTEGER PRIMARY KEY, albumartist TEXT, album TEXT);
    CREATE TABLE album_attributes (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT);
    INSERT INTO albums VALUES (5, 'Noor', 'Tides'); INSERT INTO album_attributes VALUES (1, 5, 'data_source', 'Discogs'), (2, 5, 'discogs_albumid', '6010030')`);
  database.close();
  expect(surveyLibrary(file).rows).toEqual([
    { artist: 'Noor', title: 'Tides', releaseId: 6010030 },
  ]);
});

test('rekordbox: tracks of one folder are one album, by its main artist or by various', () => {
  const survey = surveyLibrary(fixture('rekordbox.xml'));
  expect(survey.rows).toEqual([
    { artist: 'Kessler', title: 'Night Ferry', label: 'Rosthaus', year: 2014 },
    {
      artist: 'Various Artists',
      title: 'Harbour & Sea',
      trackArtists: ['Noor', 'Ilse Brandt', 'Paravane'],
    },
  ]);
  expect(survey).toMatchObject({
    kind: 'rekordbox collection (XML)',
    unit: 'tracks',
    read: 7,
    leftOut: { 'without an album': 1, 'without an artist or a title': 1 },
  });
});

test('Apple Music: albums by album artist, compilation mark or artist; entries other than music are left out', () => {
  const survey = surveyLibrary(fixture('apple-music.xml'));
  expect(survey.rows).toEqual([
    { artist: 'Kessler', title: 'Night Ferry', year: 2014 },
    { artist: 'Various Artists', title: 'Harbour & Sea', trackArtists: ['Noor', 'Ilse Brandt'] },
    { artist: 'Noor', title: 'Tides', year: 1984 },
  ]);
  expect(survey).toMatchObject({
    kind: 'Apple Music library (XML)',
    read: 7,
    leftOut: { 'a podcast': 1, 'without an album': 1 },
  });
});

test('WXYC’s table with the pressing in columns of its own', () => {
  const file = join(folder, 'wxyc.db');
  const database = new Database(file);
  database.exec(
    `CREATE TABLE library (id, artist, title, label, format, catalog_number, release_id); INSERT INTO library VALUES (1, 'Noor', 'Tides', 'Onderland', 'vinyl - 7"', 'OND 2', 6010031), (2, 'Noor', 'Salt', NULL, '', NULL, NULL)`,
  );
  database.close();
  const survey = surveyLibrary(file);
  expect(survey.rows).toEqual([
    {
      artist: 'Noor',
      title: 'Tides',
      label: 'Onderland',
      format: 'vinyl - 7"',
      catno: 'OND 2',
      releaseId: 6010031,
    },
    { artist: 'Noor', title: 'Salt' },
  ]);
  expect(survey.unused).toEqual(['id']);
});

test('the fingerprint distinguishes pressings; threads receive only what decides', () => {
  const row = { artist: 'Noor', title: 'Tides' };
  expect(libraryFingerprint([{ ...row, label: 'Onderland' }])).not.toBe(libraryFingerprint([row]));
  const sent = packBasis({ library: [{ ...row, label: 'Onderland' }] });
  expect(unpackBasis(sent).library).toEqual([row]);
});

test.each([
  'collection.csv',
  'wantlist.csv',
  'shop.csv',
  'mysql.tsv',
  'rekordbox.xml',
  'apple-music.xml',
])('%s: what is read is in a row or counted', (name) => {
  const { read, unit, rows, leftOut: counts, skipped } = surveyLibrary(fixture(name));
  if (unit === 'rows') expect(rows.length + leftOut(counts)).toBe(read);
  expect(counts['without an artist or a title'] ?? 0).toBe(skipped);
});
