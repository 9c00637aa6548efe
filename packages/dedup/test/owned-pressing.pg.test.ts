/** Pressings of known owners: how often the one on the shelf is the one that stays. */
import { createSchema, editionTable, trackCountTable } from '@wxyc/cache';
import { dedup } from '@wxyc/dedup';
import type { LibraryRow } from '@wxyc/matching';
import { runBin, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const schema = 'discogs_next';
const masters = 100;
const formats = [
  ['Vinyl; LP; Album', 'LP'],
  ['Vinyl; 7"; Single', 'vinyl - 7"'],
  ['CD; Album', 'CD-R'],
  ['Cassette; Album', 'cassette box'],
] as const;
let database: TestDatabase;
let given: Awaited<ReturnType<TestDatabase['backUp']>>;

/** Each master has a pressing of each format, on a label of its own; by country and tracks the first is the best. The owned one rotates. */
const ownedOf = (master: number): number => master * 10 + (master % formats.length);
const ids = async (): Promise<number[]> =>
  (await database.query<{ id: number }>(`SELECT id FROM ${schema}.release ORDER BY id`)).map(
    ({ id }) => id,
  );

beforeAll(async () => {
  database = await testDatabase({ owner: 'plain', extensions: false });
  await createSchema({ databaseUrl: database.url, schema });
  await database.query(
    `CREATE TABLE ${schema}.${trackCountTable} (release_id integer NOT NULL, track_count integer NOT NULL)`,
  );
  await database.query(
    `CREATE TABLE ${schema}.${editionTable} (release_id integer NOT NULL, label text, catno text, format text)`,
  );
  const each = `generate_series(1, ${masters}) m, generate_series(0, ${formats.length - 1}) p`;
  await database.query(
    `INSERT INTO ${schema}.release (id, title, release_year, country, master_id) SELECT m * 10 + p, 'Album ' || m, 1990 + p, CASE p WHEN 0 THEN 'US' ELSE 'Italy' END, m FROM ${each}`,
  );
  await database.query(
    `INSERT INTO ${schema}.cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM ${schema}.release`,
  );
  await database.query(
    `INSERT INTO ${schema}.release_artist SELECT id, 'Artist ' || master_id, 0 FROM ${schema}.release`,
  );
  await database.query(
    `INSERT INTO ${schema}.release_label SELECT m * 10 + p, 'Label ' || p || ' Recordings' FROM ${each}`,
  );
  await database.query(
    `INSERT INTO ${schema}.${editionTable} SELECT m * 10 + p, 'Label ' || p || ' Recordings', 'L-' || p || '-' || m, NULL FROM ${each}`,
  );
  for (const [p, [format]] of formats.entries())
    await database.query(
      `INSERT INTO ${schema}.${editionTable} SELECT m * 10 + ${p}, NULL, NULL, $1 FROM generate_series(1, ${masters}) m`,
      [format],
    );
  given = await database.backUp();
}, 60_000);
beforeEach(() => given.restore());
afterAll(() => database.drop());

/** The library, with what it says about its pressing of each master. */
const library = (said: (pressing: number, master: number) => Partial<LibraryRow>): LibraryRow[] =>
  Array.from({ length: masters }, (_, at) => ({
    artist: `Artist ${at + 1}`,
    title: `Album ${at + 1}`,
    ...said((at + 1) % formats.length, at + 1),
  }));

const share = async (): Promise<number> => {
  const kept = new Set(await ids());
  return (
    Array.from({ length: masters }, (_, at) => ownedOf(at + 1)).filter((id) => kept.has(id))
      .length / masters
  );
};

it.each<[string, (pressing: number, master: number) => Partial<LibraryRow>, number]>([
  ['nothing: the country decides, as before', () => ({}), 0.25],
  ['the label', (p) => ({ label: `label ${p} Records Ltd` }), 1],
  ['the format', (p) => ({ format: formats[p]![1] }), 1],
  ['the catalogue number', (p, m) => ({ catno: `l ${p} ${m}` }), 1],
  ['the year', (p) => ({ year: 1990 + p }), 1],
])('the library says %s', async (_what, said, expected) => {
  await dedup({ databaseUrl: database.url, schema, library: library(said) });
  expect(await ids()).toHaveLength(masters);
  expect(await share()).toBe(expected);
});

it('if only a parent or a sublabel fits: by chance without a labels file, for certain with one', async () => {
  const labels = join(temporaryFolder(), 'label.csv');
  writeFileSync(
    labels,
    `id,name,parent_name\r\n${formats.map((_, p) => `${p},Label ${p} Recordings,House ${p}\r\n${p}9,Cellar ${p},Label ${p}\r\n`).join('')}`,
  );
  // Half of the rows name the parent, half a sublabel.
  const said = library((p, m) => ({ label: m % 2 === 0 ? `House ${p} Ltd` : `Cellar ${p}` }));
  const schemaOf = `${schema}_copy`;
  await database.query(`CREATE SCHEMA ${schemaOf}`);
  for (const table of [
    'release',
    'release_artist',
    'release_label',
    'release_track',
    'release_track_artist',
    'cache_metadata',
    trackCountTable,
    editionTable,
  ])
    await database.query(
      `CREATE TABLE ${schemaOf}.${table} (LIKE ${schema}.${table} INCLUDING ALL); INSERT INTO ${schemaOf}.${table} SELECT * FROM ${schema}.${table}`,
    );
  await dedup({ databaseUrl: database.url, schema: schemaOf, library: said });
  const before = new Set(
    (await database.query<{ id: number }>(`SELECT id FROM ${schemaOf}.release`)).map(
      ({ id }) => id,
    ),
  );
  expect(
    Array.from({ length: masters }, (_, at) => ownedOf(at + 1)).filter((id) => before.has(id)),
  ).toHaveLength(masters / formats.length);
  await dedup({ databaseUrl: database.url, schema, library: said, labels });
  expect(await ids()).toHaveLength(masters);
  expect(await share()).toBe(1);
});

it('labels without a library, or of another kind, are refused', async () => {
  const file = join(temporaryFolder(), 'label.csv');
  writeFileSync(file, 'id,name\r\n1,A\r\n');
  await expect(dedup({ databaseUrl: database.url, schema, labels: file })).rejects.toThrow(
    'labels needs a library: give libraryDb too.',
  );
  await expect(
    dedup({
      databaseUrl: database.url,
      schema,
      labels: file,
      library: library(() => ({ label: 'A' })),
    }),
  ).rejects.toThrow(/label\.csv.*parent_name/);
  const { code, stderr } = await runBin('wxyc-dedup', [database.url, '--labels', file]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('--labels needs --library-db.'),
  });
});

