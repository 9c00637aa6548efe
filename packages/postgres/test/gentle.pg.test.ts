import { connect, copyIn, gently, isGentle, openClient, withRunLock } from '@wxyc/postgres';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { gentleBytesPerSecond, gentleSettings } from '../src/gentle.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const names = Object.keys(gentleSettings);
const asked = `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`;

async function settings(): Promise<unknown[]> {
  const client = await openClient(database.url);
  const pool = await connect(database.url, { max: 1 });
  try {
    return [(await client.query(asked)).rows[0], { ...(await pool.unsafe(asked))[0] }];
  } finally {
    await client.end();
    await pool.end();
  }
}

it('every session that is opened while gentle work runs has its settings, and no other', async () => {
  const usual = await settings();
  expect(usual[0]).not.toEqual(gentleSettings);
  expect(await gently(true, settings)).toEqual([gentleSettings, gentleSettings]);
  expect(await settings()).toEqual(usual);
});

it('work is as gentle as its caller unless it says otherwise; a step says so for itself and what it calls', async () => {
  const inside = (): Promise<boolean> => gently(undefined, () => Promise.resolve(isGentle()));
  expect(await inside()).toBe(false);
  expect(await gently(true, inside)).toBe(true);
  expect(await gently(true, () => gently(false, inside))).toBe(false);
  const step = { databaseUrl: database.url, gentle: true };
  expect(await withRunLock(step, 'wxyc-import', undefined, settings)).toEqual([
    gentleSettings,
    gentleSettings,
  ]);
});

it('a gentle COPY loads the same rows, and stays within its rate', async () => {
  await database.query('CREATE TABLE numbers (n integer NOT NULL)');
  const client = await openClient(database.url);
  const rows = Array<string>(64).fill('7\n'.repeat(16_384));
  const bytes = 64 * 32_768;
  const began = performance.now();
  expect(await gently(true, () => copyIn(client, 'COPY numbers FROM STDIN', rows))).toBe(
    64 * 16_384,
  );
  // There was a pause for all but the last pieces. No upper limit: machines differ.
  expect(performance.now() - began).toBeGreaterThan(
    ((bytes - 262_144) / gentleBytesPerSecond) * 1000,
  );
  await client.end();
});
