/** Names of databases, schemas, artists, titles and files are never taken for SQL, nor for anything else that has a grammar. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRow } from '@wxyc/csv';
import {
  libraryFile,
  runBin,
  succeeded,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { makeInputs } from './commands.js';

/** Each would do harm, or fail, in a statement, a format string, a LIKE pattern, a shell, COPY's text or a dollar quote. */
const evil = [
  `'; DROP TABLE release; --`,
  `"; DROP SCHEMA public CASCADE; --`,
  `'); DELETE FROM release_artist; --`,
  String.raw`\'; DROP TABLE release; --`,
  String.raw`\. \N \x \\ \t`,
  '$$; DROP TABLE release; $$',
  '%s %I %L %n 100%',
  '$1 ${process.exit(1)} `id` $(id)',
  'line one\nline two\r\nline three',
  'tab\tand, comma "and quotes"',
  `O'Brien; & <b>bold</b> |`,
  '_%_',
  '🎷 \u202Eright to left\u202C',
];

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

/** CSV files in which every text is one of the evil names. */
function evilCsv(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, header: string, rows: (string | number)[][]): void =>
    writeFileSync(
      join(directory, `${name}.csv`),
      Buffer.concat(
        [header.split(','), ...rows.map((row) => row.map(String))].map((row) =>
          Buffer.from(encodeRow(row)),
        ),
      ),
    );
  write(
    'release',
    'id,title,released,country,master_id',
    evil.map((name, i) => [i + 1, name, '1999', name, i < 4 ? 77 : '']),
  );
  write(
    'release_artist',
    'release_id,artist_name,extra,anv',
    evil.flatMap((name, i) => [
      [i + 1, name, 0, name],
      [i + 1, `${name} too`, 1, ''],
    ]),
  );
  write(
    'release_label',
    'release_id,label_name,catno',
    evil.map((name, i) => [i + 1, name, name]),
  );
  write(
    'release_track',
    'release_id,sequence,position,title,duration',
    evil.map((name, i) => [i + 1, 1, name, name, name]),
  );
  write(
    'release_track_artist',
    'release_id,track_sequence,artist_name,extra',
    evil.map((name, i) => [i + 1, 1, name, 0]),
  );
}

test('artists, titles, labels, countries and tracks arrive as they are', async () => {
  const cwd = temporaryFolder();
  evilCsv(join(cwd, 'csv'));
  succeeded(
    await runBin('wxyc-pipeline', ['--csv-dir', 'csv', '--database-url', database.url], { cwd }),
  );
  const kept = evil.filter((_, i) => i === 0 || i >= 4);
  const rows = await database.query<{
    title: string;
    country: string;
    artist_name: string;
    label_name: string;
    track: string;
    position: string;
    duration: string;
    guest: string;
  }>(
    `SELECT r.title, r.country, a.artist_name, l.label_name, t.title AS track, t.position, t.duration, ta.artist_name AS guest
       FROM release r JOIN release_artist a ON a.release_id = r.id AND extra = 0 JOIN release_label l ON l.release_id = r.id
       JOIN release_track t ON t.release_id = r.id JOIN release_track_artist ta ON ta.release_id = r.id ORDER BY r.id`,
  );
  expect(rows).toEqual(
    kept.map((name) => ({
      title: name,
      country: name,
      artist_name: name,
      label_name: name,
      track: name,
      position: name,
      duration: name,
      guest: name,
    })),
  );
}, 60_000);

test('a library of such names decides, prunes and is reported', async () => {
  const cwd = temporaryFolder();
  evilCsv(join(cwd, 'csv'));
  const libraryDb = libraryFile(
    evil.map((name) => [name, name]),
    ['artist', 'title'],
    join(cwd, "it's a; library %s.db"),
  );
  writeFileSync(
    join(cwd, 'mappings.json'),
    JSON.stringify({
      keep: Object.fromEntries(evil.slice(0, 6).map((name) => [name, null])),
      prune: Object.fromEntries(evil.slice(6, 8).map((name) => [name, null])),
    }),
  );
  const words = [
    '--csv-dir',
    'csv',
    '--library-db',
    libraryDb,
    '--mappings-file',
    'mappings.json',
    '--database-url',
    database.url,
    '--decisions',
    'decisions.csv',
    '--report',
    'run.html',
  ];
  succeeded(await runBin('wxyc-pipeline', words, { cwd }));
  const [row] = await database.query<{ releases: number }>(
    'SELECT count(*)::int AS releases FROM release',
  );
  expect(row!.releases).toBeGreaterThan(5);
  // A page for a browser: a name must not become markup.
  expect(readFileSync(join(cwd, 'run.html'), 'utf8')).not.toContain('<b>bold</b>');
  for (const words of [
    ['explain', '1', libraryDb, database.url],
    [libraryDb, database.url],
  ])
    succeeded(await runBin('wxyc-verify', words, { cwd }));
}, 60_000);

