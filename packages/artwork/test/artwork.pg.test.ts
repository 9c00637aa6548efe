/** Artwork from a real server, with whatever it answers, into a real cache. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { fillArtwork, surveyArtwork, checkToken, type ArtworkOptions } from '@wxyc/artwork';
import { createSchema, publish } from '@wxyc/cache';
import { makeCertificate, startApi, type Api, type ApiImage } from '@wxyc/fault-server';
import { openClient } from '@wxyc/postgres';
import {
  libraryFile,
  runBin,
  startBin,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { build, publishCache, releases } from './cache.js';

jest.setTimeout(120_000);

const token = 'sEcReTtOkEn';
let database: TestDatabase;
let api: Api;
beforeAll(async () => {
  database = await testDatabase();
  api = await startApi({ token, limit: 1000, window: 1000 });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(() => {
  api.requests.length = 0;
  Object.assign(api.options, {
    faults: [],
    releases: new Map(),
    broken: new Map(),
    limit: 1000,
    window: 1000,
    delay: 0,
  });
});

/** As fast as the server allows. */
const fill = (more: Partial<ArtworkOptions> = {}, signal?: AbortSignal) =>
  fillArtwork(
    {
      databaseUrl: database.url,
      token,
      baseUrl: api.url,
      rate: 1000,
      ...{ window: 1000 },
      firstPause: 1,
      stall: 500,
      ...more,
    },
    signal ? { signal } : {},
  );
const urls = async (): Promise<Record<number, string | null>> =>
  Object.fromEntries(
    (
      await database.query<{ id: number; artwork_url: string | null }>(
        'SELECT id, artwork_url FROM release ORDER BY id',
      )
    ).map(({ id, artwork_url }) => [id, artwork_url]),
  );
const image = (id: number): string => `https://img.example.org/${id}-primary.jpg`;
const asked = (): number[] => api.requests.map(({ id }) => id);

describe('a call', () => {
  it('fills in what is empty, newest first, and leaves existing URLs', async () => {
    await publishCache(database.url, [
      { id: 1, year: 1999 },
      { id: 2, year: 2005 },
      { id: 3, year: 2005 },
      { id: 4, artwork: 'https://own/4' },
      { id: 5, year: 1980 },
    ]);
    const result = await fill();
    expect(asked()).toEqual([3, 2, 1, 5]);
    expect(await urls()).toEqual({
      1: image(1),
      2: image(2),
      3: image(3),
      4: 'https://own/4',
      5: image(5),
    });
    expect(result).toMatchObject({
      step: 'artwork',
      unit: 'releases',
      read: 4,
      written: 4,
      dropped: {},
      left: 0,
    });
    expect(api.requests[0]).toMatchObject({
      authorization: `Discogs token=${token}`,
      userAgent: expect.stringMatching(/^wxyc-artwork\/\d/),
    });
  });

  it('with nothing left to do makes no request and says so', async () => {
    const result = await fill();
    expect(result).toMatchObject({
      read: 0,
      written: 0,
      note: 'nothing left to do: 5 releases have artwork, and 0 have no image at Discogs',
    });
    expect(asked()).toEqual([]);
  });

  it('with a library asks for owned releases first', async () => {
    const file = libraryFile([
      ['Stereolab', 'Dots and Loops'],
      ['Chuquimamani-Condori', 'Edits'],
    ]);
    await publishCache(database.url, [
      { id: 1, year: 1970 },
      { id: 2, year: 2020 },
      { id: 3, year: 1960 },
    ]);
    await database.query(`UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET last_validated = NULL;
      UPDATE release SET title = 'Dots And Loops' WHERE id = 3; UPDATE release_artist SET artist_name = 'Stereolab' WHERE release_id = 3;
      UPDATE release SET title = 'Edits' WHERE id = 1; UPDATE release_artist SET artist_name = 'Chuquimamani-Condori' WHERE release_id = 1`);
    await fill({ libraryDb: file });
    expect(asked()).toEqual([1, 3, 2]);
    const survey = await surveyArtwork({ databaseUrl: database.url, libraryDb: file });
    expect(survey).toMatchObject({ releases: 3, withArtwork: 3, lacking: 0, keep: 0 });
  });
});

