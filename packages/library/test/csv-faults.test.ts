import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLibrary, surveyLibrary } from '@wxyc/library';
import { BadInputError } from '@wxyc/step';
import { temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
let files = 0;

function file(content: string | Buffer): string {
  const path = join(folder, `${++files}.bin`);
  writeFileSync(path, content);
  return path;
}

test.each([
  ['an empty file', '', /empty; give WXYC's or beets' SQLite file, a CSV/],
  [
    'UTF-16 without a byte order mark',
    Buffer.from('artist,title\nA,B\n', 'utf16le'),
    /looks like UTF-16 without a byte order mark; say so with --library-encoding utf-16le, or save it as UTF-8/,
  ],
  ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), /compressed with gzip; unpack it first/],
  [
    'an Excel workbook',
    Buffer.from('PK\x03\x04rest', 'latin1'),
    /a ZIP archive or an Excel workbook; .*save the sheet as CSV/,
  ],
  ['another binary file', Buffer.from([1, 0, 2]), /a binary file of unknown kind/],
  ['JSON', '[{"artist": "A"}]', /a JSON file/],
  ['a web page', '<!DOCTYPE html><html></html>', /an HTML page/],
  [
    'another XML file',
    '<?xml version="1.0"?><releases/>',
    /an XML file of unknown kind \(releases\)/,
  ],
  [
    'XML that is cut off',
    '<?xml version="1.0"?><DJ_PLAYLISTS><COLLECTION><TRACK Artist="A" Album="B"/>',
    /not well-formed XML \(line 1\).*Export it again in full/,
  ],
  [
    'no known column',
    'foo,bar\n1,2\n',
    /no column for the artist and the album's title; found foo, bar; name them: --library-columns artist=COLUMN,title=COLUMN/,
  ],
  [
    'no title',
    'Artist,Year\nA,1990\n',
    /no column for the album's title; found Artist, Year; name it: --library-columns title=COLUMN/,
  ],
  [
    'two columns for the title',
    'Artist,Title,Album\nA,B,C\n',
    /the columns Title and Album could both be the album's title; say which it is: --library-columns title=Title/,
  ],
  [
    'Windows-1252',
    Buffer.from('artist,title\nA,B\nBj\xf6rk,Post\n', 'latin1'),
    /row 3, column artist: "Bj\uFFFDrk" is not UTF-8; save the file as UTF-8, or say what it is in, such as --library-encoding windows-1252/,
  ],
  [
    'a quote that is never closed',
    'artist,title\nA,B\nC,"D\nE,F\n',
    /row 3: a quote that is never closed; write quotes inside a value twice/,
  ],
  [
    'a quote inside a quoted value',
    'artist,title\n"A "B" C",D\nE,F\n',
    /row 2: a quoted value goes on after its closing quote/,
  ],
])('%s is bad input that says where, and what to do', (_what, content, message) => {
  const path = file(content);
  expect(() => readLibrary(path)).toThrow(BadInputError);
  expect(() => readLibrary(path)).toThrow(message);
});

test('columns that the user names win, and the other is left out', () => {
  const path = file('Interpret;Titel;Album\nNoor;Song;Tides\n');
  const survey = surveyLibrary(path, { columns: { title: 'album' } });
  expect(survey.rows).toEqual([{ artist: 'Noor', title: 'Tides' }]);
  expect(survey.unused).toEqual(['Titel']);
  expect(() => surveyLibrary(path, { columns: { title: 'Name' } })).toThrow(
    /no column Name, which --library-columns names for title; found Interpret, Titel, Album/,
  );
  expect(() => surveyLibrary(path, { columns: { colour: 'Album' } })).toThrow(
    /--library-columns does not know colour/,
  );
});

test('an empty album artist is the artist', () => {
  expect(
    readLibrary(file('artist,album artist,album\nNoor,,Tides\nNoor,Various,Harbour\n')),
  ).toEqual([
    { artist: 'Noor', title: 'Tides' },
    { artist: 'Various', title: 'Harbour' },
  ]);
});

test('an incomplete row is kept or counted, and reported; empty lines are not rows', () => {
  const survey = surveyLibrary(file('artist,title,label\nA,B,C\n\nD,E\nF,G,H,I\nJ'));
  expect(survey.rows).toHaveLength(3);
  expect(survey).toMatchObject({
    read: 4,
    skipped: 1,
    leftOut: { 'without an artist or a title': 1 },
  });
  expect(survey.remarks).toEqual([
    expect.stringMatching(
      /3 rows have more or fewer values than the header's 3, the first is row 4 \(2\)/,
    ),
  ]);
});

test('rows that are the same stay, and the counts add up', () => {
  const survey = surveyLibrary(file('artist,title\nA,B\nA,B\n'));
  expect(survey).toMatchObject({ read: 2, leftOut: {} });
  expect(survey.rows).toHaveLength(2);
});

test('a file of many pieces: characters, quotes and line ends that fall on their edges', () => {
  const lines = ['artist,title,label'];
  for (let i = 0; i < 40_000; i++) lines.push(`"Ärtist ${i}","Tïtle\r\n ""${i}"" \u{1F3B5}",Läbel`);
  const path = file(lines.join('\r\n'));
  const { rows, read } = surveyLibrary(path);
  expect(read).toBe(40_000);
  expect(
    rows.findIndex(
      ({ artist, title, label }, i) =>
        artist !== `Ärtist ${i}` || title !== `Tïtle\n "${i}" \u{1F3B5}` || label !== 'Läbel',
    ),
  ).toBe(-1);
});
