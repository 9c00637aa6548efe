/** Runs over a network that falls silent: packets are swallowed, and nobody is told. */
import { join } from 'node:path';
import { acquireRunLock } from '@wxyc/postgres';
import {
  runBin,
  runWords,
  startBin,
  startRelay,
  succeeded,
  temporaryFolder,
  testDatabase,
  type Relay,
  type TestDatabase,
} from '@wxyc/testing';
import { contentOf, makeInputs, type Inputs } from './inputs.ts';

let inputs: Inputs;
let csv: string;
let target: TestDatabase;
let network: Relay;
beforeAll(async () => {
  inputs = await makeInputs(400, 40);
  csv = join(inputs.folder, 'csv');
  const first = await testDatabase();
  succeeded(
    await runBin('wxyc-pipeline', [...runWords(inputs, first.url), '--keep-csv', csv], {
      cwd: temporaryFolder(),
    }),
  );
  await first.drop();
}, 120_000);
beforeEach(async () => {
  target = await testDatabase();
  network = await startRelay(target.url);
});
afterEach(async () => {
  await network.close();
  await target.drop();
});

const words = (): string[] => [
  '--csv-dir',
  csv,
  '--library-db',
  inputs.libraryDb,
  '--database-url',
  network.through(target.url),
];
const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));

async function runUntilSilent(step: number, env: Record<string, string> = {}) {
  const cwd = temporaryFolder();
  const run = startBin('wxyc-pipeline', words(), { cwd, env });
  await run.until(new RegExp(`step ${step} of 9`));
  network.silence();
  return { cwd, run };
}

test.each([
  ['SIGINT', 2],
  ['SIGTERM', 7],
] as const)(
  'F: %s while the network is silent ends the process, which does not wait for answers (step %i)',
  async (signal, step) => {
    const { run } = await runUntilSilent(step);
    await pause(300);
    run.child.kill(signal);
    const { code, stderr } = await run.finished;
    expect(code).toBe(130);
    expect(stderr).not.toContain('did not stop');
  },
  60_000,
);

test('F: a run on a silent network ends by itself with one sentence, and goes on once the network is back', async () => {
  const { cwd, run } = await runUntilSilent(4, { WXYC_HEARTBEAT_SECONDS: '2' });
  const { code, stdout, stderr } = await run.finished;
  const sentence = 'has not answered for 2 seconds: the network is silent';
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(sentence) });
  // Nobody interrupted it.
  expect(stdout).toMatch(new RegExp(`^FAILED at .*${sentence}`, 'm'));
  network.heal();
  // The server ends the forgotten connection, and with it the lock, by its own keep-alives; the test does not wait that long.
  await target.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'wxyc-%' AND datname = current_database()",
  );
  succeeded(await runBin('wxyc-pipeline', [...words(), '--resume'], { cwd }));
  expect((await contentOf(target.url))['release']!.length).toBeGreaterThan(10);
}, 90_000);

test('F: a lock whose connection is gone is found lost by asking', async () => {
  const lock = await acquireRunLock(network.through(target.url), 'wxyc-pipeline');
  await lock.prove();
  await target.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'wxyc-pipeline%' AND datname = current_database()",
  );
  await expect(lock.prove()).rejects.toThrow(/run lock was ended|is gone/);
  expect(lock.lost.aborted).toBe(true);
  await lock.release();
}, 30_000);

test('a run that is stopped for longer than the heartbeat, while an answer is on its way, goes on', async () => {
  const cwd = temporaryFolder();
  const run = startBin('wxyc-pipeline', words(), { cwd, env: { WXYC_HEARTBEAT_SECONDS: '1' } });
  const stopped = new Promise<string>((settle) => {
    network.watch = (piece) => {
      // The heartbeat's query, which also runs before each step.
      if (!/step 5 of 9/.test(run.stderr()) || !piece.includes("l.locktype = 'advisory'")) return;
      network.watch = () => undefined;
      run.child.kill('SIGSTOP');
      settle('stopped');
    };
  });
  expect(await Promise.race([stopped, run.finished])).toBe('stopped');
  await pause(3000);
  run.child.kill('SIGCONT');
  succeeded(await run.finished);
}, 60_000);
