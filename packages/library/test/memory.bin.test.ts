/** Large libraries: memory depends on their albums, not on file size. */
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { surveyLibrary } from '@wxyc/library';
import { root, runCommand, temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
const albums = 40_000;
const tracksOfAlbum = 5;
/** The reading process's heap above its start: at most a tenth of what it reads. */
const heap = 40;

/** Text that nobody asks for. */
const padding = 'A comment that is of no use here. '.repeat(10);

/** Writes the file piece by piece. */
function write(name: string, head: string, album: (at: number) => string, tail = ''): string {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  writeSync(file, head);
  for (let at = 0; at < albums; at += 500)
    writeSync(file, Array.from({ length: 500 }, (_, i) => album(at + i)).join(''));
  writeSync(file, tail);
  closeSync(file);
  return path;
}

const [artist, title] = [
  (at: number) => `The Artist Number ${at % 9000}`,
  (at: number) => `Some Album Called ${at}`,
];
const tracks = (at: number, track: (number: number) => string): string =>
  Array.from({ length: tracksOfAlbum }, (_, number) => track(at * tracksOfAlbum + number)).join(
    '\n',
  );

test.each<[string, () => string]>([
  [
    'CSV',
    () =>
      write(
        'a.csv',
        'artist,album,comment\n',
        (at) => `${artist(at)},${title(at)},${padding.repeat(4)}\n`,
      ),
  ],
  [
    'TSV',
    () =>
      write(
        'a.tsv',
        'artist\talbum\tcomment\n',
        (at) => `${artist(at)}\t${title(at)}\t${padding.repeat(4)}\n`,
      ),
  ],
  [
    'rekordbox',
    () =>
      write(
        'r.xml',
        '<?xml version="1.0"?><DJ_PLAYLISTS><COLLECTION>\n',
        (at) =>
          tracks(
            at,
            (n) =>
              `<TRACK Artist="${artist(at)}" Album="${title(at)}" Comments="${padding}" Location="file://localhost/Music/${padding.slice(0, 60)}/${at}/${n}.mp3"/>`,
          ),
        '</COLLECTION></DJ_PLAYLISTS>',
      ),
  ],
  [
    'Apple Music',
    () =>
      write(
        'a.xml',
        '<?xml version="1.0"?><plist><dict><key>Tracks</key><dict>\n',
        (at) =>
          tracks(
            at,
            (n) =>
              `<key>${n}</key><dict><key>Artist</key><string>${artist(at)}</string><key>Album</key><string>${title(at)}</string><key>Comments</key><string>${padding}</string><key>Location</key><string>file:///Music/${at}/${n}.m4a</string></dict>`,
          ),
        '</dict></dict></plist>',
      ),
  ],
])(
  '%s',
  async (_kind, make) => {
    const file = make();
    expect(statSync(file).size / heap).toBeGreaterThan(1_200_000);
    const script = `import { surveyLibrary } from '${root}packages/library/dist/index.js'; const { rows, read } = surveyLibrary(process.argv[1]); console.log(rows.length, read);`;
    const { code, stdout } = await runCommand(
      process.execPath,
      [
        `--max-old-space-size=${heap}`,
        '--max-semi-space-size=1',
        '--input-type=module',
        '-e',
        script,
        file,
      ],
      { timeout: 120_000 },
    );
    expect({ code, read: stdout.trim() }).toEqual({
      code: 0,
      read: `${albums} ${/xml$/.test(file) ? albums * tracksOfAlbum : albums}`,
    });
  },
  150_000,
);

test('2 million rows are read, counted and reported', () => {
  const file = write('many.csv', 'artist,title\n', (at) =>
    Array.from({ length: 50 }, (_, i) => `A${at},T${at * 50 + i}\n`).join(''),
  );
  const { rows, read, leftOut, remarks } = surveyLibrary(file);
  expect({ rows: rows.length, read, leftOut, last: rows.at(-1) }).toEqual({
    rows: 2_000_000,
    read: 2_000_000,
    leftOut: {},
    last: { artist: 'A39999', title: 'T1999999' },
  });
  expect(remarks).toEqual([
    expect.stringMatching(
      /many\.csv: 2000000 albums, for which a run needs about 1\.4 GB of memory; is this the library, or a list of all albums in the world\?$/,
    ),
  ]);
}, 120_000);
