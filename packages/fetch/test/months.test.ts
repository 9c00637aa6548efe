/** Which month is meant: by the site's index, with pages like the real ones. */
import { fetchDumps, findMonth, listMonths } from '@wxyc/fetch';
import { startDumpSite, type DumpSite } from '@wxyc/fault-server';
import { runBin, temporaryFolder } from '@wxyc/testing';
import { isComplete, parseYear } from '../dist/site.js';
import { parseChecksums } from '../dist/checksums.js';
import { dump, month, nameOf } from './dumps.js';

let site: DumpSite;
beforeAll(async () => {
  site = await startDumpSite({
    files: {
      ...month('20251201'),
      ...month('20260801'),
      ...month('20260901'),
      [nameOf('20261001')]: dump(100),
      [nameOf('20261001', 'artists')]: dump(100),
      [nameOf('20080309')]: dump(10),
    },
    unfinished: ['20261001', '20080309'],
  });
});
afterAll(() => site.close());
const noWait = { retries: 0 };

describe('the index', () => {
  it('is read with dates, sizes and links, files in any order', () => {
    const page = `<pre>Last Modified                   Size           Name
                                               <a href="?prefix=data%2F">../</a>
2026-09-01 19:31:21             388 B          <a href="?download=data%2F2026%2Fdiscogs_20260901_CHECKSUM.txt">discogs_20260901_CHECKSUM.txt</a>
2026-09-01 19:21:51             10.4 GB        <a href="?download=data%2F2026%2Fdiscogs_20260901_releases.xml.gz">discogs_20260901_releases.xml.gz</a>
<a class="x" href="?download=data/2026/discogs_20260901_labels.xml.gz">labels</a></pre>`;
    const [found, ...others] = parseYear(page);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ month: '2026-09', stamp: '20260901' });
    expect(found!.files.releases).toEqual({
      name: nameOf('20260901'),
      key: `data/2026/${nameOf('20260901')}`,
      listedBytes: Math.round(10.4 * 2 ** 30),
    });
    expect(found!.files.labels?.listedBytes).toBeUndefined();
    expect(found!.files.artists).toBeUndefined();
  });

  it('lists the newest months over the turn of the year, and says which are complete', async () => {
    const months = await listMonths({ baseUrl: site.url });
    expect(months.map((one) => [one.month, isComplete(one)])).toEqual([
      ['2026-10', false],
      ['2026-09', true],
      ['2026-08', true],
      ['2025-12', true],
      ['2008-03', false],
    ]);
    expect(await listMonths({ baseUrl: site.url }, 2)).toHaveLength(2);
  });

  it('is printed by --list, to stdout', async () => {
    const { code, stdout } = await runBin('wxyc-fetch', ['--list', '--base-url', site.url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/2026-10 +1\d\d B +1\d\d B +- +- +labels, masters, checksum missing/);
    expect(stdout).toMatch(/2026-09 .*complete/);
  });

  it('asks with a User-Agent of its own', () =>
    expect(site.requests[0]!.userAgent).toMatch(/^wxyc-fetch\/\d/));
});

describe('the month', () => {
  it('latest passes over one that is still appearing, and says so', async () => {
    const warned: string[] = [];
    const logger = { warn: (text: string) => warned.push(text) } as never;
    expect((await findMonth({ month: 'latest', baseUrl: site.url }, { logger })).month).toBe(
      '2026-09',
    );
    expect(warned).toEqual([
      '2026-10 is not complete yet (labels, masters, checksum missing): taking 2026-09',
    ]);
  });

  it.each([
    [
      '2026-10',
      /2026-10 are not complete yet: labels, masters, checksum missing; wait a few hours/,
    ],
    ['2026-07', /no dumps for 2026-07: that year has 2026-08 to 2026-10/],
    ['2024-07', /no dumps for 2024-07: that year has none/],
    [
      '2008-03',
      /2008-03 are not complete: artists, labels, masters, checksum missing; take another month/,
    ],
  ])('%s is refused as bad input', async (name, message) => {
    await expect(findMonth({ month: name, baseUrl: site.url })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(message),
    });
  });

  it.each(['2026-13', '202609', 'last'])('%s is not a month', async (name) => {
    await expect(findMonth({ month: name, baseUrl: site.url })).rejects.toMatchObject({
      exitCode: 2,
    });
  });

  it('that lacks an unneeded dump is used once a later month is out', async () => {
    const { [nameOf('20260801', 'labels')]: _, ...rest } = month('20260801');
    const other = await startDumpSite({ files: { ...rest, ...month('20260901') } });
    expect((await findMonth({ month: '2026-08', baseUrl: other.url })).month).toBe('2026-08');
    await expect(
      findMonth({ month: '2026-08', kinds: ['labels'], baseUrl: other.url }),
    ).rejects.toMatchObject({ exitCode: 4 });
    await other.close();
  });
});

