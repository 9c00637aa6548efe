import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkContract } from '@wxyc/cache';
import { acquireRunLock, openClient } from '@wxyc/postgres';
import { BadInputError, LockedError, stepContext, UsageError } from '@wxyc/step';
import {
  libraryFile,
  scansOf,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { copyTo, match, prune, verify } from '@wxyc/verify';
import { makeCache, releaseIds, rowsOf, untilWaiting, type Pressing } from './cache.ts';

const libraryDb = libraryFile([
  ['Stereolab', 'Dots and Loops'],
  ['Nirvana', 'Nevermind'],
  ['Sade', 'Diamond Life'],
  ['Cat Power', 'Moon Pix'],
  ['Various Artists', 'Nuggets: Original Artyfacts'],
]);

const pressings: Pressing[] = [
  { id: 1, title: 'Dots And Loops', artists: ['Stereolab'] },
  { id: 2, title: 'Something Else Entirely', artists: ['Stereolab'], extra: ['Nirvana'] },
  // One of two main artists owns it.
  { id: 3, title: 'Nevermind', artists: ['Aardvark Unknown', 'Nirvana'] },
  { id: 4, title: 'Nuggets - Original Artyfacts', artists: ['Various'] },
  { id: 5, title: 'Completely Unrelated Sampler', artists: ['Various'] },
  // In doubt: an equal title without an artist, and a title that is near, not near enough.
  { id: 6, title: 'Moon Pix', artists: [], extra: ['Sade'] },
  { id: 7, title: 'Diamond Lives', artists: ['Sade'] },
  { id: 8, title: 'Unowned', artists: ['Stereolab'], source: 'api_fetch' },
  { id: 9, title: 'Unowned', artists: ['Nirvana'], source: null },
  { id: 10, title: 'Elsewhere', artists: ['Zzyzx'] },
];

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await makeCache(database, pressings);
});
afterEach(() => database.drop());

const options = () => ({ libraryDb, databaseUrl: database.url });

