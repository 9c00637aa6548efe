import {
  ensureIndexes,
  checkContract,
  createSchema,
  dropSecondary,
  trackCountTable,
} from '@wxyc/cache';
import { decisionCodes } from '@wxyc/dataset';
import { dedup, type DedupOptions, type DedupResult } from '@wxyc/dedup';
import { readMatchBasis } from '@wxyc/library';
import { basisFingerprint } from '@wxyc/matching';
import { openClient } from '@wxyc/postgres';
import { stepContext } from '@wxyc/step';
import { libraryFile, runBin, scansOf, testDatabase, type TestDatabase } from '@wxyc/testing';

const schema = 'discogs_next';
let database: TestDatabase;
let empty: Awaited<ReturnType<TestDatabase['backUp']>>;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain', extensions: false });
  await createSchema({ databaseUrl: database.url, schema });
  empty = await database.backUp();
});
beforeEach(() => empty.restore());
afterAll(() => database.drop());

interface Release {
  id: number;
  master: number | null;
  country?: string | null;
  /** Titled rows in release_track.csv. */
  tracks?: number;
  title?: string;
  artists?: string[];
}

/** Releases as a base import leaves them: with track counts, without tracks. */
async function given(releases: Release[], keys: 'bare' | 'indexed' = 'indexed'): Promise<void> {
  await database.query(
    `CREATE TABLE ${schema}.${trackCountTable} (release_id integer NOT NULL, track_count integer NOT NULL)`,
  );
  for (const {
    id,
    master,
    country = null,
    tracks = 0,
    title = `Title ${id}`,
    artists = [`Artist ${id}`],
  } of releases) {
    await database.query(
      `INSERT INTO ${schema}.release (id, title, country, master_id) VALUES ($1, $2, $3, $4)`,
      [id, title, country, master],
    );
    await database.query(
      `INSERT INTO ${schema}.cache_metadata (release_id, source) VALUES ($1, 'bulk_import')`,
      [id],
    );
    await database.query(`INSERT INTO ${schema}.release_label VALUES ($1, 'Label')`, [id]);
    for (const artist of artists)
      await database.query(`INSERT INTO ${schema}.release_artist VALUES ($1, $2, 0)`, [id, artist]);
    if (tracks)
      await database.query(`INSERT INTO ${schema}.${trackCountTable} VALUES ($1, $2)`, [
        id,
        tracks,
      ]);
  }
  if (keys === 'bare') {
    const client = await openClient(database.url);
    await dropSecondary(client, schema);
    await client.end();
  }
}

/** What the log said. */
let said: string[] = [];
beforeEach(() => (said = []));

async function run(options: Partial<DedupOptions> = {}): Promise<DedupResult> {
  const { logger } = stepContext();
  const info = (...words: unknown[]): void => void said.push(String(words.at(-1)));
  const began = performance.now();
  const result = await dedup(
    { databaseUrl: database.url, schema, ...options },
    { logger: { ...logger, info } },
  );
  expect(result.seconds).toBeGreaterThan(0);
  expect(result.seconds * 1000).toBeLessThanOrEqual(performance.now() - began);
  return result;
}
const ids = async (table = 'release', column = 'id') =>
  (
    await database.query<{ id: number }>(
      `SELECT DISTINCT ${column} AS id FROM ${schema}.${table} ORDER BY 1`,
    )
  ).map(({ id }) => id);

const library = (
  ...albums: [
    artist: string,
    title: string,
    releaseId?: number | undefined,
    masterId?: number | undefined,
  ][]
): string => libraryFile(albums, ['artist', 'title', 'release_id', 'master_id']);

