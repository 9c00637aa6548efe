/** `--month` also fetches the other dumps that the run needs: the cache equals one built from a folder with all of them. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { tablesOf } from '@wxyc/dataset';
import { startDumpSite, type DownloadFault, type DumpSite } from '@wxyc/fault-server';
import {
  runBin,
  startBin,
  succeeded,
  temporaryFolder,
  testDatabase,
  type RunResult,
  type TestDatabase,
} from '@wxyc/testing';
import { contentOf } from './inputs.ts';

jest.setTimeout(240_000);

const kinds = ['artists', 'labels', 'releases', 'masters'] as const;
type Kind = (typeof kinds)[number];
const nameOf = (kind: Kind): string => `discogs_20260901_${kind}.xml.gz`;
const albums = 40;
/** Digits that do not compress. */
const noise = (n: number): string => ((n + 1) * 2_654_435_761 * 40_503).toString(36);

const labels = [
  ['Ashore', 'US'],
  ['Onderland Classics', 'Italy'],
] as const;
const releases = Array.from({ length: albums }, (_, m) =>
  labels
    .map(
      ([label, country], p) =>
        `<release id="${(m + 1) * 10 + p}" status="Accepted"><artists><artist><id>${m + 1}</id><name>Artist ${m}</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>Album ${m}</title><labels><label name="${label}" catno="${p}-${m}" id="${p + 1}"/></labels><country>${country}</country><notes>${Array.from({ length: 40 }, (_, n) => noise(m * 97 + p * 53 + n)).join('')}</notes><master_id is_main_release="false">${m + 1}</master_id><tracklist><track><position>1</position><title>One</title><duration></duration></track></tracklist></release>`,
    )
    .join('\n'),
);
const strangers = (from: number, make: (n: number) => string): string =>
  Array.from({ length: 3000 }, (_, n) => make(from + n)).join('\n');
const dumps: Record<Kind, Buffer> = {
  releases: gzipSync(`<releases>\n${releases.join('\n')}\n</releases>\n`),
  // Every second artist is in the library under an alias alone.
  artists: gzipSync(
    `<artists>\n${Array.from({ length: albums }, (_, m) => `<artist><id>${m + 1}</id><name>Artist ${m}</name><profile>Of ${m}</profile><aliases><name id="${m + 501}">Alias of ${m}</name></aliases></artist>`).join('\n')}\n${strangers(1000, (n) => `<artist><id>${n}</id><name>Stranger ${noise(n)}</name></artist>`)}\n</artists>\n`,
  ),
  labels: gzipSync(
    `<labels>\n<label><id>2</id><name>Onderland Classics</name><parentLabel id="9">Onderland</parentLabel></label>\n${strangers(1000, (n) => `<label><id>${n}</id><name>Stranger ${noise(n)}</name></label>`)}\n</labels>\n`,
  ),
  masters: gzipSync(
    `<masters>\n${Array.from({ length: albums }, (_, m) => `<master id="${m + 1}"><main_release>${(m + 1) * 10}</main_release><artists><artist><id>${m + 1}</id><name>Artist ${m}</name></artist></artists><genres><genre>Rock</genre></genres><year>1999</year><title>Album ${m}</title><data_quality>Correct</data_quality></master>`).join('\n')}\n${strangers(1000, (n) => `<master id="${n}"><main_release>${n}</main_release><title>${noise(n)}</title></master>`)}\n</masters>\n`,
  ),
};

const given = temporaryFolder();
let site: DumpSite;
let database: TestDatabase;
/** What a run builds from the same dumps in a folder. */
const expected: Partial<Record<'lean' | 'full' | 'releases only', Record<string, string[]>>> = {};

const run = (cwd: string, ...words: string[]): Promise<RunResult> =>
  runBin(
    'wxyc-pipeline',
    [...words, '--library', join(given, 'shop.csv'), '--database-url', database.url],
    { cwd },
  );
const month = (...words: string[]): string[] => [
  '--month',
  'latest',
  '--download-dir',
  'dumps',
  '--base-url',
  site.url,
  ...words,
];
const downloads = (): string[] =>
  site.requests.flatMap(({ query }) => /discogs_20260901_(\w+)\.xml\.gz/.exec(query)?.[1] ?? []);
const content = async (): Promise<Record<string, string[]>> => {
  const rows = await contentOf(database.url);
  const [full] = await database.query<{ there: boolean }>(
    "SELECT to_regclass('public.master') IS NOT NULL AS there",
  );
  if (!full!.there) return rows;
  for (const { name, root } of tablesOf('full'))
    if (root === 'artist' || root === 'master')
      rows[name] = (
        await database.query<{ line: string }>(
          `SELECT (to_jsonb(t) - 'fetched_at')::text AS line FROM public.${name} t ORDER BY 1`,
        )
      ).map(({ line }) => line);
  return rows;
};