function mappings(content: unknown): string {
  const file = join(temporaryFolder(), 'mappings.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe('dry run', () => {
  it('reports and changes nothing', async () => {
    const everything = async (): Promise<unknown> => [
      await rowsOf(database),
      await database.query(
        `SELECT n.nspname, c.relname, c.relkind, c.relfilenode, c.reltuples, c.relpages, obj_description(c.oid, 'pg_class') FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
          WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY 1, 2`,
      ),
    ];
    const before = await everything();
    const result = await verify(options());
    expect(await everything()).toEqual(before);
    expect(result).toMatchObject({ read: 10, written: 6, dropped: { 'would be pruned': 4 } });
    const { report } = result;
    expect(report.library).toEqual({
      size: { albums: 5, artists: 4, compilations: 1, leftOut: 0 },
      found: 3,
      inDoubt: 2,
      missing: 0,
      missingAlbums: [],
      inDoubtAlbums: expect.any(Array),
    });
    expect(
      report.library.inDoubtAlbums.map(({ title, nearest }) => [
        title,
        nearest?.releaseId,
        nearest?.score,
      ]),
    ).toEqual([
      ['Diamond Life', 7, 0.88],
      ['Moon Pix', 6, 0.75],
    ]);
    expect(report.decisions).toEqual({ keep: 3, review: 2, prune: 5 });
    expect(report.releases).toBe(10);
    expect(report.fetchedByConsumers).toBe(1);
    expect(report.reviewWithoutArtist).toBe(1);
    expect(report.review).toEqual([
      {
        artist: 'Sade',
        releases: 1,
        releaseId: 7,
        candidate: 'Sade',
        score: expect.closeTo(0.88, 4),
        title: 'Diamond Lives',
        candidateTitle: 'Diamond Life',
      },
    ]);
    expect(report.tables.find(({ name }) => name === 'release_track')).toMatchObject({
      rows: 20,
      deletableRows: 8,
    });
    expect(report.tables.every(({ bytes, estimatedSavings }) => bytes > estimatedSavings)).toBe(
      true,
    );
  });

  it('writes every release that a rule scored to the decisions file, by ascending id, and every album to the coverage file', async () => {
    const [decisions, coverage] = ['decisions.csv', 'coverage.csv'].map((name) =>
      join(temporaryFolder(), name),
    ) as [string, string];
    await verify({ ...options(), decisions, coverage });
    const lines = readFileSync(decisions, 'utf8').trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'release_id,spelling,title,decision,library_row,library_artist,library_title,artist_score,title_score,score,rule',
    );
    // 5 and 10 came near nothing.
    expect(
      lines
        .slice(1)
        .map((line) => [line.split(',')[0], /,(KEEP|REVIEW|PRUNE),/.exec(line)?.[1]].join(' ')),
    ).toEqual([
      '1 KEEP',
      '2 PRUNE',
      '3 KEEP',
      '4 KEEP',
      '6 REVIEW',
      '7 REVIEW',
      '8 PRUNE',
      '9 PRUNE',
    ]);
    expect(lines[1]).toBe(
      '1,Stereolab,Dots And Loops,KEEP,1,Stereolab,Dots and Loops,1,1,1,3 same artist',
    );
    const albums = readFileSync(coverage, 'utf8')
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',').slice(1, 5).join('|'));
    expect(albums).toEqual([
      'Stereolab|Dots and Loops|found|1',
      'Nirvana|Nevermind|found|3',
      'Sade|Diamond Life|in doubt|7',
      'Cat Power|Moon Pix|in doubt|6',
      'Various Artists|Nuggets: Original Artyfacts|found|4',
    ]);
  });

  it('counts what the report says about the library by albums: equal rows are one, rows without a title are left out', async () => {
    const library = libraryFile([
      ['Stereolab', 'Dots and Loops'],
      ['Stereolab', 'Dots & Loops (LP)'],
      ['Sade', ''],
      ['V/A', 'Pebbles'],
      ['The Sade', 'Promise'],
    ]);
    const { report } = await verify({ ...options(), libraryDb: library });
    expect(report.library).toMatchObject({
      size: { albums: 3, artists: 2, compilations: 1, leftOut: 1 },
      found: 1,
      inDoubt: 0,
      missing: 2,
    });
    expect(report.library.missingAlbums.map(({ artist, title }) => [artist, title])).toEqual([
      ['V/A', 'Pebbles'],
      ['The Sade', 'Promise'],
    ]);
  });

  it('decides by what release_credit holds: a name variation, and an artist with aliases', async () => {
    const library = libraryFile([
      ['S. Adu', 'Diamond Lives'],
      ['Other Name', 'Elsewhere'],
      ['Stereolab', 'Dots and Loops'],
    ]);
    const aliases = join(temporaryFolder(), 'library_aliases.csv');
    writeFileSync(aliases, 'artist_id,name\r\n12,Other Name\r\n');
    const kept = async (): Promise<number[]> => {
      const file = join(temporaryFolder(), 'decisions.csv');
      await verify({ ...options(), libraryDb: library, aliases, decisions: file });
      return readFileSync(file, 'utf8')
        .split('\r\n')
        .filter((line) => line.includes(',KEEP,'))
        .map((line) => Number(line.split(',')[0]));
    };
    expect(await kept()).toEqual([1]);
    await database.query(
      "INSERT INTO release_credit VALUES (7, 'Sade', 'S. Adu', NULL), (10, 'Zzyzx', NULL, 12)",
    );
    expect(await kept()).toEqual([1, 7, 10]);
    await database.query('DROP TABLE release_credit');
    expect(await kept()).toEqual([1]);
  });

  it('reports the mappings that matched no release', async () => {
    const { report } = await verify({
      ...options(),
      mappingsFile: mappings({ keep: { Beatles: null }, prune: { Nirvana: null } }),
    });
    expect(report.unmetMappings).toEqual(['beatles']);
  });

  it('names what is missing', async () => {
    await expect(verify({ ...options(), schema: 'nowhere' })).rejects.toThrow(
      /schema nowhere has no table release/,
    );
    await expect(verify({ ...options(), libraryDb: '/nonexistent/library.db' })).rejects.toThrow(
      BadInputError,
    );
    await expect(verify({ ...options(), mappingsFile: '/nonexistent/m.json' })).rejects.toThrow(
      /no such file/,
    );
    await database.query('TRUNCATE release CASCADE');
    await expect(verify(options())).rejects.toThrow(/holds no release/);
  });
});