describe('a release without an image', () => {
  beforeEach(async () => {
    await database.query('DELETE FROM release WHERE id > 0');
    await publishCache(database.url, releases(1, 4));
  });
  const none = new Map<number, readonly ApiImage[] | null>([
    [1, []],
    [2, null],
    [3, [{ type: 'primary' }]],
    [4, [{ type: 'primary' }, { type: 'secondary', uri: 'https://img/4' }]],
  ]);

  it('is remembered, and counted by reason', async () => {
    api.options.releases = none;
    const result = await fill();
    expect(result).toMatchObject({
      read: 4,
      written: 1,
      dropped: { 'no image': 2, 'gone from Discogs': 1 },
      left: 0,
    });
    expect(await urls()).toEqual({ 1: null, 2: null, 3: null, 4: 'https://img/4' });
    api.requests.length = 0;
    expect((await fill()).note).toMatch(/1 releases have artwork, and 3 have no image/);
    expect(asked()).toEqual([]);
  });

  it('is asked for again after a while, or at once if so requested', async () => {
    api.options.releases = none;
    await fill();
    await database.query(
      "UPDATE cache_metadata SET last_validated = now() - interval '181 days' WHERE release_id = 1",
    );
    api.requests.length = 0;
    api.options.releases = new Map();
    await fill();
    expect(asked()).toEqual([1]);
    await fill({ againAfterDays: 3e9 });
    expect(asked()).toEqual([1]);
    await fill({ againAfterDays: 0 });
    expect(asked().sort()).toEqual([1, 2, 3]);
  });

  it('stays remembered across a rebuild, as artwork does', async () => {
    api.options.releases = none;
    await fill();
    await publishCache(database.url, releases(1, 6));
    api.requests.length = 0;
    await fill();
    expect(asked()).toEqual([6, 5]);
    expect((await urls())[4]).toBe('https://img/4');
  });

  it('is remembered in the wider tables too, and marks of missing releases are left alone', async () => {
    await database.query(
      'ALTER TABLE release ADD artwork_checked_at timestamptz, ADD not_found boolean NOT NULL DEFAULT false; UPDATE release SET not_found = true WHERE id = 3; UPDATE release SET artwork_checked_at = now() WHERE id = 2',
    );
    api.options.releases = none;
    await fill();
    expect(asked().sort()).toEqual([1, 4]);
    expect(
      await database.query(
        'SELECT id FROM release WHERE artwork_checked_at IS NOT NULL ORDER BY id',
      ),
    ).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
    await database.query('ALTER TABLE release DROP artwork_checked_at, DROP not_found');
  });
});

describe('an API that', () => {
  beforeEach(async () => {
    await database.query(
      'UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET last_validated = NULL',
    );
  });

  it('says 429 is left alone for as long as it says, then asked for the same again', async () => {
    await publishCache(database.url, releases(1, 6));
    await database.query(
      'UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET last_validated = NULL',
    );
    api.options.faults = [{}, { status: 429, headers: { 'retry-after': '0.3' } }];
    expect(await fill()).toMatchObject({ read: 6, written: 6, left: 0 });
    const refused = api.requests.find(({ status }) => status === 429)!;
    // Requests under way are answered soon; then none is made until the pause is over.
    const after = api.requests.filter(({ at }) => at > refused.at + 150);
    expect(after[0]!.at - refused.at).toBeGreaterThanOrEqual(295);
    expect(after.map(({ id }) => id)).toContain(refused.id);
  });

  it('fails now and then is asked again: 500, 502, no JSON, a reset, silence', async () => {
    api.options.faults = [
      {},
      { status: 500 },
      { text: '<html>' },
      { reset: true },
      { stall: true },
      { status: 503, headers: { 'retry-after': '0' } },
    ];
    expect(await fill()).toMatchObject({ read: 6, written: 6, left: 0 });
  });

  it('fails for one release is asked for the others, and for that one next time', async () => {
    api.options.broken = new Map([[4, { status: 500 }]]);
    expect(await fill()).toMatchObject({
      read: 6,
      written: 5,
      dropped: { 'look-up failed': 1 },
      left: 1,
    });
    api.options.broken = new Map();
    expect(await fill()).toMatchObject({ read: 1, written: 1, left: 0 });
  });

  it('fails for all releases is given up on, and what was found is stored', async () => {
    await publishCache(database.url, releases(1, 12));
    await database.query(
      'UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET last_validated = NULL',
    );
    api.options.broken = new Map(releases(1, 10).map(({ id }) => [id, { status: 500 }]));
    await expect(fill()).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/5 releases in a row.*seems to be down/),
    });
    expect(await urls()).toMatchObject({ 11: image(11), 12: image(12), 10: null });
  });

  it.each([
    [401, /Discogs refuses the token in DISCOGS_TOKEN \(status 401\)/],
    [403, /status 403 \(access refused.*what was found so far is stored/],
  ])('says %i ends the call at once, and what was found is stored', async (status, message) => {
    api.options.faults = [{}, {}, {}, { status }];
    await expect(fill()).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(message),
    });
    expect(Object.values(await urls()).filter(Boolean).length).toBeGreaterThanOrEqual(3);
    expect(api.requests.length).toBeLessThan(9);
  });

  it('states a limit is not asked faster: no 429 at all', async () => {
    const strict = await startApi({ token, limit: 8, window: 800 });
    const result = await fill({ rate: 1000, ...{ window: 800 }, baseUrl: strict.url });
    expect(result.read).toBe(12);
    expect(strict.requests.map(({ status }) => status)).toEqual(
      Array.from({ length: 12 }, () => 200),
    );
    await strict.close();
  });
});

