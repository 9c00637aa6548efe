/** A reader that follows a file which is still arriving. */
import { open } from 'node:fs/promises';
import { fetchDumps, beginFetch, fileOf, findMonth, type ArrivingFile } from '@wxyc/fetch';
import { startDumpSite, type DownloadFault, type DumpSite } from '@wxyc/fault-server';
import { temporaryFolder } from '@wxyc/testing';
import { dump, month, sha256 } from './dumps.js';

const content = dump(300_000);
let site: DumpSite;
beforeAll(async () => {
  site = await startDumpSite({ files: month('20260901', content), rate: 2_000_000 });
});
afterAll(() => site.close());

async function begin(faults: DownloadFault[], output = temporaryFolder(), sha = sha256(content)) {
  site.options.faults = faults;
  const options = { baseUrl: site.url, retries: 3, firstPause: 1, stall: 600 };
  const remote = fileOf(await findMonth({ ...options, month: 'latest' }), 'releases');
  return beginFetch({ ...options, remote, sha256: sha, output });
}

/** Reads as convert does: no byte earlier than it may. */
async function follow(
  arriving: ArrivingFile,
  signal?: AbortSignal,
): Promise<{ bytes: Buffer; waits: number }> {
  const file = await open(arriving.path, 'r').catch(() => open(arriving.name, 'r'));
  const parts: Buffer[] = [];
  let waits = 0;
  try {
    for (let position = 0; ; waits++) {
      const there = await arriving.waitBeyond(position, signal);
      if (there === position) return { bytes: Buffer.concat(parts), waits };
      const part = Buffer.alloc(Math.min(50_000, there - position));
      const { bytesRead } = await file.read(part, 0, part.length, position);
      expect(bytesRead).toBe(part.length);
      parts.push(part);
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

it.each<[string, DownloadFault[]]>([
  ['without a fault', []],
  ['over resets and silence', [{ resetAt: 100_000 }, { stallAt: 200_000 }]],
  ['where the server sends all of it again', [{ resetAt: 200_000 }, { ignoreRange: true }]],
])('gets every byte once, %s', async (_, faults) => {
  const { arriving, finished } = await begin(faults);
  const { bytes, waits } = await follow(arriving);
  expect(bytes.equals(content)).toBe(true);
  expect(waits).toBeGreaterThan(4);
  await finished;
  expect(arriving.size).toBe(content.length);
});

it('gets what is already there, and what arrives later', async () => {
  const output = temporaryFolder();
  const first = await begin(
    Array.from({ length: 5 }, () => ({ resetAt: 150_000 })),
    output,
  );
  await expect(Promise.all([follow(first.arriving), first.finished])).rejects.toThrow(
    /got no further/,
  );
  await first.finished.catch(() => undefined);
  const second = await begin([], output);
  expect((await follow(second.arriving)).bytes.equals(content)).toBe(true);
  await second.finished;
  const third = await begin([], output);
  expect((await follow(third.arriving)).bytes.equals(content)).toBe(true);
  await third.finished;
});

it('learns that bytes it has read have changed', async () => {
  const { arriving, finished } = await begin([{ damageAt: 10 }]);
  await expect(follow(arriving)).rejects.toThrow(
    /has changed on the server, or arrived damaged, while it was being read/,
  );
  // The fetch itself mends it.
  await finished;
});

it('never reaches an end that was not verified', async () => {
  const { arriving, finished } = await begin([], temporaryFolder(), 'f'.repeat(64));
  await expect(follow(arriving)).rejects.toThrow(/SHA-256/);
  await expect(finished).rejects.toThrow(/SHA-256/);
});

it('can be interrupted while it waits', async () => {
  const { arriving, finished } = await begin([{ stallAt: 100_000 }]);
  await expect(follow(arriving, AbortSignal.timeout(50))).rejects.toMatchObject({ exitCode: 130 });
  await finished;
  await expect(
    fetchDumps(
      { month: 'latest', baseUrl: site.url, output: temporaryFolder() },
      { signal: AbortSignal.abort() },
    ),
  ).rejects.toMatchObject({ exitCode: 130 });
});