describe('prune', () => {
  it('trap 10: a release of two main artists is decided once, by the better of them, and stays', async () => {
    await prune(options());
    expect(await releaseIds(database)).toContain(3);
  });

  it('deletes PRUNE releases with all their rows; REVIEW and what consumers fetched stay', async () => {
    const before = await rowsOf(database);
    const result = await prune({ ...options(), report: true });
    expect(await releaseIds(database)).toEqual([1, 3, 4, 6, 7, 8]);
    expect(result).toMatchObject({
      read: 10,
      written: 6,
      dropped: { 'not in the library': 4 },
      removed: { release: 4, release_track: 8 },
    });
    expect(result.report?.decisions).toEqual({ keep: 3, review: 2, prune: 5 });
    const kept = (row: string): boolean =>
      ![2, 5, 9, 10].includes(Number(/^\((\d+)/.exec(row)?.[1]));
    expect(await rowsOf(database)).toEqual(
      Object.fromEntries(Object.entries(before).map(([table, rows]) => [table, rows.filter(kept)])),
    );
    expect(
      (await checkContract({ databaseUrl: database.url, schema: 'public' })).differences,
    ).toEqual([]);
  });

  it('never rewrites a published table, even one without indexes: it stays the same, with its grants', async () => {
    const reader = await database.role();
    const indexes = await database.query<{ drop: string }>(
      "SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass) ELSE format('ALTER TABLE release_label DROP CONSTRAINT %I', c.conname) END AS drop FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid WHERE i.indrelid = 'release_label'::regclass",
    );
    for (const { drop } of indexes) await database.query(drop);
    await database.query(`GRANT SELECT ON release_label TO ${reader.name}`);
    const table = (): Promise<unknown> =>
      database.query("SELECT oid, relacl FROM pg_class WHERE oid = 'release_label'::regclass");
    const before = await table();
    await prune(options());
    expect(await table()).toEqual(before);
    expect(
      await database.query('SELECT DISTINCT release_id AS id FROM release_label ORDER BY 1'),
    ).toEqual([1, 3, 4, 6, 7, 8].map((id) => ({ id })));
  });

  it('spares what anybody but an import brought, whatever they call it', async () => {
    await database.query("UPDATE cache_metadata SET source = 'by hand' WHERE release_id = 10");
    await prune(options());
    expect(await releaseIds(database)).toEqual([1, 3, 4, 6, 7, 8, 10]);
  });

  it('waits for a consumer who is fetching one of the releases, and spares it then', async () => {
    const consumer = await openClient(database.url, { applicationName: 'a consumer' });
    try {
      await consumer.query("BEGIN; UPDATE release SET title = 'fetched' WHERE id = 10");
      const pruning = prune(options());
      await untilWaiting(database, 'wxyc-verify');
      await consumer.query(
        "UPDATE cache_metadata SET source = 'api_fetch' WHERE release_id = 10; COMMIT",
      );
      await pruning;
    } finally {
      await consumer.end();
    }
    expect(await releaseIds(database)).toEqual([1, 3, 4, 6, 7, 8, 10]);
  });

  it('is success where nothing is left to do', async () => {
    await prune(options());
    expect(await prune(options())).toMatchObject({
      read: 6,
      written: 6,
      dropped: { 'not in the library': 0 },
      note: 'There is nothing to prune.',
    });
  });

  it('refuses when nothing would stay, and leaves all as it was', async () => {
    await database.query('DELETE FROM release WHERE id NOT IN (2, 5, 10)');
    const before = await rowsOf(database);
    const refusal = prune({ ...options(), libraryDb: libraryFile([['Nobody', 'Nothing']]) });
    await expect(refusal).rejects.toThrow(BadInputError);
    await expect(refusal).rejects.toThrow(/None of the 3 releases is in the library/);
    expect(await rowsOf(database)).toEqual(before);
  });

  it('trap 14: a mapping to keep keeps, a release without a main artist stays', async () => {
    const mappingsFile = mappings({
      keep: { zzyzx: null, Stereolab: 'Stereolab' },
      prune: { Nirvana: null },
    });
    await prune({ ...options(), mappingsFile });
    // 10 by the mapping; 3 although its artist is mapped to prune, for the album is owned.
    expect(await releaseIds(database)).toEqual([1, 3, 4, 6, 7, 8, 10]);
  });

  it('uses the stored decisions if library, mappings and cut-off are the same, else decides again', async () => {
    const build = { ...options(), schema: 'discogs_next' };
    await makeCache(database, pressings, build.schema);
    const matched = await match(build);
    expect(matched).toMatchObject({
      read: 10,
      decisions: { keep: 3, review: 2, prune: 5 },
      coverage: { found: 3, inDoubt: 2, missing: 0 },
    });
    // A sign that the stored decisions are used: the library owns release 1.
    await database.query('UPDATE discogs_next.release_match SET decision = 0 WHERE release_id = 1');
    await prune({ ...build, scoreCutoff: 0.95 });
    expect(await releaseIds(database, build.schema)).toContain(1);
    await prune(build);
    expect(await releaseIds(database, build.schema)).toEqual([3, 4, 6, 7, 8]);
  });
});

describe('prune of many releases', () => {
  const many: Pressing[] = Array.from({ length: 6_000 }, (_, at) => ({
    id: at + 1,
    title: at % 10 === 0 ? 'Nevermind' : 'Unowned',
    artists: [at % 10 === 0 ? 'Nirvana' : `Stranger ${at}`],
  }));
  // Counts the rows' own triggers: a cascade that fires one by one would delete through them.
  const cascades = () => scansOf(database.url, 'public.release_label');

  beforeEach(async () => {
    await database.query(
      'DROP TABLE cache_metadata, release_track_artist, release_track, release_label, release_artist, release',
    );
    await makeCache(database, many);
  });

  it('trap 20: is set-based, no cascade fires release by release, and the keys are all there afterwards', async () => {
    const before = await cascades();
    await prune(options());
    expect(await releaseIds(database)).toHaveLength(600);
    expect((await cascades()) - before).toBeLessThan(100);
    expect(
      (await checkContract({ databaseUrl: database.url, schema: 'public' })).differences,
    ).toEqual([]);
  });

  it('leaves the keys alone while a consumer is connected', async () => {
    const consumer = await openClient(database.url, { applicationName: 'asyncpg' });
    try {
      const oids = (): Promise<unknown> =>
        database.query("SELECT oid FROM pg_constraint WHERE contype = 'f' ORDER BY 1");
      const before = await oids();
      await prune(options());
      expect(await releaseIds(database)).toHaveLength(600);
      expect(await oids()).toEqual(before);
    } finally {
      await consumer.end();
    }
  });
});

describe('copy', () => {
  let target: TestDatabase;
  beforeEach(async () => {
    target = await testDatabase();
  });
  afterEach(() => target.drop());

  it('leaves the same releases and rows in the target as a prune leaves in the source', async () => {
    const before = await rowsOf(database);
    const result = await copyTo({ ...options(), targetUrl: target.url, report: true });
    expect(await rowsOf(database)).toEqual(before);
    expect(result).toMatchObject({
      read: 10,
      written: 6,
      copied: { release: 6, release_track: 12 },
    });
    await prune(options());
    expect(await rowsOf(target)).toEqual(await rowsOf(database));
    expect(
      (await checkContract({ databaseUrl: target.url, schema: 'public' })).differences,
    ).toEqual([]);
  });

  it('copies what is known about the releases beside their rows, so that the target decides alike', async () => {
    await database.query(`INSERT INTO release_credit VALUES (1, 'Stereolab', 'Stereo Lab', NULL), (2, 'Stereolab', 'Gone', NULL);
      INSERT INTO release_master VALUES (7, 70), (2, 20); INSERT INTO release_pressing VALUES (1, 111, 'its id is lower'), (2, 222, 'its id is lower')`);
    await copyTo({ ...options(), targetUrl: target.url });
    const rows = async (table: string): Promise<string[]> =>
      (await target.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY 1`)).map(
        ({ row }) => row,
      );
    expect(await rows('release_credit')).toEqual(['(1,Stereolab,"Stereo Lab",)']);
    expect(await rows('release_master')).toEqual(['(7,70)']);
    expect(await rows('release_pressing')).toEqual(['(1,111,"its id is lower")']);
    // A source without companions, as earlier versions left it.
    await database.query('DROP TABLE release_credit, release_master, release_pressing');
    await copyTo({ ...options(), targetUrl: target.url });
    expect(await rows('release_credit')).toEqual([]);
  });

  it('is of one moment, whatever is written to the source meanwhile', async () => {
    const consumer = await openClient(database.url, { applicationName: 'a consumer' });
    try {
      // Labels come between releases and tracks. A statement that waits for a lock already has its snapshot; the tracks' does not exist yet.
      await consumer.query('BEGIN; LOCK TABLE release_label');
      const copying = copyTo({ ...options(), targetUrl: target.url });
      await untilWaiting(database, 'wxyc-verify');
      await consumer.query(
        "INSERT INTO release (id, title) VALUES (99, 'Late'); INSERT INTO release_track VALUES (99, 1, 'A1', 'Late', NULL); COMMIT",
      );
      await copying;
    } finally {
      await consumer.end();
    }
    expect(await releaseIds(target)).toEqual([1, 3, 4, 6, 7, 8]);
    expect(await target.query('SELECT FROM release_track WHERE release_id = 99')).toEqual([]);
  });

  it('holds no snapshot of the source any more while it waits to publish', async () => {
    await copyTo({ ...options(), targetUrl: target.url });
    const consumer = await openClient(target.url);
    try {
      await consumer.query('BEGIN; SELECT FROM release LIMIT 1');
      const { logger } = stepContext();
      let copying: Promise<unknown> = Promise.resolve();
      await new Promise<void>((settle, fail) => {
        const info = (...words: unknown[]): void => {
          if (String(words.at(-1)).startsWith('waiting for the published tables')) settle();
        };
        copying = copyTo(
          { ...options(), targetUrl: target.url },
          { logger: { ...logger, info, child: () => ({ ...logger, info, child: () => logger }) } },
        );
        copying.catch(fail);
      });
      expect(
        await database.query(
          "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'wxyc-verify%' AND xact_start IS NOT NULL",
        ),
      ).toEqual([]);
      // Nor its run lock.
      await (await acquireRunLock(database.url, 'wxyc-pipeline')).release();
      await consumer.query('COMMIT');
      await copying;
    } finally {
      await consumer.end();
    }
  });

  it('holds the run lock of the source from the decisions to the last row, or works under the one that it is given', async () => {
    const consumer = await openClient(database.url, { applicationName: 'a consumer' });
    try {
      await consumer.query('BEGIN; LOCK TABLE release_label');
      const copying = copyTo({ ...options(), targetUrl: target.url });
      await untilWaiting(database, 'wxyc-verify');
      await expect(acquireRunLock(database.url, 'wxyc-publish')).rejects.toThrow(LockedError);
      await consumer.query('COMMIT');
      await copying;
    } finally {
      await consumer.end();
    }
    const lock = await acquireRunLock(database.url, 'wxyc-pipeline');
    await expect(copyTo({ ...options(), targetUrl: target.url })).rejects.toThrow(LockedError);
    await copyTo({ ...options(), targetUrl: target.url, lock });
    await lock.prove();
    await lock.release();
  });

  it.each(['source', 'target'] as const)(
    'names the %s when its connection is lost',
    async (end) => {
      const consumer = await openClient(database.url, { applicationName: 'a consumer' });
      try {
        await consumer.query('BEGIN; LOCK TABLE release_label');
        const copying = copyTo({ ...options(), targetUrl: target.url });
        copying.catch(() => undefined);
        await untilWaiting(database, 'wxyc-verify');
        const { query, name } = end === 'source' ? database : target;
        let ended: unknown[] = [];
        while (ended.length === 0)
          ended = await query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'wxyc-verify%' AND state = 'active' AND query LIKE 'COPY%'",
          );
        await expect(copying).rejects.toThrow(
          new RegExp(`the connection to .*/${name}\\b.* was lost`),
        );
      } finally {
        await consumer.end();
      }
    },
  );

  it('names obstacles in the target before it copies anything', async () => {
    await copyTo({ ...options(), targetUrl: target.url });
    await target.query('CREATE VIEW of_somebody AS SELECT title FROM release');
    await expect(copyTo({ ...options(), targetUrl: target.url })).rejects.toThrow(/of_somebody/);
    expect(await target.query("SELECT FROM pg_namespace WHERE nspname = 'discogs_next'")).toEqual(
      [],
    );
  });

  it('replaces an earlier copy and keeps what consumers fetched there', async () => {
    await copyTo({ ...options(), targetUrl: target.url });
    await target.query(
      "INSERT INTO release (id, title) VALUES (77, 'fetched'); INSERT INTO cache_metadata (release_id, source) VALUES (77, 'api_fetch')",
    );
    await copyTo({ ...options(), targetUrl: target.url });
    expect(await releaseIds(target)).toEqual([1, 3, 4, 6, 7, 8, 77]);
  });

  it('creates a database that is missing', async () => {
    await target.drop();
    await copyTo({ ...options(), targetUrl: target.url });
    expect(await releaseIds(target)).toEqual([1, 3, 4, 6, 7, 8]);
  });

  it('trap 24: refuses the source as its target, whatever the URLs look like', async () => {
    const before = await rowsOf(database);
    const spelledOtherwise = `${database.url}${database.url.includes('?') ? '&' : '?'}connect_timeout=7`;
    await expect(copyTo({ ...options(), targetUrl: spelledOtherwise })).rejects.toThrow(UsageError);
    expect(await rowsOf(database)).toEqual(before);
  });

  it('refuses when nothing would be copied, and leaves the target as it was', async () => {
    await copyTo({ ...options(), targetUrl: target.url });
    const before = await rowsOf(target);
    await database.query('DELETE FROM release WHERE id NOT IN (2, 5, 10)');
    const refusal = copyTo({
      ...options(),
      targetUrl: target.url,
      libraryDb: libraryFile([['Nobody', 'Nothing']]),
    });
    await expect(refusal).rejects.toThrow(/None of the 3 releases/);
    expect(await rowsOf(target)).toEqual(before);
  });
});
