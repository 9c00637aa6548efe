/** Whatever the server does: the same file in the end, or one sentence and no file of that name. */
import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchDumps, type FetchOptions } from '@wxyc/fetch';
import { startDumpSite, type DownloadFault, type DumpSite } from '@wxyc/fault-server';
import { runBin, temporaryFolder } from '@wxyc/testing';
import { contentOf, dump, month, nameOf, sha256 } from './dumps.js';

const stamp = '20260901';
const name = nameOf(stamp);
const content = dump(200_000);
const { length } = content;
let site: DumpSite;
beforeAll(async () => {
  site = await startDumpSite({ files: month(stamp, content) });
});
afterAll(() => site.close());
beforeEach(() => {
  site.options.faults = [];
  delete site.options.always;
  delete site.options.redirect;
  site.requests.length = 0;
});

const quick = { retries: 3, firstPause: 1, stall: 600 };
const fetchTo = (output: string, more: Partial<FetchOptions> = {}) =>
  fetchDumps({ month: '2026-09', baseUrl: site.url, output, ...quick, ...more });
const downloads = () => site.requests.filter(({ query }) => query.endsWith(name));
/** Nothing but the dump and the checksums: no partial file, note or lock. */
const whole = { [name]: sha256(content), [`discogs_${stamp}_CHECKSUM.txt`]: expect.any(String) };

describe('a fetch', () => {
  it('leaves the dump and the checksums, and nothing else', async () => {
    const output = join(temporaryFolder(), 'new');
    const result = await fetchTo(output);
    expect(contentOf(output)).toEqual(whole);
    expect(result).toMatchObject({
      step: 'fetch',
      month: '2026-09',
      read: length,
      written: length,
      files: [
        {
          kind: 'releases',
          path: join(output, name),
          bytes: length,
          sha256: sha256(content),
          fetched: length,
          broken: 0,
        },
      ],
    });
  });

  it('is not repeated: a verified file costs no request', async () => {
    const output = temporaryFolder();
    await fetchTo(output);
    site.requests.length = 0;
    const again = await fetchTo(output, { kinds: ['releases', 'releases'] });
    expect(again.files).toMatchObject([{ fetched: 0, bytes: length }]);
    expect(again.note).toMatch(/already complete/);
    expect(site.requests).toEqual([]);
    await fetchTo(output, { month: 'latest' });
    expect(downloads()).toEqual([]);
  });

  it('brings several kinds, and adds a kind later', async () => {
    const output = temporaryFolder();
    await fetchTo(output, { kinds: ['releases', 'masters'] });
    await fetchTo(output, { kinds: ['labels', 'releases'] });
    expect(Object.keys(contentOf(output))).toEqual([
      `discogs_${stamp}_CHECKSUM.txt`,
      nameOf(stamp, 'labels'),
      nameOf(stamp, 'masters'),
      name,
    ]);
    expect(downloads()).toHaveLength(1);
  });

  it('takes a fetch of the caller', async () => {
    const seen: string[] = [];
    const own = ((url: URL, init: RequestInit) => (
      seen.push(url.search),
      fetch(url, init)
    )) as typeof fetch;
    await fetchTo(temporaryFolder(), { fetch: own });
    expect(seen).toContain(`?download=${encodeURIComponent(`data/2026/${name}`)}`);
  });

  it('follows redirects, with the range', async () => {
    site.options.redirect = true;
    site.options.faults = [{ resetAt: 70_000 }];
    const output = temporaryFolder();
    expect((await fetchTo(output)).files[0]).toMatchObject({ fetched: length, broken: 1 });
    expect(contentOf(output)).toEqual(whole);
  });
});

/** Byte counts where an off-by-one would show: the gzip header, the server's pieces, the end. */
const boundaries = [0, 1, 2, 10, 65_535, 65_536, 65_537, 131_072, length - 1];