const schemas = [
  `it's`,
  'a"b',
  '"; DROP SCHEMA public CASCADE; --',
  'Upper Case',
  'select',
  'percent%s',
  'back\\slash',
  'täglich',
  '$$',
];

test.each(schemas)(
  'a schema called %j',
  async (schema) => {
    const cwd = temporaryFolder();
    evilCsv(join(cwd, 'csv'));
    const words = [database.url, '--schema', schema];
    for (const [bin, before] of [
      ['wxyc-schema', ['create']],
      ['wxyc-import', ['csv']],
      ['wxyc-dedup', []],
      ['wxyc-index', []],
      ['wxyc-vacuum', []],
      ['wxyc-schema', ['publish']],
      ['wxyc-schema', ['check']],
    ] as const) {
      succeeded(
        await runBin(bin, [...before, ...(before[0] === 'check' ? [database.url] : words)], {
          cwd,
        }),
      );
    }
    const [row] = await database.query<{ releases: number }>(
      'SELECT count(*)::int AS releases FROM public.release',
    );
    expect(row!.releases).toBe(evil.length - 3);
  },
  60_000,
);

const databases = [
  `it's`,
  'a"b',
  `x'; DROP TABLE release; --`,
  'Upper Case',
  'percent%s',
  'quest?ion',
  'hash#tag',
  'täglich',
  'at@sign/slash',
];

test('databases with such names are created as copy targets, under exactly these names', async () => {
  const cwd = temporaryFolder();
  const inputs = await makeInputs(60);
  const prefix = database.name;
  for (const [index, name] of databases.entries()) {
    const url = new URL(database.url);
    const target = `${prefix} ${name}`;
    const targetUrl = `${url.protocol}//${url.username}${url.password ? `:${url.password}` : ''}@${url.host}/${encodeURIComponent(target)}`;
    if (index === 0)
      succeeded(
        await runBin(
          'wxyc-pipeline',
          [
            '--csv-dir',
            inputs.csv,
            '--library-db',
            inputs.libraryDb,
            '--database-url',
            database.url,
            '--target-db-url',
            targetUrl,
          ],
          { cwd },
        ),
      );
    else
      succeeded(
        await runBin('wxyc-verify', [inputs.libraryDb, database.url, '--copy-to', targetUrl], {
          cwd,
        }),
      );
    const [row] = await database.query<{ found: number }>(
      'SELECT count(*)::int AS found FROM pg_database WHERE datname = $1',
      [target],
    );
    expect({ name, found: row!.found }).toEqual({ name, found: 1 });
    await database.query(`DROP DATABASE "${target.replaceAll('"', '""')}" WITH (FORCE)`);
  }
}, 180_000);

const directories = [
  `it's; a "directory"`,
  'percent %s %20',
  '$(touch harm) `touch harm`',
  'new\nline',
  '-rf',
  'täglich 🎷',
  'glob * [a-z] ?',
];

test.each(directories)(
  'files in a directory called %j',
  async (name) => {
    const cwd = temporaryFolder();
    const directory = join(cwd, name);
    const inputs = await makeInputs(60);
    evilCsv(join(directory, 'csv'));
    writeFileSync(join(directory, 'artists.txt'), 'Nobody\n');
    for (const file of ['library.db', 'releases.xml.gz'])
      writeFileSync(join(directory, file), readFileSync(join(inputs.folder, file)));
    const at = (file: string): string => join(directory, file);
    succeeded(await runBin('wxyc-fix-newlines', [at('csv'), at('cleaned')], { cwd }));
    const words = [
      '--xml',
      at('releases.xml.gz'),
      '--library-db',
      at('library.db'),
      '--keep-csv',
      at('kept'),
      '--state-file',
      at('state.json'),
      '--decisions',
      at('decisions.csv'),
      '--report',
      at('run.json'),
    ];
    succeeded(await runBin('wxyc-pipeline', [...words, '--database-url', database.url], { cwd }));
    expect(readdirSync(cwd)).toEqual([name]);
  },
  60_000,
);