describe('the end comes early', () => {
  beforeEach(async () => {
    await publishCache(database.url, releases(1, 40));
    await database.query(
      'UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET last_validated = NULL',
    );
  });

  it('by --limit and by time', async () => {
    expect(await fill({ limit: 7 })).toMatchObject({
      read: 7,
      written: 7,
      left: 33,
      note: expect.stringMatching(/33 are left/),
    });
    api.options.delay = 50;
    const { read, left } = await fill({ seconds: 0.2 });
    expect(read).toBeGreaterThan(0);
    expect(left).toBe(33 - read);
    expect(left).toBeGreaterThan(0);
  });

  it('by an abort: what was found is stored', async () => {
    api.options.delay = 10;
    const controller = new AbortController();
    const running = fill({}, controller.signal);
    while (api.requests.length < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await expect(running).rejects.toMatchObject({ exitCode: 130 });
    expect(Object.values(await urls()).filter(Boolean).length).toBeGreaterThan(0);
  });

  it('by kills at random moments: the next calls end with the same table', async () => {
    Object.assign(api.options, {
      delay: 20,
      releases: new Map([
        [5, []],
        [15, null],
        [25, []],
      ]),
    });
    const words = [database.url, '--base-url', api.url, '--rate', '3000'];
    let kills = 0;
    for (let ended = false; !ended;) {
      const before = api.requests.length;
      const run = startBin('wxyc-artwork', words, { env: { DISCOGS_TOKEN: token } });
      const stop = before + 8 + Math.floor(Math.random() * 25);
      const watch = setInterval(
        () => api.requests.length >= stop && kills < 3 && run.child.kill('SIGKILL'),
        5,
      );
      const { code, signal, stderr } = await run.finished;
      clearInterval(watch);
      kills += signal === 'SIGKILL' ? 1 : 0;
      ended = signal === null;
      if (ended)
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    }
    expect(kills).toBeGreaterThanOrEqual(1);
    expect(await urls()).toEqual(
      Object.fromEntries(
        releases(1, 40).map(({ id }) => [id, [5, 15, 25].includes(id) ? null : image(id)]),
      ),
    );
  });
});

describe('beside others', () => {
  beforeEach(async () => {
    await publishCache(database.url, releases(1, 60));
    await database.query(
      'UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET last_validated = NULL',
    );
  });

  it('a publication keeps artwork written before, during and after it', async () => {
    api.options.delay = 15;
    api.options.releases = new Map([
      [3, []],
      [33, []],
    ]);
    await build(database.url, releases(1, 60));
    const running = fill({ rate: 15 });
    while (api.requests.length < 25) await new Promise((resolve) => setTimeout(resolve, 5));
    await publish({ databaseUrl: database.url });
    expect(api.requests.length).toBeLessThan(58);
    expect(await running).toMatchObject({ read: 60, written: 58, left: 0 });
    expect(await urls()).toEqual(
      Object.fromEntries(
        releases(1, 60).map(({ id }) => [id, [3, 33].includes(id) ? null : image(id)]),
      ),
    );
    expect(
      await database.query('SELECT release_id FROM cache_metadata WHERE last_validated IS NULL'),
    ).toEqual([]);
  });

  it('a look-up during a rebuild does not keep an older version of a release that a consumer fetched', async () => {
    await database.query(`UPDATE release SET title = 'Fetched' WHERE id IN (3, 5);
      UPDATE cache_metadata SET source = 'api_fetch', cached_at = now() - interval '2 days' WHERE release_id IN (3, 5)`);
    await build(database.url, releases(1, 60));
    api.options.releases = new Map([[3, []]]);
    await fill();
    await publish({ databaseUrl: database.url });
    expect(
      await database.query(
        `SELECT r.id, title, artwork_url, source, last_validated IS NOT NULL AS known FROM release r JOIN cache_metadata ON release_id = r.id WHERE r.id IN (3, 5) ORDER BY 1`,
      ),
    ).toEqual([
      { id: 3, title: 'Title 3', artwork_url: null, source: 'bulk_import', known: true },
      { id: 5, title: 'Title 5', artwork_url: image(5), source: 'bulk_import', known: true },
    ]);
  });

  it("a consumer's open transaction is not waited for, and its release comes later", async () => {
    const consumer = await openClient(database.url);
    await consumer.query(
      "BEGIN; UPDATE release SET title = 'held' WHERE id = 60; UPDATE cache_metadata SET cached_at = now() WHERE release_id = 59",
    );
    const result = await fill();
    await consumer.query('COMMIT');
    await consumer.end();
    expect(result).toMatchObject({
      read: 60,
      written: 58,
      dropped: { 'filled in or locked by others': 2 },
      left: 2,
    });
    expect(await fill()).toMatchObject({ read: 2, written: 2, left: 0 });
  });

  it('a consumer that was faster keeps its URL', async () => {
    api.options.delay = 30;
    const running = fill();
    while (api.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await database.query("UPDATE release SET artwork_url = 'https://consumer/1' WHERE id = 1");
    await running;
    expect((await urls())[1]).toBe('https://consumer/1');
  });

  it('a second process is refused', async () => {
    api.options.delay = 30;
    const controller = new AbortController();
    const running = fill({ rate: 5 }, controller.signal);
    while (api.requests.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await runBin('wxyc-artwork', [database.url, '--base-url', api.url], {
      env: { DISCOGS_TOKEN: token },
    });
    expect(second.code).toBe(75);
    expect(second.stderr).toMatch(/Another wxyc-artwork is working on this database/);
    controller.abort();
    await expect(running).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe('the bin', () => {
  beforeEach(async () => {
    await database.query(
      'UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET last_validated = NULL',
    );
  });

  it('needs a token, but not for --dry-run', async () => {
    const without = await runBin('wxyc-artwork', [database.url], {
      env: { DISCOGS_TOKEN: undefined },
    });
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/DISCOGS_TOKEN is not set/);
    const pointless = await runBin('wxyc-artwork', [database.url, '--keep-ids', 'ids.txt']);
    expect(pointless.code).toBe(2);
    expect(pointless.stderr).toMatch(/--keep-ids needs --library-db/);
    const dry = await runBin('wxyc-artwork', [database.url, '--dry-run'], {
      env: { DISCOGS_TOKEN: undefined },
    });
    expect(dry).toMatchObject({
      code: 0,
      stdout:
        '60 releases: 0 have artwork, 0 are known to have no image, 60 are still to be looked up.\nAt 60 a minute, that takes 60s (1m 0s).\nNothing was done.\n',
    });
  });

  it('sends the token to the API over TLS, and to nobody else', async () => {
    const tls = makeCertificate();
    const secure = await startApi({
      token,
      tls,
      limit: 3000,
      faults: [{ status: 500, text: token }],
    });
    const file = join(temporaryFolder(), 'ca.pem');
    writeFileSync(file, tls.cert);
    const words = [
      database.url,
      '--base-url',
      secure.url,
      '--limit',
      '10',
      '--rate',
      '3000',
      '--log-level',
      'trace',
      '--log-format',
      'json',
    ];
    const good = await runBin('wxyc-artwork', words, {
      env: { DISCOGS_TOKEN: token, NODE_EXTRA_CA_CERTS: file },
    });
    expect(good.stdout).toMatch(/artwork +releases +10 +10 +0/);
    const unknown = await runBin('wxyc-artwork', words, { env: { DISCOGS_TOKEN: token } });
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/certificate is not trusted/),
    });
    const bad = await runBin('wxyc-artwork', words, {
      env: { DISCOGS_TOKEN: `${token}x`, NODE_EXTRA_CA_CERTS: file },
    });
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringMatching(/refuses the token/) });
    for (const { stdout, stderr } of [good, unknown, bad])
      expect(`${stdout}${stderr}`).not.toContain(token);
    await secure.close();
  });

  it.each(['', 'with blank', 'line\nbreak', 'ünicode'])(
    'refuses the token %j without asking',
    async (text) => {
      await expect(fill({ token: text })).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/DISCOGS_TOKEN is (?:not set|not a valid token)/),
      });
      expect(asked()).toEqual([]);
    },
  );

  it('refuses a database without a cache', async () => {
    const empty = await testDatabase();
    const { code, stderr } = await runBin('wxyc-artwork', [empty.url, '--base-url', api.url], {
      env: { DISCOGS_TOKEN: token },
    });
    expect(code).toBe(4);
    expect(stderr).toMatch(/The schema public holds no cache/);
    await createSchema({ databaseUrl: empty.url, schema: 'public' });
    const run = await runBin('wxyc-artwork', [empty.url, '--base-url', api.url], {
      env: { DISCOGS_TOKEN: token },
    });
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing left to do/) });
    await empty.drop();
  });
});

it('a token can be tried', async () => {
  expect(await checkToken({ token, baseUrl: api.url })).toBe('station');
  await expect(checkToken({ token: 'other', baseUrl: api.url })).rejects.toThrow(
    /refuses the token/,
  );
  await expect(checkToken({ token, baseUrl: 'http://127.0.0.1:1/' })).rejects.toMatchObject({
    exitCode: 1,
  });
});