it('the label weighs more than format, number and year, and none of these outweighs the exact id', async () => {
  await database.query(`DELETE FROM ${schema}.release WHERE master_id > 2`);
  const rows = [
    {
      artist: 'Artist 1',
      title: 'Album 1',
      label: 'Label 3',
      format: 'CD',
      catno: 'L-2-1',
      year: 1992,
    },
    { artist: 'Artist 2', title: 'Album 2', label: 'Label 3', releaseId: 21 },
  ];
  await dedup({ databaseUrl: database.url, schema, library: rows });
  expect(await ids()).toEqual([13, 21]);
  expect(
    await database.query(
      `SELECT dropped_id, reason FROM ${schema}.release_pressing WHERE dropped_id = 12`,
    ),
  ).toEqual([
    {
      dropped_id: 12,
      reason: 'it is on the label that the library names, or its parent or sublabel',
    },
  ]);
  // The table is the build's own and is not published.
  expect(
    await database.query(`SELECT to_regclass('${schema}.${editionTable}')::text AS name`),
  ).toEqual([{ name: null }]);
});

it('an owner of two formats, or of two numbers, keeps both pressings; one who names neither keeps one', async () => {
  await database.query(`DELETE FROM ${schema}.release WHERE master_id > 4`);
  const rows = (master: number, ...said: Partial<LibraryRow>[]): LibraryRow[] =>
    said.map((row) => ({ artist: `Artist ${master}`, title: `Album ${master}`, ...row }));
  const rowsOfAll = [
    ...rows(1, { format: 'CD' }, { format: 'LP' }),
    ...rows(2, { catno: 'L-1-2' }, { catno: 'L-3-2' }, { catno: 'not in the dump' }),
    ...rows(3, { format: 'LP' }, { format: '2xLP' }, {}),
    ...rows(4, { format: 'reel' }, { label: 'Label 1' }, { label: 'Label 2' }),
  ];
  const { removedRows } = await dedup({ databaseUrl: database.url, schema, library: rowsOfAll });
  expect(await ids()).toEqual([10, 12, 21, 23, 30, 41]);
  expect(removedRows['release']).toBe(16 - 6);
  // Each dropped pressing is recorded with the one that replaces it.
  expect(
    await database.query(
      `SELECT release_id, dropped_id FROM ${schema}.release_pressing WHERE release_id < 30 ORDER BY dropped_id`,
    ),
  ).toEqual([
    { release_id: 12, dropped_id: 11 },
    { release_id: 12, dropped_id: 13 },
    { release_id: 21, dropped_id: 20 },
    { release_id: 21, dropped_id: 22 },
  ]);
});
