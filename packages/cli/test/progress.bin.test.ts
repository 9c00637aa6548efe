/** Progress in a pipe and on a terminal; signals. */
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { stepContext, takingTime } from '@wxyc/step';
import { createProgress, progressLine } from '../dist/progress.js';
import { abortOnSignals } from '../dist/signals.js';
import { widthOf } from '../dist/width.js';
import { runCommand } from '@wxyc/testing';
import { spawn } from 'node:child_process';

const bin = fileURLToPath(new URL('fixtures/program.mjs', import.meta.url));
const task = (more: object) => ({
  label: 'convert',
  unit: 'bytes' as const,
  total: 63e9,
  done: 12.5e9,
  note: undefined,
  started: 0,
  markTime: 0,
  markDone: 0,
  rate: 0,
  ...more,
});

test('a line shows per cent, amount, rate, time left and memory in 79 columns', () => {
  const line = progressLine(task({}), 100_000, 79);
  expect(line).toMatch(
    /^convert {3}20% {2}12\.5 GB {2}125 MB\/s {2}ETA 404s \(6m 44s\) {2}mem \d+ MB$/,
  );
});

test.each([20, 40, 60, 79, 120])('a line never takes more than %i columns', (width) => {
  for (const note of [
    undefined,
    'short',
    'a very long note '.repeat(20),
    '日本語のタイトル'.repeat(10),
    'tab\tnew\nline\x1b[31m',
  ]) {
    const line = progressLine(
      task({ label: 'import release_track_artist', note }),
      1_000_000,
      width,
    );
    expect(widthOf(line)).toBeLessThanOrEqual(width);
    expect(line).not.toMatch(/[\x00-\x1f]/);
  }
});

test('without a total there is no per cent, and the time so far instead of the time left', () => {
  expect(progressLine(task({ total: undefined, unit: 'rows', done: 1_000 }), 10_000, 79)).toMatch(
    /^convert {2}1,000 rows {2}100 rows\/s {2}10s {2}mem/,
  );
});

test('with parts it shows which one is under way: neither rate nor time left, since one may take a hundred times as long as another', () => {
  const parts = { label: 'dedup', unit: 'parts', total: 3, note: 'removing releases' } as const;
  for (const [done, shown] of [
    [0, 1],
    [2, 3],
    [3, 3],
  ] as const)
    expect(progressLine(task({ ...parts, done }), 100_000, 79)).toMatch(
      new RegExp(
        `^dedup {2}part ${shown} of 3 {2}100s \\(1m 40s\\) {2}mem \\d+ MB {2}removing releases$`,
      ),
    );
});

test('the rate is the average at first, and that of about the last ten seconds later', () => {
  const running = task({ total: undefined, unit: 'rows', done: 500 });
  const rateAt = (seconds: number, done: number): string | undefined =>
    / ([\d,]+) rows\/s/.exec(
      progressLine(Object.assign(running, { done }), seconds * 1000, 120),
    )?.[1];
  expect(rateAt(5, 500)).toBe('100');
  expect(rateAt(10, 1000)).toBe('100');
  expect(rateAt(20, 6000)).toBe('500');
  // Nothing for another five seconds: half of the window.
  expect(rateAt(25, 6000)).toBe('250');
});

// One letter of each script in artists' names; where exactly each range ends is string-width's business.
test.each([
  [0, [0x1f, 0x7f, 0x9f, 0x300, 0x200d]],
  [1, [0x20, 0x7e, 0xa0, 0xe9, 0x416, 0x3b1, 0x5d0, 0x627, 0xfb00, 0xff61]],
  [2, [0x1100, 0x2e80, 0x3042, 0x30ab, 0x661f, 0xac00, 0xd7a3, 0xf900, 0xff21, 0x1f300, 0x20000]],
])('%i columns: %j', (columns, codes) => {
  expect(codes.filter((code) => widthOf(String.fromCodePoint(code)) !== columns)).toEqual([]);
});