describe('a connection that breaks', () => {
  it.each(boundaries)('by a reset before byte %i is resumed there', async (resetAt) => {
    site.options.faults = [{ resetAt }];
    const output = temporaryFolder();
    const { files } = await fetchTo(output);
    expect(contentOf(output)).toEqual(whole);
    expect(files[0]!.broken).toBe(1);
    const [, second] = downloads();
    // Bytes on their way when the reset comes may be lost.
    const from = Number(/^bytes=(\d+)-$/.exec(second!.range ?? 'bytes=0-')![1]);
    expect(from).toBeLessThanOrEqual(resetAt);
    expect(files[0]!.fetched).toBe(length);
    if (from > 0) expect(second!.ifRange).toMatch(/^"[0-9a-f]+"$/);
  });

  it.each<[string, DownloadFault[]]>([
    ['by silence', [{ stallAt: 100_000 }]],
    ['by silence before the first byte', [{ stallAt: 0 }]],
    ['at every piece', [60_000, 90_000, 120_000, 150_000, 180_000].map((resetAt) => ({ resetAt }))],
    ['in good order, though it was short', [{ endAt: 100_000 }]],
    ['in good order, twice, without ever a length', [{ endAt: 100_000 }, { endAt: 150_000 }]],
    ['before the length that was announced', [{ lie: 5000 }]],
    ['after too short a length', [{ lie: -5000 }]],
    ['with all bytes there, and no length', [{ noLength: true }]],
    ['and is answered with the whole', [{ resetAt: 100_000 }, { ignoreRange: true }]],
    [
      'and is answered with the whole, which breaks again',
      [
        { resetAt: 100_000 },
        { ignoreRange: true, resetAt: 50_000 },
        { ignoreRange: true, resetAt: 150_000 },
        { ignoreRange: true },
      ],
    ],
    ['and is answered with another range', [{ resetAt: 100_000 }, { shiftRange: 10 }]],
    [
      'and meets 503, 429 with Retry-After, 500',
      [
        { resetAt: 100_000 },
        { status: 503 },
        { status: 429, headers: { 'retry-after': '0.01' } },
        { status: 500 },
      ],
    ],
    ['and damages a byte that comes a second time', [{ damageAt: 70_000 }]],
    ['over another version of the file', [{ content: dump(150_000), resetAt: 120_000 }]],
  ])('%s, ends with the same file', async (_, faults) => {
    site.options.faults = faults;
    const output = temporaryFolder();
    await fetchTo(output, { retries: 4 });
    expect(contentOf(output)).toEqual(whole);
  });

  it('again and again is given up on after attempts without progress, and what has arrived stays', async () => {
    site.options.always = { resetAt: 100_000 };
    const output = temporaryFolder();
    await expect(fetchTo(output)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /3 more attempts got no further. What has arrived is kept: run again to continue at \d+.*B/,
      ),
    });
    expect(existsSync(join(output, name))).toBe(false);
    const kept = readFileSync(join(output, `${name}.partial`)).length;
    expect(kept).toBeGreaterThan(0);
    delete site.options.always;
    site.requests.length = 0;
    expect((await fetchTo(output)).files[0]!.fetched).toBe(length - kept);
    expect(downloads()[0]).toMatchObject({
      range: `bytes=${kept}-`,
      ifRange: expect.stringMatching(/^"/),
    });
    expect(contentOf(output)).toEqual(whole);
  });
});

describe('a server that will not', () => {
  it.each<[string, DownloadFault, RegExp]>([
    ['403', { status: 403 }, /status 403 \(access refused/],
    ['404', { status: 404 }, /status 404 \(not found\)/],
    ['a page for browsers', { page: true }, /a page for browsers instead of the gzipped file/],
    [
      'an encoding',
      { status: 200, headers: { 'content-encoding': 'gzip' } },
      /an encoding that was not requested \(gzip\)/,
    ],
  ])('answers %s: one sentence at once, and no file of that name', async (_, fault, message) => {
    site.options.always = fault;
    const output = temporaryFolder();
    await expect(fetchTo(output)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(message),
    });
    expect(existsSync(join(output, name))).toBe(false);
    expect(downloads()).toHaveLength(1);
  });

  it('sends bytes with a wrong checksum, twice: none are kept', async () => {
    site.options.always = { damageAt: length - 20 };
    const output = temporaryFolder();
    await expect(fetchTo(output)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /its SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{64}, even after a second download/,
      ),
    });
    expect(Object.keys(contentOf(output))).toEqual([`discogs_${stamp}_CHECKSUM.txt`]);
  });
});

