import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { libraryFingerprint, readArtistList, readLibrary, surveyLibrary } from '@wxyc/library';
import { BadInputError } from '@wxyc/step';
import { temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
let files = 0;

function databaseFile(...statements: string[]): string {
  const file = join(folder, `${++files}.db`);
  const database = new Database(file);
  for (const statement of statements) database.exec(statement);
  database.close();
  return file;
}

function textFile(content: string | Buffer): string {
  const file = join(folder, `${++files}.txt`);
  writeFileSync(file, content);
  return file;
}

describe('readLibrary', () => {
  test('reads artist and title whatever other columns there are, and counts rows without one of them', () => {
    const file = databaseFile(
      'CREATE TABLE library (format TEXT, TITLE TEXT, id INTEGER, Artist, label TEXT)',
      `INSERT INTO library (artist, title) VALUES ('Björk', 'Homogenic'), ('', 'x'), ('y', NULL), (NULL, NULL), ('  ', 'z'), (311, 'Music'), ('a', ' b ')`,
    );
    expect(surveyLibrary(file)).toMatchObject({
      rows: [
        { artist: 'Björk', title: 'Homogenic' },
        { artist: '311', title: 'Music' },
        { artist: 'a', title: ' b ' },
      ],
      skipped: 4,
      remarks: [],
    });
  });

  test.each([
    ['a missing file', () => join(folder, 'missing.db'), /missing\.db: no such file/],
    ['a directory', () => folder, /not a file/],
    [
      'no table library',
      () => databaseFile('CREATE TABLE albums (artist, title)'),
      /no table called library, nor beets. albums with the column albumartist; found albums/,
    ],
    [
      'an empty database',
      () => databaseFile('CREATE TABLE x (y)', 'DROP TABLE x'),
      /no table called library.*; found no table at all/,
    ],
    [
      'a missing column',
      () => databaseFile('CREATE TABLE library (id, name, album)'),
      /no column artist and title; found id, name, album/,
    ],
    ['no rows', () => databaseFile('CREATE TABLE library (artist, title)'), /no row with both/],
  ])('%s is bad input that says what was found', (_what, file, message) => {
    expect(() => readLibrary(file())).toThrow(BadInputError);
    expect(() => readLibrary(file())).toThrow(message);
  });

  test('the fingerprint follows the albums, not the file', () => {
    const rows = `('a', 'b'), ('c', 'd')`;
    const one = databaseFile(
      'CREATE TABLE library (artist, title)',
      `INSERT INTO library VALUES ${rows}`,
    );
    const two = databaseFile(
      'CREATE TABLE library (id, title, artist)',
      `INSERT INTO library (artist, title) VALUES ('c', 'd'), ('a', 'b')`,
    );
    const other = databaseFile(
      'CREATE TABLE library (artist, title)',
      `INSERT INTO library VALUES ('ab', ''), ('a', 'bc'), ('c', 'd')`,
    );
    expect(libraryFingerprint(two)).toBe(libraryFingerprint(one));
    expect(libraryFingerprint(other)).not.toBe(libraryFingerprint(one));
    expect(libraryFingerprint(readLibrary(one))).toBe(libraryFingerprint(one));
  });
});

describe('readArtistList', () => {
  test('reads a name a line, LF or CRLF, without BOM and white space; compilations are left out and counted', () => {
    expect(
      readArtistList(
        textFile(
          '\ufeffBjörk\r\n\r\n  Can \nVarious Artists\nSoundtrack\n\u00a0\nThe Soundtrack of Our Lives',
        ),
      ),
    ).toEqual({
      artists: ['Björk', 'Can', 'The Soundtrack of Our Lives'],
      ignoredCompilations: 2,
    });
  });

  test.each([
    ['a missing file', () => join(folder, 'missing.txt'), /no such file/],
    [
      'a directory',
      () => (mkdirSync(join(folder, 'sub'), { recursive: true }), join(folder, 'sub')),
      /a directory/,
    ],
    ['an empty file', () => textFile(' \n\n'), /found no name/],
    ['compilations only', () => textFile('Various\nV/A\n'), /only 2 compilation names/],
    [
      'a library.db by mistake',
      () => databaseFile('CREATE TABLE library (artist, title)'),
      /a SQLite database, not a file with one artist name per line/,
    ],
    ['another binary file', () => textFile(Buffer.from([1, 0, 2])), /a binary file/],
  ])('%s is bad input', (_what, file, message) => {
    expect(() => readArtistList(file())).toThrow(BadInputError);
    expect(() => readArtistList(file())).toThrow(message);
  });
});