test('in a pipe nothing is redrawn; --progress always draws, with log lines whole', async () => {
  const [piped, always] = await Promise.all([
    runCommand(process.execPath, [bin, 'work', 'wait']),
    runCommand(process.execPath, [bin, 'work', 'wait', '--progress', 'always']),
  ]);
  expect(piped.stderr).not.toContain('\x1b');
  const draws = always.stderr.match(/work +\d/g) ?? [];
  // A hundred updates: drawn at most once a second, and again after each of the five log lines.
  expect(draws.length).toBeGreaterThanOrEqual(2);
  expect(draws.length).toBeLessThan(50);
  const logLines = always.stderr.split('\n').filter((line) => line.includes('still here'));
  expect(logLines).toHaveLength(5);
  for (const line of logLines)
    expect(line.replace(/\x1b\[[0-9]*[A-Z]|\r/g, '')).toMatch(
      /^\d\d:\d\d:\d\d tally: still here \(rows=\d+\)$/,
    );
}, 30_000);

test('without a terminal a step logs at least every minute, even when it reports nothing', () => {
  jest.useFakeTimers();
  try {
    const said: [number, unknown, string][] = [];
    const { logger } = stepContext();
    const progress = createProgress({
      mode: 'auto',
      terminal: false,
      logger: {
        ...logger,
        info: (fields: unknown, message?: string) => void said.push([Date.now(), fields, message!]),
      },
      redact: (text) => text,
    });
    const start = Date.now();
    const running = progress.start('convert releases', { unit: 'bytes', total: 1000 });
    jest.advanceTimersByTime(30_000);
    running.update(500);
    expect(said).toEqual([]);
    jest.advanceTimersByTime(170_000);
    const times = [start, ...said.map(([time]) => time), start + 200_000];
    for (let i = 1; i < times.length; i++)
      expect(times[i]! - times[i - 1]!).toBeLessThanOrEqual(60_000);
    expect(said[0]).toEqual([
      expect.any(Number),
      expect.objectContaining({ done: 500, total: 1000, percent: 50, unit: 'bytes' }),
      'convert releases in progress',
    ]);
    running.end();
    jest.advanceTimersByTime(200_000);
    expect(said.length).toBe(times.length - 2);
    // So is the next step.
    progress.start('filter', { unit: 'rows' });
    jest.advanceTimersByTime(61_000);
    expect(said.at(-1)?.[2]).toBe('filter in progress');
    progress.stop();
  } finally {
    jest.useRealTimers();
  }
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the work with 130', async (signal) => {
  const child = spawn(process.execPath, [bin, 'work', 'wait'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => {
    if (!stderr.includes('still here') && String(data).includes('still here')) child.kill(signal);
    stderr += String(data);
  });
  const code = await new Promise((settle) => child.on('close', settle));
  expect(code).toBe(130);
  expect(stderr).toContain(`Interrupted by ${signal}`);
});

test('a second signal ends at once what ignores the first', async () => {
  const child = spawn(process.execPath, [bin, 'work', 'deaf'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  // Not before it is at work: a signal during the start ends any process.
  let again: NodeJS.Timeout | undefined;
  child.stderr.on('data', (data: Buffer) => {
    stderr += String(data);
    if (stderr.includes('deaf from now on')) again ??= setInterval(() => child.kill('SIGINT'), 300);
  });
  const code = await new Promise((settle) => child.on('close', settle));
  clearInterval(again);
  expect(code).toBe(130);
  expect(stderr).toContain('a second signal stops at once');
});

test('work that ignores a signal is ended anyway', async () => {
  // In this process fifteen seconds pass in one.
  const clock = new URL('fixtures/fast-clock.mjs', import.meta.url).href;
  const child = spawn(
    process.execPath,
    ['--import', clock, bin, 'work', 'deaf', '--progress', 'always'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let stderr = '';
  let sent = false;
  child.stderr.on('data', (data) => {
    stderr += data;
    if (sent || !stderr.includes('deaf from now on')) return;
    sent = true;
    child.kill('SIGTERM');
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, stderr }).toEqual({
    code: 130,
    // The sentence is shown last: no progress line stays below it.
    stderr: expect.stringMatching(/did not stop within 15 s of SIGTERM.*as if killed\n$/),
  });
});

test('the shutdown of a server may take longer than that', async () => {
  jest.useFakeTimers();
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const late = jest.fn();
  const release = abortOnSignals(new AbortController(), { first: () => undefined, late });
  try {
    let ended = (): void => undefined;
    const shutdown = takingTime(() => new Promise<void>((settle) => (ended = settle)));
    process.emit('SIGTERM', 'SIGTERM');
    jest.advanceTimersByTime(100_000);
    expect(exit).not.toHaveBeenCalled();
    ended();
    await shutdown;
    // What is left to do has the whole of it.
    jest.advanceTimersByTime(14_000);
    expect(exit).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1000);
    expect(late).toHaveBeenCalledWith('SIGTERM', 15);
    expect(exit).toHaveBeenCalledWith(130);
  } finally {
    release();
    jest.useRealTimers();
    exit.mockRestore();
  }
});

test('work that waits for something that can never happen fails and says so', async () => {
  const { code, stderr } = await runCommand(process.execPath, [bin, 'work', 'halt']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/ERROR.*came to a standstill/),
  });
});

test('a process whose work is done ends, whatever still keeps it alive', async () => {
  const clock = new URL('fixtures/fast-clock.mjs', import.meta.url).href;
  const { code, signal, stderr } = await runCommand(
    process.execPath,
    ['--import', clock, bin, 'work', 'held'],
    { timeout: 60_000 },
  );
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
});