describe('what an earlier try left', () => {
  const left = (bytes: Buffer, sha = sha256(content)): string => {
    const output = temporaryFolder();
    writeFileSync(join(output, `${name}.partial`), bytes);
    writeFileSync(join(output, `${name}.partial.json`), JSON.stringify({ sha256: sha }));
    return output;
  };

  it.each(boundaries.slice(1))('is resumed after %i bytes', async (bytes) => {
    const output = left(content.subarray(0, bytes));
    expect((await fetchTo(output)).files[0]!.fetched).toBe(length - bytes);
    expect(contentOf(output)).toEqual(whole);
  });

  it('is only renamed if it is whole', async () => {
    const output = left(content);
    expect((await fetchTo(output)).files[0]!.fetched).toBe(0);
    expect(contentOf(output)).toEqual(whole);
    expect(downloads()).toEqual([]);
  });

  it.each([
    [
      'damaged',
      Buffer.concat([
        content.subarray(0, 1000),
        Buffer.alloc(1000),
        content.subarray(2000, 150_000),
      ]),
    ],
    ['damaged in its first byte', Buffer.concat([Buffer.alloc(1), content.subarray(1, 150_000)])],
    ['longer than the file', Buffer.concat([content, Buffer.alloc(10)])],
    [
      'as long as the file, and damaged',
      Buffer.concat([content.subarray(0, length - 5), Buffer.alloc(5)]),
    ],
  ])('is mended where it is %s', async (_, bytes) => {
    const output = left(bytes);
    await fetchTo(output);
    expect(contentOf(output)).toEqual(whole);
  });

  it('of a month that was published again is not used', async () => {
    const output = left(dump(100_000), 'f'.repeat(64));
    expect((await fetchTo(output)).files[0]!.fetched).toBe(length);
    expect(downloads()[0]!.range).toBeUndefined();
  });

  it('under the name of a whole file is verified, and never taken for one', async () => {
    const output = temporaryFolder();
    writeFileSync(join(output, name), content.subarray(0, 5000));
    await expect(fetchTo(output)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /exists, but its SHA-256 is .*; remove the file and run again/,
      ),
    });
    expect(readFileSync(join(output, name))).toHaveLength(5000);
  });

  it('as a directory of that name is in the way', async () => {
    const output = temporaryFolder();
    mkdirSync(join(output, name));
    await expect(fetchTo(output)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/in the way/),
    });
  });
});

describe('two at once', () => {
  it('the second is refused and harms nothing', async () => {
    site.options.faults = [{ stallAt: 100_000 }];
    const output = temporaryFolder();
    const first = fetchTo(output, { stall: 2000 });
    while (downloads().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const second = await runBin('wxyc-fetch', [
      '--output',
      output,
      '--month',
      '2026-09',
      '--base-url',
      site.url,
    ]);
    expect(second.code).toBe(75);
    await first;
    expect(contentOf(output)).toEqual(whole);
  });

  it('an abort leaves what arrived for the next try', async () => {
    site.options.faults = [{ stallAt: 100_000 }];
    const output = temporaryFolder();
    const controller = new AbortController();
    const running = fetchDumps(
      { month: '2026-09', baseUrl: site.url, output },
      { signal: controller.signal },
    );
    while (downloads().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 100));
    controller.abort();
    await expect(running).rejects.toMatchObject({ exitCode: 130 });
    const { fetched } = (await fetchTo(output)).files[0]!;
    expect(fetched).toBeLessThan(length);
    expect(contentOf(output)).toEqual(whole);
  });
});