beforeAll(async () => {
  writeFileSync(
    join(given, 'shop.csv'),
    `artist,album,label\n${Array.from({ length: albums }, (_, m) => `${m % 2 ? `Artist ${m}` : `Alias of ${m}`},Album ${m},Onderland`).join('\n')}\n`,
  );
  writeFileSync(
    join(given, 'plain.csv'),
    `artist,album\n${Array.from({ length: albums }, (_, m) => `Artist ${m},Album ${m}`).join('\n')}\n`,
  );
  for (const kind of kinds) writeFileSync(join(given, nameOf(kind)), dumps[kind]);
  database = await testDatabase({ owner: 'plain' });
  succeeded(await run(temporaryFolder(), '--xml', join(given, nameOf('releases'))));
  expected['releases only'] = await content();
  succeeded(await run(temporaryFolder(), '--xml', given));
  expected.lean = await content();
  succeeded(await run(temporaryFolder(), '--xml', given, '--profile', 'full'));
  expected.full = await content();
  // Each dump makes a difference.
  expect([expected['releases only']['release']!.length, expected.lean['release']!.length]).toEqual([
    albums / 2,
    albums,
  ]);
  expect(expected.full['master']).toHaveLength(albums);
});
afterAll(() => database.drop());
beforeEach(async () => {
  site = await startDumpSite({
    files: Object.fromEntries(kinds.map((kind) => [nameOf(kind), dumps[kind]])),
  });
});
afterEach(() => site.close());

test('a library that names labels: artists, labels, then the releases, each once', async () => {
  const cwd = temporaryFolder();
  const result = await run(cwd, ...month('--profile', 'lean'));
  succeeded(result);
  expect(downloads()).toEqual(['artists', 'labels', 'releases']);
  expect(await content()).toEqual(expected.lean);
  for (const step of ['fetch artists', 'fetch labels', 'fetch'])
    expect(result.stdout).toMatch(
      new RegExp(`^${step} +bytes .*\\n +2026-09: read while it arrived`, 'm'),
    );
  expect(readdirSync(join(cwd, 'dumps')).sort()).toEqual([
    'discogs_20260901_CHECKSUM.txt',
    ...['artists', 'labels', 'releases'].map((kind) => nameOf(kind as Kind)),
  ]);

  site.requests.length = 0;
  succeeded(
    await run(cwd, '--month', '2026-09', '--download-dir', 'dumps', '--base-url', site.url),
  );
  expect(site.requests).toEqual([]);
});

test('--releases-only leaves them out', async () => {
  succeeded(await run(temporaryFolder(), ...month('--releases-only', '--profile', 'lean')));
  expect(downloads()).toEqual(['releases']);
  expect(await content()).toEqual(expected['releases only']);
});

test('a library without labels needs no labels dump, one with its own aliases no artists dump', async () => {
  writeFileSync(join(given, 'aliases.csv'), 'artist_id,name\n1,Alias of 0\n');
  const plain = await runBin(
    'wxyc-pipeline',
    [...month('--dry-run'), '--library', join(given, 'plain.csv'), '--database-url', database.url],
    { cwd: given },
  );
  expect(plain.stdout).toMatch(
    /^month +2026-09: discogs_20260901_releases\.xml\.gz, discogs_20260901_artists\.xml\.gz to download to dumps, /m,
  );
  const own = await run(given, ...month('--dry-run', '--aliases', 'aliases.csv'));
  expect(own.stdout).toMatch(
    /^month +2026-09: discogs_20260901_releases\.xml\.gz, discogs_20260901_labels\.xml\.gz to download to dumps, /m,
  );
  expect(own.stdout).toMatch(
    /^labels dump +dumps\/discogs_20260901_labels\.xml\.gz, for parents and sublabels$/m,
  );
});

test('the full profile reads the masters too, last, also when only the published cache says that it is full', async () => {
  const cwd = temporaryFolder();
  succeeded(await run(cwd, ...month('--profile', 'full')));
  expect(downloads()).toEqual(['artists', 'labels', 'releases', 'masters']);
  expect(await content()).toEqual(expected.full);
  const doctor = await run(temporaryFolder(), 'doctor', ...month());
  expect(doctor.stdout).toMatch(/^ok +month +2026-09: .*releases.*masters.* to fetch/m);
  site.requests.length = 0;
  const again = await run(temporaryFolder(), ...month());
  succeeded(again);
  expect(downloads()).toEqual(['artists', 'labels', 'releases', 'masters']);
  expect(await content()).toEqual(expected.full);
  // The month is named and complete: the site gets no request.
  site.requests.length = 0;
  succeeded(await run(cwd, ...month().with(1, '2026-09')));
  expect(site.requests).toEqual([]);
  expect(await content()).toEqual(expected.full);
});

