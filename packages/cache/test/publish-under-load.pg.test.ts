/**
 * Consumers run all their statements through two whole rebuilds. A few seconds in the ordinary run; CONSUMER_LOAD_REBUILDS
 * and CONSUMER_LOAD_RELEASES make it longer and larger.
 */
import { ensureIndexes, carryOver, undoPublication } from '@wxyc/cache';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { Consumer, newNotes, type Kind } from './consumer.ts';
import { makeBuild, publishNow, releaseRows } from './publish-world.ts';

const rebuilds = Number(process.env['CONSUMER_LOAD_REBUILDS'] ?? 2);
const releases = Number(process.env['CONSUMER_LOAD_RELEASES'] ?? 3000);

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => from + n);

/** Publishes a first cache, runs consumers while `replace` works, and checks that everything they wrote is there at the end. */
async function underLoad(replace: () => Promise<number[]>, last: string): Promise<void> {
  await makeBuild(database.url, { to: releases, generation: 'g0' });
  await publishNow(database.url, { runId: 'g0' });
  const notes = newNotes();
  let stopped = false;
  const consumers: [Kind, number[]][] = [
    ['search', range(500, 100)],
    ['read', range(700, 100)],
    ['read', range(800, 100)],
    ['fetch', range(1, 40)],
    ['fetch', range(releases + 1000, 40)],
    ['fetch in a transaction', range(100, 40)],
    ['fetch in a transaction', range(releases + 2000, 40)],
    ['artwork', range(200, 40)],
  ];
  const written = new Set(
    consumers.flatMap(([kind, ids]) => (kind === 'search' || kind === 'read' ? [] : ids)),
  );
  const working = Promise.all(
    consumers.map(async ([kind, ids]) =>
      (await Consumer.connect(database.url, kind, ids, notes, written)).work(() => stopped),
    ),
  );

  let locked: number[];
  try {
    locked = await replace();
  } finally {
    stopped = true;
    await working;
  }

  expect({ errors: notes.errors, wrong: notes.wrong }).toEqual({ errors: [], wrong: [] });
  expect(notes.statements).toBeGreaterThan(500);
  expect(notes.fetched.size).toBeGreaterThan(100);
  for (const [id, mark] of notes.fetched) {
    const { release, tracks, artists, source } = await releaseRows(database.url, id);
    expect({ id, release, tracks, source }).toEqual({
      id,
      release: [
        expect.objectContaining({ title: `${mark} title`, artwork: `https://art/${mark}` }),
      ],
      tracks: [`${mark} track 1`, `${mark} track 2`],
      source: ['api_fetch'],
    });
    expect(artists).toContain('fetched artist');
  }
  for (const [id, url] of notes.artwork)
    expect(await releaseRows(database.url, id)).toMatchObject({ release: [{ artwork: url }] });
  expect(await releaseRows(database.url, 900)).toMatchObject({
    release: [expect.objectContaining({ title: `${last} release 900` })],
  });
  process.stderr.write(
    `consumers: ${notes.statements} statements, longest ${notes.longest.toFixed(0)} ms; tables locked for ${locked.map((seconds) => seconds.toFixed(2)).join(', ')} s\n`,
  );
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

async function rebuild(generation: string): Promise<number> {
  await makeBuild(database.url, { to: releases, generation, indexes: false });
  await carryOver({ databaseUrl: database.url });
  await ensureIndexes({ databaseUrl: database.url, schema: 'discogs_next' });
  const { lockSeconds } = await publishNow(database.url, { runId: generation, retryMinutes: 5 });
  await settle();
  return lockSeconds;
}

it('traps 16, 20, 21 and 22: consumers at work through whole rebuilds meet no error, no empty or mixed cache, and lose no write', async () => {
  const replace = async (): Promise<number[]> => {
    const locked: number[] = [];
    for (let n = 1; n <= rebuilds; n++) locked.push(await rebuild(`g${n}`));
    return locked;
  };
  await underLoad(replace, `g${rebuilds}`);
}, 600_000);

it('the same holds when a publication is undone and redone, again and again', async () => {
  const replace = async (): Promise<number[]> => {
    const locked = [await rebuild('g1')];
    for (const back of ['g0', 'g1', 'g0']) {
      const { lockSeconds, runId } = await undoPublication({
        databaseUrl: database.url,
        retryMinutes: 5,
      });
      expect(runId).toBe(back);
      locked.push(lockSeconds);
      await settle();
    }
    return locked;
  };
  await underLoad(replace, 'g0');
}, 600_000);