describe('a site without dumps', () => {
  it('is reported with its page’s title', async () => {
    const page = (async () =>
      new Response('<html><title>Just a moment...</title></html>')) as typeof fetch;
    for (const name of ['latest', '2026-09'])
      await expect(
        findMonth({ month: name, fetch: page, baseUrl: 'https://dumps.example.org' }),
      ).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringMatching(
          /https:\/\/dumps\.example\.org\/ lists no dumps: the page is titled "Just a moment..."/,
        ),
      });
  });

  it.each(['86400', '9999999', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'that asks for too much patience (%s) is asked again after a quarter of an hour',
    async (patience) => {
      const stop = new AbortController();
      const warned: string[] = [];
      const logger = { warn: (text: string) => (warned.push(text), stop.abort()) } as never;
      const busy = (async () =>
        new Response('', { status: 503, headers: { 'retry-after': patience } })) as typeof fetch;
      await expect(
        findMonth({ month: 'latest', fetch: busy }, { logger, signal: stop.signal }),
      ).rejects.toMatchObject({ exitCode: 130 });
      expect(warned).toEqual([expect.stringMatching(/status 503 .* trying again in 900 s$/)]);
    },
  );

  it('where nobody answers ends with one sentence', async () => {
    await expect(
      findMonth({ month: 'latest', baseUrl: 'http://127.0.0.1:2/', ...noWait }),
    ).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:2\/: nothing answers there/),
    });
  });

  it('on a port that no request may go to is not asked again', async () => {
    await expect(
      findMonth({ month: 'latest', baseUrl: 'http://127.0.0.1:9/' }),
    ).rejects.toMatchObject({
      exitCode: 1,
      message: 'http://127.0.0.1:9/: requests to this port are not allowed; give another one',
    });
  });

  it.each(['ftp://x', 'https://secret@x/', 'https://user:secret@x/'])(
    'whose address is %s is refused as a usage error, without its secrets',
    async (baseUrl) => {
      await expect(findMonth({ month: 'latest', baseUrl })).rejects.toMatchObject({
        exitCode: 2,
        message: expect.not.stringContaining('secret'),
      });
    },
  );
});

describe('checksums', () => {
  it.each([
    ['binary', `${'a'.repeat(64)} *x.gz\n`],
    ['text', `${'A'.repeat(64)}  x.gz\r\n`],
    [
      'with a path and without a last newline',
      `${'b'.repeat(64)}  y\n${'a'.repeat(64)}  ./dumps/x.gz`,
    ],
  ])('are read in the %s form', (_, text) =>
    expect(parseChecksums(text).get('x.gz')).toBe('a'.repeat(64)),
  );

  it('that do not mention the dump do not verify it', async () => {
    const other = await startDumpSite({
      files: {
        ...month('20260901'),
        'discogs_20260901_CHECKSUM.txt': Buffer.from(`${'a'.repeat(64)} *other.gz\n`),
      },
    });
    await expect(
      fetchDumps({ month: 'latest', baseUrl: other.url, output: temporaryFolder() }),
    ).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/do not list discogs_20260901_releases/),
    });
    await other.close();
  });
});
