import { acquireRunLock, openClient, withClient, withRunLock } from '@wxyc/postgres';
import { LockedError } from '@wxyc/step';
import { testDatabase, type TestDatabase } from '@wxyc/testing';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

describe('the run lock', () => {
  it('trap 19: a second run is refused and told who holds it; a released lock is free', async () => {
    const first = await acquireRunLock(database.url, 'wxyc-pipeline');
    await expect(acquireRunLock(database.url, 'wxyc-import')).rejects.toThrow(LockedError);
    await expect(acquireRunLock(database.url, 'wxyc-import')).rejects.toThrow(
      /Another run is working on .*wxyc-pipeline, server process \d+/,
    );
    await first.release();
    await (await acquireRunLock(database.url, 'wxyc-import')).release();
  });

  it('goes to one of those that ask at the same moment; the others are refused, none is ended', async () => {
    const asked = await Promise.allSettled(
      Array.from({ length: 10 }, () => acquireRunLock(database.url, 'wxyc-import')),
    );
    const held = asked.filter((one) => one.status === 'fulfilled');
    const refused = asked.filter((one) => one.status === 'rejected');
    await Promise.all(held.map(({ value }) => value.release()));
    expect(held).toHaveLength(1);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(LockedError);
  });

  it('is used when handed on, taken and released when not', async () => {
    const held = await acquireRunLock(database.url, 'wxyc-pipeline');
    await withRunLock(
      { databaseUrl: database.url, lock: held },
      'wxyc-import',
      undefined,
      async (lock) => expect(lock).toBe(held),
    );
    await expect(acquireRunLock(database.url, 'wxyc-x')).rejects.toThrow(LockedError);
    await held.release();
    await withRunLock({ databaseUrl: database.url }, 'wxyc-import', undefined, async () => {
      await expect(acquireRunLock(database.url, 'wxyc-x')).rejects.toThrow(LockedError);
    });
    await (await acquireRunLock(database.url, 'wxyc-x')).release();
  });

  it("the next holder ends what a dead run's connections are still doing, and no others", async () => {
    const dead = await acquireRunLock(database.url, 'wxyc-import');
    const worker = await openClient(database.url, {
      applicationName: dead.applicationName('wxyc-import'),
    });
    const reader = await openClient(database.url, { applicationName: 'wxyc-check' });
    const working = worker.query('SELECT pg_sleep(60)').then(
      () => 'finished',
      () => 'ended',
    );
    await dead.release();
    const next = await acquireRunLock(database.url, 'wxyc-import');
    expect(await working).toBe('ended');
    expect((await reader.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await Promise.all([next.release(), reader.end()]);
  });

  it('is taken from the connection of a run that is known to be dead, and from no other', async () => {
    const dead = await acquireRunLock(database.url, 'wxyc-pipeline');
    const take = (mark: string) => acquireRunLock(database.url, 'wxyc-pipeline', undefined, mark);
    await expect(take('00000000')).rejects.toThrow(LockedError);
    expect(dead.lost.aborted).toBe(false);
    const next = await take(dead.mark);
    await expect(dead.prove()).rejects.toThrow();
    await expect(take(dead.mark)).rejects.toThrow(LockedError);
    await Promise.all([next.release(), dead.release()]);
  });

  it.each(['of its own', 'handed on'])(
    'ends the work when it is lost: a lock %s',
    async (whose) => {
      const handedOn =
        whose === 'handed on' ? await acquireRunLock(database.url, 'wxyc-pipeline') : undefined;
      const work = withRunLock(
        { databaseUrl: database.url, lock: handedOn },
        'wxyc-import',
        undefined,
        (lock, { signal }) =>
          withClient(
            database.url,
            { applicationName: lock.applicationName('wxyc-x'), signal, doing: 'Sleeping' },
            async (client) => {
              await database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
              );
              await client.query('SELECT pg_sleep(60)');
            },
          ),
      );
      await expect(work).rejects.toThrow(/that holds the run lock was ended/);
      await handedOn?.release();
      // Nobody is still at work, so that nothing stands in the way of the next run.
      await (await acquireRunLock(database.url, 'wxyc-x')).release();
    },
  );
});
