/**
 * Consumers whose writes are nested: savepoints give their rows the ids of subtransactions, which no snapshot lists. Some are
 * begun before and committed after every moment at which a publication looks.
 */
import { carryOver } from '@wxyc/cache';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import {
  fetchStatements,
  makeBuild,
  publishedCache,
  publishNow,
  releaseRows,
  untilAsking,
  withClient,
} from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Fetches a release inside nested savepoints, holds the transaction open while `meanwhile` runs, and commits. */
async function nestedFetch(id: number, meanwhile: () => Promise<unknown>): Promise<void> {
  await withClient(database.url, async (client) => {
    // Its id is older than its rows', as if a driver had written something else first.
    await client.query('BEGIN; SELECT pg_current_xact_id()');
    for (const [at, statement] of fetchStatements(id, 'nested').entries())
      await client.query(`SAVEPOINT s${at}; ${statement}; RELEASE SAVEPOINT s${at}`);
    await meanwhile();
    await client.query('COMMIT');
  });
}

/** Takes and finishes transaction ids, so that subtransactions lie below a later snapshot's next id. */
const otherWork = (): Promise<unknown> =>
  withClient(database.url, (client) => client.query('SELECT pg_current_xact_id()'));

describe('C: a write inside a savepoint', () => {
  it('that was begun before the run and committed during it is carried over', async () => {
    await publishedCache(database.url);
    await nestedFetch(3, async () => {
      await otherWork();
      await makeBuild(database.url, { to: 10, generation: 'new' });
    });
    const mine = await releaseRows(database.url, 3);
    await publishNow(database.url);
    expect(await releaseRows(database.url, 3)).toEqual(mine);
    expect((await releaseRows(database.url, 4))['release']).toMatchObject([
      { title: 'new release 4' },
    ]);
  });

  it('that was begun before the last pass and committed after it is carried over', async () => {
    await publishedCache(database.url);
    await makeBuild(database.url, { to: 10, generation: 'new' });
    let publishing: Promise<unknown> = Promise.resolve();
    for (const id of [3, 77]) {
      await nestedFetch(id, async () => {
        await otherWork();
        await carryOver({ databaseUrl: database.url });
        if (id !== 77) return;
        publishing = publishNow(database.url);
        // Its first pass is over when it asks for the tables, which this consumer still holds.
        await untilAsking(database);
      });
    }
    const mine = [await releaseRows(database.url, 3), await releaseRows(database.url, 77)];
    await publishing;
    expect([await releaseRows(database.url, 3), await releaseRows(database.url, 77)]).toEqual(mine);
    expect(mine[1]).toMatchObject({
      release: [{ title: 'nested title' }],
      tracks: ['nested track 1', 'nested track 2'],
      source: ['api_fetch'],
    });
  });

  it('by eight consumers at once, each for a second, through a whole rebuild: none is lost', async () => {
    await publishedCache(database.url, 200);
    let stopped = false;
    let next = 1;
    // Those above 5000 are not in the dump: they stay for ever. The others stay if they were written during the run.
    let counted = false;
    const committed: number[] = [];
    const consumers = Array.from({ length: 8 }, async () => {
      while (!stopped) {
        const id = next++ % 2 ? next : 5000 + next;
        let kept = id > 5000;
        await nestedFetch(id, () =>
          pause(400 + Math.random() * 600).then(() => (kept ||= counted)),
        );
        if (kept) committed.push(id);
      }
    });
    await pause(500);
    for (const generation of ['second', 'third']) {
      await makeBuild(database.url, { to: 200, generation });
      counted = generation === 'third';
      await carryOver({ databaseUrl: database.url });
      await publishNow(database.url, { retryMinutes: 3 });
    }
    stopped = true;
    await Promise.all(consumers);
    expect(committed.length).toBeGreaterThan(16);
    const rows = await database.query<{ id: number }>(
      `SELECT r.id FROM release r JOIN cache_metadata m ON m.release_id = r.id
        WHERE r.title = 'nested title' AND m.source = 'api_fetch' AND (SELECT count(*) FROM release_track t WHERE t.release_id = r.id AND t.title LIKE 'nested%') = 2`,
    );
    const whole = new Set(rows.map(({ id }) => id));
    expect(committed.filter((id) => !whole.has(id))).toEqual([]);
    // Each of the two publications may try for three minutes.
  }, 420_000);

  it('lets every bulk row be replaced: what was committed before the run is distinguished from what was not', async () => {
    await withClient(database.url, async (bystander) => {
      // Somebody else's transaction, open through two publications: every row of the first cache is in doubt.
      await bystander.query('BEGIN; SELECT pg_current_xact_id()');
      await publishedCache(database.url);
      await makeBuild(database.url, { from: 3, to: 10, generation: 'new' });
      await publishNow(database.url);
      await bystander.query('ROLLBACK');
    });
    expect(
      await database.query("SELECT id, title FROM release WHERE id < 3 OR title LIKE 'old%'"),
    ).toEqual([]);
  });
});
