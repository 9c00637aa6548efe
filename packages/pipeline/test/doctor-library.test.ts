/** What the doctor says about a library, and what the bins refuse: each in one sentence. */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBin, root, temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
beforeAll(() => {
  for (const name of ['collection.csv', 'rekordbox.xml'])
    cpSync(`${root}packages/library/test/fixtures/${name}`, join(folder, name));
  const files = {
    'rough.csv': 'artist,title,label,price\nA,B,C,1\nA,B,C,1\nD,E\nF,,X,2\nG,H,I,J,K\n',
    'two.csv': 'Artist,Title,Album\nA,B,C\n',
    'none.csv': 'Artist,Year\nA,1\n',
    'unknown.dat': '\x01\x02\x00',
    'half.csv': 'artist,title\nA,B\nC,"D\n',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'old.csv'), Buffer.from('artist,title\nBj\xf6rk,Post\n', 'latin1'));
});

/** Its lines about the library; the missing database has a line of its own. */
async function doctor(...words: string[]): Promise<string[]> {
  const { stdout } = await runBin(
    'wxyc-pipeline',
    ['doctor', '--csv-dir', '.', ...words, '--database-url', 'postgresql://127.0.0.1:9/none'],
    { cwd: folder },
  );
  return stdout
    .split('\n')
    .flatMap((line) => /^(\w+) +library +(.*)/.exec(line)?.slice(1).join(' ') ?? []);
}

test('kind, counts, columns that are used and that are not, three rows as understood', async () => {
  expect(await doctor('--library', 'collection.csv')).toEqual([
    'ok collection.csv: Discogs collection export, 4 albums by 4 artists (4 rows read)',
    'ok used: artist from Artist, title from Title, release_id from release_id, label from Label, format from Format, catno from Catalog#, year from Released; not used: Rating, CollectionFolder, Date Added, Collection Media Condition, Collection Sleeve Condition, Collection Notes',
    'ok understood: “Night Ferry” by Kessler, Amadou (label Rosthaus, Rosthaus Digital; format LP, Album, RE; number RSTH 001, RSTH 002; year 2014; release 6010001)',
    'ok understood: “Salt / Water” by Ilse Brandt & Noor (label Onderland; format 7", Single; number OND 7; year 1982; release 6010002)',
    'ok understood: “The "Blue" Hour” by Paravane Feat. Lucía Orta (label Pax Recordings Ltd.; format 2xCD, Album + DVD; number PX-22; release 6010003)',
  ]);
  expect((await doctor('--library', 'rekordbox.xml'))[0]).toBe(
    'LOOK rekordbox.xml: rekordbox collection (XML), 2 albums by 2 artists (7 tracks read: 1 left out without an album, 1 left out without an artist or a title)',
  );
});

test('half a row, a row too long, one without a title, and one twice are counted and add up', async () => {
  const lines = await doctor('--library', 'rough.csv');
  expect(lines[0]).toBe(
    'LOOK rough.csv: CSV file, 4 albums by 3 artists (5 rows read: 1 left out without an artist or a title, 1 duplicate)',
  );
  expect(lines.at(-1)).toBe(
    "LOOK rough.csv: 2 rows have more or fewer values than the header's 4, the first is row 4 (2); check whether it is cut short or lacks quotes",
  );
});

test('another encoding, once it is named', async () => {
  expect((await doctor('--library', 'old.csv', '--library-encoding', 'windows-1252'))[2]).toBe(
    'ok understood: “Post” by Björk',
  );
});

test.each([
  [
    'two.csv',
    "the columns Title and Album could both be the album's title; say which it is: --library-columns title=Title",
  ],
  [
    'none.csv',
    "no column for the album's title; found Artist, Year; name it: --library-columns title=COLUMN",
  ],
  [
    'old.csv',
    'row 2, column artist: "Bj\uFFFDrk" is not UTF-8; save the file as UTF-8, or say what it is in, such as --library-encoding windows-1252',
  ],
  ['half.csv', 'row 3: a quote that is never closed; write quotes inside a value twice ("")'],
  [
    'unknown.dat',
    "a binary file of unknown kind; give WXYC's or beets' SQLite file, a CSV or TSV file with a header, a Discogs collection or wantlist export, a rekordbox XML or an Apple Music XML",
  ],
])('%s is bad input for a step, and a line of the doctor', async (file, sentence) => {
  expect(await doctor('--library', file)).toEqual([`FAIL ${file}: ${sentence}`]);
  const { code, stderr } = await runBin(
    'wxyc-enrich',
    ['--library', file, '--output', 'names.txt'],
    { cwd: folder },
  );
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: expect.stringContaining(`${file}: ${sentence}\n`),
  });
  expect(existsSync(join(folder, 'names.txt'))).toBe(false);
});

test('an unknown encoding is a usage error', async () => {
  const { code, stderr } = await runBin(
    'wxyc-enrich',
    ['--library', 'old.csv', '--library-encoding', 'klingon', '--output', 'names.txt'],
    { cwd: folder },
  );
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(
      '--library-encoding klingon is not a known encoding; give one such as windows-1252, utf-16le or shift_jis.',
    ),
  });
});