describe('the ranking within a master', () => {
  it.each<[string, Release[], number[]]>([
    [
      'US before all others',
      [
        { id: 1, master: 5, country: 'UK', tracks: 20 },
        { id: 2, master: 5, country: 'US', tracks: 1 },
      ],
      [2],
    ],
    [
      'trap 13: an unknown country comes last',
      [
        { id: 1, master: 5, country: null, tracks: 20 },
        { id: 2, master: 5, country: 'Japan', tracks: 1 },
      ],
      [2],
    ],
    [
      'then the most tracks',
      [
        { id: 1, master: 5, country: 'UK', tracks: 9 },
        { id: 2, master: 5, country: 'DE', tracks: 10 },
      ],
      [2],
    ],
    [
      'trap 13: no tracks count as none',
      [
        { id: 1, master: 5, country: 'UK' },
        { id: 2, master: 5, country: 'UK', tracks: 1 },
        { id: 3, master: 5, country: 'UK' },
      ],
      [2],
    ],
    [
      'then the lowest id',
      [
        { id: 3, master: 5, tracks: 2 },
        { id: 2, master: 5, tracks: 2 },
      ],
      [2],
    ],
    [
      'without a master all stay',
      [
        { id: 1, master: null },
        { id: 2, master: null },
        { id: 3, master: 0 },
        { id: 4, master: 0 },
      ],
      [1, 2, 3, 4],
    ],
  ])('%s', async (_name, releases, expected) => {
    await given(releases);
    const result = await run();
    expect(await ids()).toEqual(expected);
    expect(result).toMatchObject({ read: releases.length, written: expected.length });
    expect(result.read).toBe(result.written + (result.dropped['another pressing was kept'] ?? 0));
  });

  it('trap 12: what the library owns comes before everything else', async () => {
    const releases: Release[] = [
      {
        id: 1,
        master: 5,
        country: 'US',
        tracks: 20,
        title: 'Completely Different Words',
        artists: ['Stereolab'],
      },
      {
        id: 2,
        master: 5,
        country: null,
        tracks: 1,
        title: 'Dots And Loops',
        artists: ['Stereolab'],
      },
    ];
    await given(releases);
    const result = await run({ libraryDb: library(['Stereolab', 'Dots and Loops']) });
    expect(await ids()).toEqual([2]);
    expect(result.removedByDecision).toEqual({ KEEP: 0, REVIEW: 0, PRUNE: 1 });
  });

  it("takes the match step's decisions if they were made for the same library, else makes its own", async () => {
    const file = library(['Stereolab', 'Dots and Loops']);
    const releases: Release[] = [
      { id: 1, master: 5, country: 'US', title: 'Other', artists: ['Nobody'] },
      { id: 2, master: 5, title: 'Also other', artists: ['Nobody'] },
    ];
    await given(releases);
    const matchTable = async (comment: string) =>
      database.query(`DROP TABLE IF EXISTS ${schema}.release_match; CREATE TABLE ${schema}.release_match (release_id integer PRIMARY KEY, decision smallint, album integer, closeness smallint, score real);
        INSERT INTO ${schema}.release_match VALUES (1, ${decisionCodes.PRUNE}, NULL, 0, 0), (2, ${decisionCodes.KEEP}, 0, 1, 1); COMMENT ON TABLE ${schema}.release_match IS '${comment}'`);
    await matchTable(basisFingerprint(await readMatchBasis({ libraryDb: file })));
    await run({ libraryDb: file });
    expect(await ids()).toEqual([2]);

    await createSchema({ databaseUrl: database.url, schema, replace: true });
    await given(releases);
    await matchTable(
      basisFingerprint(await readMatchBasis({ libraryDb: file, scoreCutoff: 0.95 })),
    );
    await run({ libraryDb: file });
    expect(await ids()).toEqual([1]);
  });

  it.each<
    [
      string,
      Release[],
      [
        artist: string,
        title: string,
        releaseId?: number | undefined,
        masterId?: number | undefined,
      ][],
      number[],
    ]
  >([
    [
      'an exact match is never displaced by a loose one, wherever that was pressed',
      [
        {
          id: 1,
          master: 5,
          country: 'US',
          tracks: 20,
          title: 'Moon Pix (Deluxe Version)',
          artists: ['Cat Power'],
        },
        { id: 2, master: 5, tracks: 1, title: 'Moon Pix', artists: ['Cat Power'] },
        {
          id: 3,
          master: 5,
          country: 'US',
          tracks: 20,
          title: 'The Moonpix',
          artists: ['Cat Power'],
        },
      ],
      [['Cat Power', 'Moon Pix']],
      [2],
    ],
    [
      'two owned albums under one master both stay, each with its best pressing',
      [
        { id: 1, master: 5, country: 'US', title: 'Songs', artists: ['Low'] },
        { id: 2, master: 5, title: 'Songs', artists: ['Low'] },
        { id: 3, master: 5, title: 'Canciones', artists: ['Low'] },
        { id: 4, master: 5, title: 'Lieder', artists: ['Low'] },
      ],
      [
        ['Low', 'Songs'],
        ['Low', 'Canciones'],
      ],
      [1, 3],
    ],
    [
      'rows of one artist and title in loose form are one album',
      [
        { id: 1, master: 5, country: 'US', title: 'Dots and Loops', artists: ['Stereolab'] },
        { id: 2, master: 5, title: 'Dots & Loops', artists: ['Stereolab'] },
      ],
      [
        ['Stereolab', 'Dots and Loops'],
        ['Stereolab', 'Dots & Loops (LP)'],
      ],
      [1],
    ],
    [
      'releases owned by their ids all stay',
      [
        { id: 1, master: 5, country: 'US', title: 'Songs', artists: ['Low'] },
        { id: 2, master: 5, title: 'Songs', artists: ['Low'] },
        { id: 3, master: 5, title: 'Anything', artists: ['Else'] },
      ],
      [
        ['Low', 'Songs', 2],
        ['Low', 'Songs', 3],
      ],
      [2, 3],
    ],
    [
      'of a master that is owned one pressing stays, the one with the very title',
      [
        { id: 1, master: 5, country: 'US', title: 'Canciones', artists: ['Low'] },
        { id: 2, master: 5, title: 'Songs', artists: ['Low'] },
        { id: 3, master: 6, title: 'Songs', artists: ['Other People'] },
      ],
      [['Low', 'Songs', undefined, 5]],
      [2, 3],
    ],
    [
      'without a KEEP the best REVIEW stays',
      [
        { id: 1, master: 5, country: 'US', tracks: 20, title: 'Something Else', artists: ['Low'] },
        { id: 2, master: 5, title: 'Songs: Part of It', artists: ['Low'] },
        { id: 3, master: 5, country: 'UK', title: 'Songs: Part of It', artists: ['Low'] },
      ],
      [['Low', 'Part of It']],
      [3],
    ],
  ])('%s', async (_name, releases, albums, expected) => {
    await given(releases);
    await run({ libraryDb: library(...albums) });
    expect(await ids()).toEqual(expected);
  });

  it('prefers the country that it is given', async () => {
    await given([
      { id: 1, master: 5, country: 'US', tracks: 9 },
      { id: 2, master: 5, country: 'Germany' },
    ]);
    await run({ preferCountry: 'germany' });
    expect(await ids()).toEqual([2]);
  });

  it('records which pressing stands for which, and why, and the masters of what the library may own', async () => {
    await given([
      { id: 1, master: 5, country: 'US', title: 'Songs', artists: ['Low'] },
      { id: 2, master: 5, country: 'US', tracks: 3, title: 'Songs', artists: ['Low'] },
      { id: 3, master: 5, title: 'Songs', artists: ['Low'] },
      { id: 4, master: 5, title: 'Not at All', artists: ['Nobody'] },
      { id: 5, master: 6, title: 'Strangers', artists: ['Nobody'] },
    ]);
    await run({ libraryDb: library(['Low', 'Songs']) });
    expect(await ids()).toEqual([2, 5]);
    expect(
      await database.query(`SELECT * FROM ${schema}.release_pressing ORDER BY dropped_id`),
    ).toEqual([
      { release_id: 2, dropped_id: 1, reason: 'it has more tracks' },
      { release_id: 2, dropped_id: 3, reason: 'its country: US comes first, an unknown one last' },
    ]);
    expect(await database.query(`SELECT * FROM ${schema}.release_master`)).toEqual([
      { release_id: 2, master_id: 5 },
    ]);
  });

  it.each(['api_fetch', 'by hand'])('never removes what a consumer wrote: %s', async (source) => {
    await given([
      { id: 1, master: 5, country: 'US' },
      { id: 2, master: 5 },
      { id: 3, master: 5 },
    ]);
    await database.query(
      `UPDATE ${schema}.cache_metadata SET source = '${source}' WHERE release_id = 3`,
    );
    await run();
    expect(await ids()).toEqual([1, 3]);
  });
});

