/** The report's printers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportText, writeReport, type PipelineReport } from '@wxyc/pipeline';
import { temporaryFolder } from '@wxyc/testing';
import { monthInName } from '../dist/dump-file.js';
import { reportPage } from '../dist/report-page.js';

const report: PipelineReport = {
  version: 1,
  runId: 'r1',
  startedAt: '2026-09-01T03:15:02.123Z',
  seconds: 62,
  mode: 'prune',
  database: 'embedded:/cache',
  files: [{ name: 'decisions', path: 'd.csv' }],
  connect: "psql 'postgresql://me@host/discogs'",
  origin: {
    month: '2026-09',
    dump: 'discogs_20260901_releases.xml.gz',
    library: 'my <library>.csv',
  },
  inputs: { dump: 'discogs_20260901_releases.xml.gz, 12 bytes, ab' },
  steps: [
    {
      step: 'convert',
      unit: 'releases',
      read: 1000,
      written: 100,
      dropped: { 'not in the library': 890, 'pruned by the library': 10 },
      seconds: 60,
    },
    {
      step: 'vacuum',
      unit: 'tables',
      read: 6,
      written: 6,
      dropped: {},
      seconds: 2,
      note: 'nothing to reclaim',
    },
  ],
  funnel: [
    { stage: 'in the dump', releases: 1000 },
    { stage: 'in the cache', releases: 100 },
  ],
  decisions: { keep: 90, review: 10, prune: 10 },
  library: {
    size: { albums: 50, artists: 20, compilations: 4, leftOut: 3 },
    found: 45,
    inDoubt: 3,
    missing: 2,
    missingAlbums: [
      {
        artist: `<script>alert("x")</script> & 'co'`,
        title: 'One',
        missing: 'not in the dump',
        nearest: null,
      },
      {
        artist: '東京',
        title: 'Volume 1',
        missing: 'number',
        nearest: { releaseId: 77, artist: '東京 & <b>', title: 'Volume 2', score: 0 },
      },
    ],
    inDoubtAlbums: [
      {
        artist: 'Pram',
        title: 'Helium',
        nearest: { releaseId: 78, artist: 'Pram', title: 'x'.repeat(5000), score: 0.85 },
      },
    ],
  },
  unmetMappings: ['beatles'],
  review: [
    { artist: 'Nirvana (2)', releases: 40, candidate: 'Nirvana', score: 0.7123 },
    { artist: '</td><b>', releases: 1, candidate: null, score: null },
  ],
  tables: [
    { name: 'release', rows: 100, bytes: 1_234_567 },
    { name: 'release_track', rows: 0, bytes: 8192 },
  ],
};

test('the page stands alone: no network, no script, names as text', () => {
  const page = reportPage(report);
  expect(page).not.toMatch(/<script|https?:\/\/|@import|src=|href=/i);
  expect(page).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; &#39;co&#39;');
  expect(page).toContain('&#60;/td&#62;&#60;b&#62;');
  expect(page).toContain('name="viewport"');
  expect(page).toContain('@media print');
  expect(page).toContain('<title>Discogs cache, September 2026</title>');
});

test.each([
  ['discogs_20260901_releases.xml.gz', '2026-09'],
  ['releases-20261231.xml', '2026-12'],
  ['discogs_20261509.xml.gz', undefined],
  ['releases-1720260901.xml.gz', undefined],
  ['2026090112.xml', undefined],
])('the month in the name %s: %s', (name, month) => {
  expect(monthInName(`/dumps/20250101/${name}`)).toBe(month);
});

test('the page shows the funnel, times, reasons, tables, coverage and what to review', () => {
  const text = reportPage(report)
    .replace(/<style>[^]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
  for (const piece of [
    'in the cache 100 (10 %)',
    'KEEP 90',
    'REVIEW 10',
    'convert 60s (1m 0s)',
    'not in the library 890 releases',
    '100 rows, 1.2 MB',
    'found 45',
    'in doubt 3',
    'missing 2',
    'Of 50 albums, 4 of them compilations, by 20 artists. 3 rows without artist or title were left out.',
    '東京 – Volume 1 東京 &#38; &#60;b&#62; – Volume 2 (release 77) number',
    'Missing albums: 2',
    'Albums in doubt: 3',
    'Pram – Helium Pram – xxx',
    '… (release 78, 0.85)',
    'September 2026',
    'discogs_20260901_releases.xml.gz',
    'my &#60;library&#62;.csv, 50 albums',
    'alert(&#34;x&#34;)&#60;/script&#62; &#38; &#39;co&#39; – One none not in the dump',
    '90 % of the library’s albums found',
    'Nirvana (2) 40 Nirvana 0.71',
    'vacuum: nothing to reclaim',
  ]) {
    expect(text).toContain(piece);
  }
});

test('long text may wrap, so that a phone need not scroll sideways', () => {
  const long = 'x'.repeat(400);
  const nearest = { releaseId: 1, artist: long, title: long, score: 0.5 };
  const list = { count: 1, examples: [{ id: 1, artist: long, title: long, what: ['title'] }] };
  const page = reportPage({
    ...report,
    database: long,
    connect: long,
    note: long,
    origin: { month: null, dump: long, library: long },
    inputs: { dump: long },
    files: [{ name: 'report', path: long }],
    failure: { step: 'import', place: 'step 4 of 11', message: long, outcome: long },
    library: {
      ...report.library!,
      missingAlbums: [{ artist: long, title: long, missing: 'title', nearest }],
      inDoubtAlbums: [{ artist: long, title: long, nearest }],
    },
    review: [{ artist: long, releases: 1, candidate: long, score: 1 }],
    changes: {
      before: 1,
      after: 1,
      added: list,
      gone: list,
      changed: list,
      lostAlbums: [{ artist: long, title: long }],
    },
  });
  const unbroken = [...page.matchAll(/class="(\w+)"[^>]*>[^<]*x{100}/g)].map(([, name]) => name);
  expect(unbroken.filter((name) => ['n', 'w', 'value', 'key'].includes(name!))).toEqual([]);
  expect(page.match(/x{100}/g)!.length).toBeGreaterThan(15);
  expect(page).toMatch(/body\{[^}]*overflow-wrap:anywhere/);
});

test('a page without changes, review or albums to name has no heading without content', () => {
  const page = reportPage({
    ...report,
    review: [],
    library: { ...report.library!, missing: 0, inDoubt: 0, missingAlbums: [], inDoubtAlbums: [] },
  });
  expect(page).not.toMatch(/<h([23])>[^<]*<\/h\1>\s*(?:<h[123]|<\/body>)/);
  expect(page).not.toMatch(/<h[23]>(?:What changed|To be reviewed|Missing albums|Albums in doubt)/);
  expect(page).toContain('Every album of the library has a release.');
});

test('every bar of a drawing lies within it', () => {
  for (const [, width] of reportPage(report).matchAll(/<rect[^>]* width="([\d.]+)"/g))
    expect(Number(width)).toBeLessThanOrEqual(100);
});

test('the closing text: steps with reasons, the total last, then rows and size of each table', () => {
  const lines = reportText(report).split('\n');
  expect(lines[2]).toMatch(/^convert +releases +1,000 +100 +900 +60s \(1m 0s\)$/);
  expect(lines.slice(3, 5)).toEqual([
    '  890 dropped: not in the library',
    '  10 dropped: pruned by the library',
  ]);
  expect(lines).toContain('total 62s (1m 2s)');
  expect(lines).toContain('Decisions: 90 KEEP, 10 REVIEW, 10 PRUNE');
  expect(lines).toContain(
    'REVIEW releases are in the cache until they are settled: wxyc-verify review asks about each',
  );
  expect(lines).toContain('Library: 50 albums, 45 found, 3 in doubt, 2 missing');
  expect(lines).toContain('Mappings that matched no release: beatles');
  expect(lines.find((line) => line.startsWith('release '))).toMatch(/^release +100 +1\.2 MB$/);
});

test('how to settle what is in doubt is shown if a release is', () => {
  const told = (review: number): boolean =>
    reportText({ ...report, decisions: { keep: 1, review, prune: 0 } }).includes(
      'wxyc-verify review asks about each',
    );
  expect([told(0), told(1), told(2)]).toEqual([false, true, true]);
});

test('JSON is the report itself; a place that cannot be written to is reported', async () => {
  const folder = temporaryFolder();
  await writeReport(report, join(folder, 'run.json'));
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toEqual(report);
  await expect(writeReport(report, join(folder, 'run.json', 'below-a-file.json'))).rejects.toThrow(
    /cache is published, but the report .* could not be written/,
  );
});

test('files and the way to connect stand at the end; of a run that failed, how, and no section without content', () => {
  expect(reportText(report)).toMatch(
    /\ndecisions: d\.csv\nconnect: psql 'postgresql:\/\/me@host\/discogs'\n$/,
  );
  const failed: PipelineReport = {
    ...report,
    tables: [],
    funnel: [],
    review: [],
    failure: {
      step: 'import',
      place: 'step 4 of 11',
      message: 'the <disk> is full',
      outcome: 'The published cache stands as it was',
    },
  };
  const text = reportText(failed);
  expect(text).toContain(
    'FAILED at import (step 4 of 11): the <disk> is full\nThe published cache stands as it was.\n',
  );
  expect(text).not.toMatch(/connect:|^table /m);
  const page = reportPage(failed);
  expect(page).toContain('<h1>Discogs cache not rebuilt</h1>');
  expect(page).toContain(
    'Failed at import (step 4 of 11): the &#60;disk&#62; is full<br />The published cache stands as it was.',
  );
  expect(page).not.toMatch(/<h2>Tables|releases in the cache|<h2>From the dump|connect/);
});
