// What a library may be like beyond the usual: values in the wrong encoding, generated columns, a lock that stays.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readLibrary, surveyLibrary } from '@wxyc/library';
import { temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
let files = 0;

function library(
  rows: [artist: string | Buffer, title: string | Buffer][],
  encoding = 'UTF-8',
): string {
  const file = join(folder, `${++files}.db`);
  const database = new Database(file);
  database.pragma(`encoding = '${encoding}'`);
  database.exec('CREATE TABLE library (artist, title)');
  // Text with arbitrary bytes, as careless programs write it.
  const insert = database.prepare('INSERT INTO library VALUES (CAST(? AS TEXT), CAST(? AS TEXT))');
  for (const row of rows) insert.run(...row);
  database.close();
  return file;
}

describe('values that are not as intended', () => {
  test.each<[string, string | Buffer, string, RegExp]>([
    ['an entity', 'Simon &amp; Garfunkel', 'Simon & Garfunkel', /HTML entities/],
    [
      'named and numbered ones',
      'Bj&ouml;rk &#38; Sigur R&#xF3;s &quot;&rsquo;&quot;',
      'Bj\u00f6rk & Sigur R\u00f3s "\u2019"',
      /HTML entities/,
    ],
    ['an entity escaped twice', 'Simon &amp;amp; Garfunkel', 'Simon & Garfunkel', /HTML entities/],
    [
      'UTF-8 taken for Windows-1252',
      'Bj\u00c3\u00b6rk \u00e2\u20ac\u201c M\u00c3\u00bam',
      'Bj\u00f6rk \u2013 M\u00fam',
      /encoded twice/,
    ],
    [
      'the same for Japanese',
      Buffer.from('\u5742\u672c').toString('latin1'),
      '\u5742\u672c',
      /encoded twice/,
    ],
    ['Windows-1252', Buffer.from('Bj\u00f6rk', 'latin1'), 'Bj\u00f6rk', /Windows-1252, not UTF-8/],
  ])('%s is repaired and reported with row and column', (_, value, meant, what) => {
    const { rows, remarks } = surveyLibrary(
      library([
        ['A', 'B'],
        [value, 'Title'],
      ]),
    );
    expect(rows[1]).toEqual({ artist: meant, title: 'Title' });
    expect(remarks).toEqual([expect.stringMatching(what)]);
    expect(remarks[0]).toMatch(/1 value repaired \(.*\); row 2, column artist: ".*", read as "/);
  });

  test('bytes are taken from the row itself, whatever order an index has', () => {
    const file = join(folder, 'indexed.db');
    const database = new Database(file);
    database.exec(
      'CREATE TABLE library (id INTEGER PRIMARY KEY, artist TEXT, title TEXT, format TEXT); CREATE INDEX by_artist ON library (artist, title)',
    );
    const insert = database.prepare(
      "INSERT INTO library (artist, title, format) VALUES (CAST(? AS TEXT), 'T', 'LP')",
    );
    for (const name of ['M\u00f6tley', 'Bj\u00f6rk']) insert.run(Buffer.from(name, 'latin1'));
    database.close();
    expect(readLibrary(file).map(({ artist }) => artist)).toEqual(['M\u00f6tley', 'Bj\u00f6rk']);
  });

  test('ambiguous bytes are reported, not guessed', () => {
    const { rows, remarks } = surveyLibrary(
      library([
        ['A', Buffer.from([0x42, 0x6a, 0x9a, 0x72, 0x6b])],
        ['\u00d6', Buffer.from('\u2019', 'utf8').subarray(0, 2)],
      ]),
    );
    expect(rows.map(({ title }) => title)).toEqual(['Bj\uFFFDrk', '\uFFFD']);
    expect(remarks).toEqual([
      expect.stringMatching(
        /2 values cannot be repaired, .*\(not UTF-8\); the first is in row 1, column title: "Bj\uFFFDrk"/,
      ),
    ]);
  });

  test('a U+FFFD in the file itself is reported, in UTF-16 too', () => {
    for (const encoding of ['UTF-8', 'UTF-16le']) {
      expect(surveyLibrary(library([['Bj\uFFFDrk', 'T']], encoding)).remarks).toEqual([
        expect.stringMatching(/row 1, column artist/),
      ]);
    }
  });

  test.each([
    'AT&T',
    'Q&A; more',
    '&',
    'R&B &c; &unknown;',
    '\u00c2',
    '\u00c3',
    'd\u00e9j\u00e0 vu',
    'Motörhead',
    '\u00bfQu\u00e9?',
    'Sigur R\u00f3s \u2013 ( )',
    '\u5742\u672c',
    'fran\u00e7ais',
    '\u00c0 \u00ab x \u00bb',
    'M\u00b5',
  ])('%s is right as it is', (value) => {
    expect(surveyLibrary(library([[value, 'T']]))).toMatchObject({
      rows: [{ artist: value, title: 'T' }],
      skipped: 0,
      remarks: [],
    });
  });
});

test('generated columns are columns', () => {
  const file = join(folder, 'generated.db');
  const database = new Database(file);
  database.exec(
    `CREATE TABLE library (doc TEXT, artist TEXT GENERATED ALWAYS AS (json_extract(doc, '$.a')) VIRTUAL, title TEXT GENERATED ALWAYS AS (json_extract(doc, '$.t')) STORED)`,
  );
  database.exec(`INSERT INTO library (doc) VALUES ('{"a":"A","t":"T"}')`);
  database.close();
  expect(readLibrary(file)).toEqual([{ artist: 'A', title: 'T' }]);
});

test('a lock that stays is reported as a lock', () => {
  const file = library([['A', 'T']]);
  const owner = new Database(file);
  owner.exec('BEGIN EXCLUSIVE');
  expect(() => readLibrary(file)).toThrow(
    /locked by a program that is writing to it; close the program, wait/,
  );
  owner.exec('ROLLBACK');
  owner.close();
  expect(readLibrary(file)).toHaveLength(1);
}, 30_000);