describe('dedup', () => {
  const twoMasters: Release[] = [
    { id: 1, master: 5, country: 'US' },
    { id: 2, master: 5 },
    { id: 3, master: 6, tracks: 3 },
    { id: 4, master: 6, tracks: 4 },
    { id: 5, master: null },
  ];

  it.each(['bare', 'indexed'] as const)(
    'trap 15: on %s tables keys, defaults and NOT NULL are there afterwards, master_id and the counts are gone',
    async (keys) => {
      await given(twoMasters, keys);
      const result = await run();
      for (const [table, column] of [
        ['release', 'id'],
        ['release_artist', 'release_id'],
        ['release_label', 'release_id'],
        ['cache_metadata', 'release_id'],
      ] as const) {
        expect(await ids(table, column)).toEqual([1, 4, 5]);
        expect(result.removedRows[table]).toBe(2);
      }
      const gone = await database.query(
        `SELECT to_regclass('${schema}.${trackCountTable}') AS counts, (SELECT count(*)::int FROM pg_attribute WHERE attrelid = '${schema}.release'::regclass AND attname = 'master_id') AS columns`,
      );
      expect(gone).toEqual([{ counts: null, columns: 0 }]);
      await ensureIndexes({ databaseUrl: database.url, schema });
      expect((await checkContract({ databaseUrl: database.url, schema })).differences).toEqual([]);
    },
  );

  it('is safe to repeat, and says that nothing is left to do', async () => {
    await given(twoMasters);
    await run();
    expect(said.at(-1)).toBe('removed 2 of 5 releases, further pressings of a master');
    expect(await run()).toMatchObject({
      read: 3,
      written: 3,
      dropped: {},
      note: expect.stringMatching(/nothing left to do/),
    });
    expect(await ids()).toEqual([1, 4, 5]);
  });

  it('without duplicates still leaves the deduplicated state', async () => {
    await given([
      { id: 1, master: 5 },
      { id: 2, master: 6 },
    ]);
    expect(await run()).toMatchObject({ written: 2, dropped: {} });
    expect(said.at(-1)).toBe('no master has a second pressing');
    expect(await database.query(`SELECT * FROM ${schema}.release WHERE id = 1`)).toEqual([
      { id: 1, title: 'Title 1', release_year: null, country: null, artwork_url: null },
    ]);
  });

  it('trap 13: counts loaded tracks where no counts were kept, and refuses when there are neither', async () => {
    await given([
      { id: 1, master: 5 },
      { id: 2, master: 5 },
    ]);
    await database.query(`DROP TABLE ${schema}.${trackCountTable}`);
    await expect(run()).rejects.toThrow(/neither tracks nor the track counts.*--base-only/);
    expect(await ids()).toEqual([1, 2]);
    await database.query(`INSERT INTO ${schema}.release_track VALUES (2, 1, NULL, 'A')`);
    await run();
    expect(await ids()).toEqual([2]);
    expect(await ids('release_track', 'release_id')).toEqual([2]);
  });

  it('adds up the counts of tracks that stood in several places of the file', async () => {
    await given([
      { id: 1, master: 5, country: 'US', tracks: 3 },
      { id: 2, master: 5, country: 'US', tracks: 2 },
    ]);
    await database.query(`INSERT INTO ${schema}.${trackCountTable} VALUES (2, 2)`);
    await run();
    expect(await ids()).toEqual([2]);
  });

  it('is all or nothing', async () => {
    await given(twoMasters);
    await database.query(`CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON ${schema}.release FOR EACH ROW EXECUTE FUNCTION public.refuse()`);
    await expect(run()).rejects.toThrow(/not now/);
    expect(await ids()).toEqual([1, 2, 3, 4, 5]);
    expect(await ids('release_label', 'release_id')).toEqual([1, 2, 3, 4, 5]);
    await database.query(`DROP TRIGGER refuse ON ${schema}.release`);
    await run();
    expect(await ids()).toEqual([1, 4, 5]);
  });

  it('trap 20: many rows of doomed releases go at once, keys in place: no cascade fires release by release', async () => {
    const scansOfLabels = () => scansOf(database.url, `${schema}.release_label`);
    await database.query(`INSERT INTO ${schema}.release (id, title, master_id) SELECT n, 'T', n / 4 FROM generate_series(4, 8003) n;
      INSERT INTO ${schema}.release_artist SELECT n, 'A' || s FROM generate_series(4, 8003) n, generate_series(1, 2) s;
      INSERT INTO ${schema}.release_track SELECT n, 1, NULL, 'T' FROM generate_series(4, 8003) n; ANALYZE ${schema}.release; ANALYZE ${schema}.release_artist; ANALYZE ${schema}.release_track`);
    const before = await scansOfLabels();
    expect(await run()).toMatchObject({
      written: 2000,
      removedRows: { release_artist: 12_000, release_track: 6000 },
    });
    expect((await scansOfLabels()) - before).toBeLessThan(100);
  });

  it('the bin', async () => {
    await given(twoMasters);
    const done = await runBin('wxyc-dedup', [
      database.url,
      '--schema',
      schema,
      '--library-db',
      library(['X', 'Y']),
    ]);
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toMatch(/dedup +releases +5 +3 +2/);
    expect(
      await runBin('wxyc-dedup', [database.url, '--schema', schema, '--library-db', 'no-such.db']),
    ).toMatchObject({ code: 4 });
    expect(
      await runBin('wxyc-dedup', [database.url, '--schema', schema, '--keep-ids', 'ids.txt']),
    ).toMatchObject({ code: 2 });
    expect(await runBin('wxyc-dedup', [database.url, '--schema', 'nowhere'])).toMatchObject({
      code: 1,
    });
  });
});