const half = (kind: Kind): number => Math.floor(dumps[kind].length / 2);
test.each<[Kind, DownloadFault[]]>([
  ['artists', [{ damageAt: half('artists') }]],
  ['labels', [{ resetAt: 1 }, { damageAt: half('labels') }]],
  [
    'releases',
    [
      { resetAt: half('releases') },
      { endAt: dumps.releases.length - 1 },
      { ignoreRange: true, damageAt: half('releases') },
    ],
  ],
  ['masters', [{ resetAt: 1 }, { damageAt: half('masters') }]],
])('%s that arrive with %j make the same cache', async (kind, faults) => {
  Object.assign(site.options, { faultsOf: kind, faults: [...faults] });
  succeeded(await run(temporaryFolder(), ...month('--profile', 'full')));
  expect(site.options.faults).toEqual([]);
  expect(await content()).toEqual(expected.full);
});

test.each(kinds)('%s with a wrong checksum: the old cache stays, with a sentence', async (kind) => {
  Object.assign(site.options, {
    faultsOf: kind,
    always: { damageAt: Math.floor(dumps[kind].length / 2) },
  });
  const before = await content();
  const cwd = temporaryFolder();
  const { code, stderr } = await run(cwd, ...month('--profile', 'full'));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      new RegExp(`${nameOf(kind)}: its SHA-256 is [0-9a-f]{64} instead of`),
    ),
  });
  expect(await content()).toEqual(before);
  expect(existsSync(join(cwd, 'dumps', nameOf(kind)))).toBe(false);
});

test.each([
  ['artists', 0.1],
  ['labels', 0.5],
  ['releases', 0.8],
  ['masters', 0.5],
] as const)(
  'killed with %s at %d and resumed: the same files, the same cache',
  async (kind, share) => {
    // The other dumps are at most a few times as large.
    site.options.rate = dumps[kind].length;
    const cwd = temporaryFolder();
    const partial = join(cwd, 'dumps', `${nameOf(kind)}.partial`);
    const { child, finished } = startBin(
      'wxyc-pipeline',
      [
        ...month('--profile', 'full'),
        '--library',
        join(given, 'shop.csv'),
        '--database-url',
        database.url,
      ],
      { cwd },
    );
    while (
      (!existsSync(partial) ||
        (statSync(partial, { throwIfNoEntry: false })?.size ?? 0) < dumps[kind].length * share) &&
      child.exitCode === null
    )
      await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGKILL');
    expect((await finished).code).toBe(null);
    delete site.options.rate;
    const kept = statSync(partial).size;
    site.requests.length = 0;
    succeeded(await run(cwd, ...month('--profile', 'full', '--resume')));
    expect(site.requests.find(({ query }) => query.endsWith(nameOf(kind)))).toMatchObject({
      range: `bytes=${kept}-`,
    });
    for (const one of kinds)
      expect(readFileSync(join(cwd, 'dumps', nameOf(one))).equals(dumps[one])).toBe(true);
    expect(await content()).toEqual(expected.full);
  },
);

test('a month that lacks a dump for good is refused, or used without it', async () => {
  const old = Object.fromEntries(
    (['artists', 'releases', 'masters'] as const).map((kind) => [
      `discogs_20190101_${kind}.xml.gz`,
      dumps[kind],
    ]),
  );
  Object.assign(site.options.files, old);
  const words = month('--allow-older', '--profile', 'lean').with(1, '2019-01');
  const refused = await run(temporaryFolder(), ...words);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(
    /The month 2019-01 has no labels dump, which this run needs; take another month, or give --releases-only to do without/,
  );
  succeeded(await run(temporaryFolder(), ...words, '--releases-only'));
  expect(await content()).toEqual(expected['releases only']);
});

test('a half-published month is refused whatever is left out', async () => {
  delete site.options.files[nameOf('masters')];
  for (const more of [[], ['--releases-only']]) {
    const { code, stderr } = await run(temporaryFolder(), ...month(...more).with(1, '2026-09'));
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(/2026-09 are not complete yet: masters missing/),
    });
  }
});

test('resumed with or without --releases-only, unlike before: refused with the flag named', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'dumps'));
  Object.assign(site.options, { faultsOf: 'releases', always: { status: 403 } });
  expect((await run(cwd, ...month('--releases-only', '--profile', 'lean'))).code).toBe(1);
  const more = await run(cwd, ...month('--profile', 'lean', '--resume'));
  expect({ code: more.code, stderr: more.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /that run did not fetch the artists dump \(--releases-only leaves it out\)/,
    ),
  });
  rmSync(join(cwd, '.pipeline_state.json'));
  expect((await run(cwd, ...month('--profile', 'lean'))).code).toBe(1);
  const less = await run(cwd, ...month('--releases-only', '--profile', 'lean', '--resume'));
  expect({ code: less.code, stderr: less.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/that run fetched the artists dump, this one does not/),
  });
});
