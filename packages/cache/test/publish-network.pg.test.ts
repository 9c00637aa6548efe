/** Publishing over networks that are slow, or fall silent at the worst moment. */
import { publish } from '@wxyc/cache';
import { InterruptedError } from '@wxyc/step';
import { startRelay, testDatabase, type Relay, type TestDatabase } from '@wxyc/testing';
import {
  fetchStatements,
  makeBuild,
  publishedCache,
  publishNow,
  releaseRows,
  run,
  withClient,
} from './publish-world.ts';

let database: TestDatabase;
let network: Relay;
let url: string;
beforeEach(async () => {
  database = await testDatabase();
  network = await startRelay(database.url);
  url = network.through(database.url);
  await publishedCache(database.url);
  await makeBuild(database.url, { to: 10, generation: 'new' });
});
afterEach(async () => {
  await network.close();
  await database.drop();
});

it('G: a client that vanishes right after it has asked for the lock keeps consumers waiting for seconds, not for ever', async () => {
  network.watch = (piece) => {
    // The request gets through, nothing else does in either direction.
    if (piece.includes('LOCK TABLE "public"')) setTimeout(() => network.silence(), 0);
  };
  network.delay = 0;
  const abort = new AbortController();
  const publishing = publish({ databaseUrl: url, runId: 'vanished' }, { signal: abort.signal });
  publishing.catch(() => undefined);
  await withClient(database.url, async (consumer) => {
    let seen = false;
    for (let tries = 0; tries < 1000 && !seen; tries++) {
      seen = await locked(consumer);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen).toBe(true);
    // Without a bound the consumer would wait for ever; ten seconds are promised.
    await consumer.query("SET lock_timeout = '20s'");
    expect((await consumer.query('SELECT count(*)::int AS n FROM release')).rows).toEqual([
      { n: 10 },
    ]);
  });
  abort.abort();
  await expect(publishing).rejects.toThrow(InterruptedError);
  expect((await releaseRows(database.url, 3))['release']).toMatchObject([
    { title: 'old release 3' },
  ]);
});

it('L: under the lock there is one round trip, so that consumers do not pay for the distance', async () => {
  await run(database.url, fetchStatements(3, 'mine'));
  const sent: string[] = [];
  network.watch = (piece) => void sent.push(piece.toString('latin1'));
  network.delay = 40;
  const { lockSeconds } = await publishNow(url, { runId: 'far' });
  const first = sent.findIndex((text) => text.includes('LOCK TABLE "public"'));
  const last = sent.findIndex((text) => text.includes('SET SCHEMA "public"'));
  expect(sent.slice(first, last + 1).filter((text) => text.startsWith('Q'))).toHaveLength(2);
  expect(sent[last]).toContain('COMMIT');
  expect(lockSeconds).toBeGreaterThan(0.16);
  expect((await releaseRows(database.url, 3))['release']).toMatchObject([{ title: 'mine title' }]);
});

async function locked(consumer: {
  query(text: string): Promise<{ rows: unknown[] }>;
}): Promise<boolean> {
  return (
    (
      await consumer.query(
        "SELECT 1 FROM pg_locks WHERE relation = 'public.release'::regclass AND mode = 'AccessExclusiveLock' AND granted",
      )
    ).rows.length > 0
  );
}
