/** Libraries in encodings other than UTF-8. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLibrary, surveyLibrary } from '@wxyc/library';
import { BadInputError, UsageError } from '@wxyc/step';
import { temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
let files = 0;

function file(content: Buffer): string {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, content);
  return path;
}

const text = 'Artist,Album,Label\r\nBjörk,Début,“Motör”\r\nSigur Rós,Ágætis byrjun,\r\n';
const albums = [
  { artist: 'Björk', title: 'Début', label: '“Motör”' },
  { artist: 'Sigur Rós', title: 'Ágætis byrjun' },
];
const windows = Buffer.from(text.replace('“', '\x93').replace('”', '\x94'), 'latin1');
const utf16le = (content: string): Buffer => Buffer.from(content, 'utf16le');

test('Windows-1252 is read where it is asked for', () => {
  const survey = surveyLibrary(file(windows), { encoding: 'windows-1252' });
  expect(survey).toMatchObject({ rows: albums, kind: 'CSV file in windows-1252' });
});

test('UTF-16 is recognised by its byte order mark, either way round', () => {
  const little = utf16le(`\uFEFF${text}`);
  expect(surveyLibrary(file(little))).toMatchObject({ rows: albums, kind: 'CSV file in utf-16le' });
  expect(readLibrary(file(Buffer.from(little).swap16()))).toEqual(albums);
  expect(readLibrary(file(utf16le(text)), { encoding: 'UTF-16LE' })).toEqual(albums);
  const tracks =
    '\uFEFF<?xml version="1.0"?><DJ_PLAYLISTS><COLLECTION><TRACK Artist="Björk" Album="Début"/></COLLECTION></DJ_PLAYLISTS>';
  expect(readLibrary(file(utf16le(tracks)))).toEqual([{ artist: 'Björk', title: 'Début' }]);
});

test('a file of many pieces, whose characters fall on their edges', () => {
  const lines = ['\uFEFFartist,title'];
  for (let i = 0; i < 20_000; i++) lines.push(`Ärtist ${i},"Tïtle ""${i}"" \u{1F3B5}"`);
  const rows = readLibrary(file(utf16le(lines.join('\n'))));
  expect(rows).toHaveLength(20_000);
  expect(
    rows.findIndex(
      ({ artist, title }, i) => artist !== `Ärtist ${i}` || title !== `Tïtle "${i}" \u{1F3B5}`,
    ),
  ).toBe(-1);
});

test('a word that does not fit the file is reported', () => {
  const read = (content: Buffer, encoding: string) => () =>
    readLibrary(file(content), { encoding });
  expect(read(windows, 'latin-99')).toThrow(
    new UsageError(
      '--library-encoding latin-99 is not a known encoding; give one such as windows-1252, utf-16le or shift_jis.',
    ),
  );
  expect(read(utf16le(`\uFEFF${text}`), 'windows-1252')).toThrow(
    /begins with the byte order mark of utf-16le, but --library-encoding says windows-1252; leave the flag out/,
  );
  expect(read(windows, 'utf-8')).toThrow(
    /row 2, column Artist: "Bj\uFFFDrk" is not utf-8; save the file as UTF-8, or say what it is in/,
  );
  expect(read(Buffer.from('<DJ_PLAYLISTS/>'), 'windows-1252')).toThrow(
    /only a CSV or TSV file can have another encoding, and this is neither; leave --library-encoding out/,
  );
  expect(read(utf16le('Artist,Album\nA,B\uD800\n'), 'utf-16le')).toThrow(BadInputError);
});
