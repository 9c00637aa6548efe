import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRow, lockOutput, PartialFile, writeWhole, type OutputKind } from '@wxyc/csv';
import { noteInput } from '@wxyc/step';

const anything: OutputKind = { name: 'a file', recognises: () => true };
const directory = mkdtempSync(join(tmpdir(), 'csv-output-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('rows are quoted only where they must be', () => {
  expect(
    encodeRow([1, 'plain', 'a,b', 'say "x"', 'two\nlines', '', null, undefined, 'caf\u00e9 ']),
  ).toBe('1,plain,"a,b","say ""x""","two\nlines",,,,caf\u00e9 \r\n');
  expect(encodeRow([''])).toBe('""\r\n');
});

describe('PartialFile', () => {
  test('trap 28: the name exists only when the file is whole', async () => {
    const path = join(directory, 'deep', 'release.csv');
    const file = await PartialFile.create(path, anything);
    await file.write(Buffer.from('half'));
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.partial`)).toBe(true);
    await file.write(Buffer.from(' and whole'));
    await file.finish();
    expect(readFileSync(path, 'utf8')).toBe('half and whole');
    expect(existsSync(`${path}.partial`)).toBe(false);
    expect(file.bytes).toBe(14);
  });

  test('pieces of any size arrive in order, though small ones are put together first', async () => {
    const path = join(directory, 'pieces.csv');
    const file = await PartialFile.create(path, anything);
    const expected: Buffer[] = [];
    for (const size of [1, 1000, 200_000, 100_000, 0, 300_000, 7, 131_072, 131_073, 262_144, 5]) {
      const piece = Buffer.alloc(size, expected.length + 65);
      expected.push(Buffer.from(piece));
      await file.write(piece);
      piece.fill(0); // the caller may use its memory again
    }
    await file.finish();
    expect(readFileSync(path).equals(Buffer.concat(expected))).toBe(true);
    expect(file.bytes).toBe(Buffer.concat(expected).length);
  });

  test('a file written in one go is the old or the new one, also if its pieces fail', async () => {
    const path = join(directory, 'in one go.csv');
    await writeWhole(path, anything, 'é');
    expect(readFileSync(path, 'utf8')).toBe('é');
    await writeWhole(path, anything, Buffer.from('b'));
    await writeWhole(path, anything, ['a', 'é', '']);
    expect(readFileSync(path, 'utf8')).toBe('aé');
    function* pieces(): Generator<string> {
      yield 'half';
      throw new Error('no more');
    }
    await expect(writeWhole(path, anything, pieces())).rejects.toThrow('no more');
    expect(readFileSync(path, 'utf8')).toBe('aé');
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  test('an older file stays until the new one is whole; discard leaves nothing, keep leaves the partial', async () => {
    const path = join(directory, 'old.csv');
    writeFileSync(path, 'old');
    const first = await PartialFile.create(path, anything);
    await first.write(Buffer.from('new'));
    await first.discard();
    expect(existsSync(`${path}.partial`)).toBe(false);
    const second = await PartialFile.create(path, anything);
    await second.write(Buffer.from('new'));
    await second.keep();
    expect(readFileSync(`${path}.partial`, 'utf8')).toBe('new');
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});

/** Whether a write right after the reading is noticed. A busy machine may need longer to look than a file counts as fresh: then once more. */
async function isNoticed(path: string): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    appendFileSync(path, '');
    // Linux stamps the next write to the nanosecond now that somebody has looked.
    statSync(path);
    appendFileSync(path, ', and more');
    const written = noteInput(path)();
    appendFileSync(path, ', and more');
    if (await written) return true;
  }
  return false;
}

test('a fresh file is looked at once more after reading, unless this process completed it', async () => {
  const [own, other] = [join(directory, 'own.csv'), join(directory, 'other.csv')];
  await writeWhole(own, anything, 'whole');
  const written = noteInput(own)();
  appendFileSync(own, ', and more');
  expect(await written).toBe(false);
  expect(await isNoticed(own)).toBe(true);
  expect(await isNoticed(other)).toBe(true);
});

test('a file of another kind that came after the check is not replaced, and no partial file is left', async () => {
  const path = join(directory, 'thesis.csv');
  writeFileSync(path, 'chapter one');
  const rows: OutputKind = { name: 'rows', recognises: () => false };
  await expect(PartialFile.create(path, rows)).rejects.toThrow(/thesis\.csv/);
  expect(readFileSync(path, 'utf8')).toBe('chapter one');
  expect(existsSync(`${path}.partial`)).toBe(false);
});

describe('lockOutput', () => {
  test('refuses a second run in this process and is free after release', async () => {
    const lock = await lockOutput(join(directory, 'one'));
    await expect(lockOutput(join(directory, 'one'))).rejects.toMatchObject({ exitCode: 75 });
    await lock.release();
    await lock.release();
    await (await lockOutput(join(directory, 'one'))).release();
  });

  test('refuses while another process lives and takes over when it is dead', async () => {
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    const path = join(directory, '.wxyc-output.lock');
    try {
      writeFileSync(path, JSON.stringify({ pid: other.pid, started: null }));
      await expect(lockOutput(directory)).rejects.toThrow(new RegExp(`process ${other.pid}`));
      // The same pid, but started at another moment: a different process by now.
      writeFileSync(path, JSON.stringify({ pid: other.pid, started: 'long ago' }));
      if (existsSync('/proc/self/stat')) await (await lockOutput(directory)).release();
      writeFileSync(path, JSON.stringify({ pid: other.pid, started: null }));
    } finally {
      other.kill();
      await once(other, 'exit');
    }
    const lock = await lockOutput(directory);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(existsSync(path)).toBe(false);
  });

  const onLinux = existsSync('/proc/self/stat') ? test : test.skip;
  onLinux('a killed process that has not been reaped yet holds no lock', async () => {
    // `sleep` takes the shell's place and asks for no child: the killed one stays in the list of processes.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
    try {
      const pid = Number(String((await once(parent.stdout, 'data'))[0]));
      const stat = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8');
      writeFileSync(
        join(directory, '.wxyc-output.lock'),
        JSON.stringify({
          pid,
          started: stat()
            .slice(stat().lastIndexOf(')') + 2)
            .split(' ')[19],
        }),
      );
      await expect(lockOutput(directory)).rejects.toThrow(`process ${pid}`);
      process.kill(pid, 'SIGKILL');
      while (!/\) Z /.test(stat())) await new Promise((resolve) => setTimeout(resolve, 5));
      await (await lockOutput(directory)).release();
    } finally {
      parent.kill();
      await once(parent, 'exit');
    }
  });

  test('a run in another container on the same volume keeps its lock as long as it touches it', async () => {
    const path = join(directory, '.wxyc-output.lock');
    // No process here has this number; there one may.
    writeFileSync(
      path,
      JSON.stringify({ pid: 4_194_303, started: '1', place: 'other-container boot pid:[1]' }),
    );
    await expect(lockOutput(directory)).rejects.toThrow(
      /another run on other-container \(process 4194303 there\).*within a minute/,
    );
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(path, longAgo, longAgo);
    await (await lockOutput(directory)).release();
  });

  test('takes over a lock with its own pid that it does not hold: left by another container', async () => {
    writeFileSync(
      join(directory, '.wxyc-output.lock'),
      JSON.stringify({ pid: process.pid, started: null }),
    );
    await (await lockOutput(directory)).release();
  });
});
