/** Every step that may take long says how far it is: what it starts, it ends, and nothing goes backwards or beyond its total. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fillArtwork } from '@wxyc/artwork';
import { carryOver } from '@wxyc/cache';
import { collectAliases, collectLabels, convert, readReleases } from '@wxyc/convert';
import { dedup } from '@wxyc/dedup';
import { enrich } from '@wxyc/enrich';
import { startApi, startDumpSite, type Api, type DumpSite } from '@wxyc/fault-server';
import { fetchDumps } from '@wxyc/fetch';
import { filter } from '@wxyc/filter';
import { fixNewlines } from '@wxyc/fix-newlines';
import { importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { readLibrary } from '@wxyc/library';
import { LibraryIndex } from '@wxyc/matching';
import { runPipeline } from '@wxyc/pipeline';
import { checkSchema, createSchema, publish, undoPublication } from '@wxyc/schema';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { type Progress, type ProgressUnit } from '@wxyc/step';
import { temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { vacuum } from '@wxyc/vacuum';
import { copyTo, explainAlbum, match, prune, review, verify } from '@wxyc/verify';

interface Task {
  label: string;
  unit: ProgressUnit;
  total: number | undefined;
  done: number[];
  notes: string[];
  ended: boolean;
}

class Recorder implements Progress {
  readonly tasks: Task[] = [];
  start(label: string, { unit, total }: { unit: ProgressUnit; total?: number | undefined }) {
    const task: Task = { label, unit, total, done: [], notes: [], ended: false };
    this.tasks.push(task);
    return {
      update: (done: number, note?: string) => {
        if (task.ended) throw new Error(`${label} goes on after its end`);
        task.done.push(done);
        if (note !== undefined && task.notes.at(-1) !== note) task.notes.push(note);
      },
      end: () => void (task.ended = true),
    };
  }

  get labels(): string[] {
    return this.tasks.map(({ label }) => label);
  }

  /** Everything wrong with the tasks. */
  get faults(): string[] {
    return this.tasks.flatMap(({ label, unit, total, done, notes, ended }) => [
      ...(ended ? [] : [`${label} does not end`]),
      ...(unit === 'parts' && notes.length === 0 ? [`${label} names no part`] : []),
      ...(done.some((count, at) => count < (done[at - 1] ?? 0)) ? [`${label} goes back`] : []),
      ...(total !== undefined && Math.max(0, ...done) > total ? [`${label} goes beyond it`] : []),
    ]);
  }
}

const schema = 'discogs_next';
const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const [dump, libraryDb, csvDir] = [file('releases.xml.gz'), file('library.db'), file('csv')];
const sample = { releases: 400, albums: 30 };
let [database, target]: TestDatabase[] = [];
let site: DumpSite;
let api: Api;
let databaseUrl: string;

beforeAll(async () => {
  writeLibrary(libraryDb, file('artists.txt'), sample);
  await writeDump(dump, sample);
  await convert({ inputs: [dump], output: csvDir });
  writeFileSync(
    file('artists.xml'),
    '<artists><artist><id>1</id><name>Somebody</name></artist></artists>',
  );
  writeFileSync(
    file('labels.xml'),
    '<labels><label><id>1</id><name>Some</name><sublabels><label id="2">Other</label></sublabels></label></labels>',
  );
  [database, target] = await Promise.all([testDatabase(), testDatabase()]);
  databaseUrl = database.url;
  const kinds = ['releases', 'artists', 'labels', 'masters'];
  site = await startDumpSite({
    files: Object.fromEntries(
      kinds.map((kind) => [`discogs_20260901_${kind}.xml.gz`, gzipSync('<releases></releases>')]),
    ),
  });
  api = await startApi({ limit: 6000 });
});
afterAll(() => Promise.all([site.close(), api.close(), database!.drop(), target!.drop()]));

/** In a run's order: each finds what the one before has left. */
const steps: [
  name: string,
  run: (context: { progress: Progress }) => Promise<unknown>,
  labels: string[],
][] = [
  [
    'fetch',
    (context) =>
      fetchDumps(
        { month: '2026-09', kinds: ['releases'], output: file('dumps'), baseUrl: site.url },
        context,
      ),
    ['fetch discogs_20260901_releases.xml.gz'],
  ],
  ['enrich', (context) => enrich({ libraryDb, output: file('names.txt') }, context), ['enrich']],
  [
    'convert',
    (context) => convert({ inputs: [dump], output: file('converted') }, context),
    ['convert releases'],
  ],
  [
    'readReleases',
    async ({ progress }) => {
      for await (const _ of readReleases(dump, { progress }));
    },
    ['read releases'],
  ],
  [
    'collectAliases',
    (context) =>
      collectAliases(
        file('artists.xml'),
        new LibraryIndex([{ artist: 'Somebody', title: 'Something' }]),
        file('aliases.csv'),
        context,
      ),
    ['read aliases'],
  ],
  [
    'collectLabels',
    (context) => collectLabels(file('labels.xml'), ['Some'], file('labels.csv'), context),
    ['read labels'],
  ],
  [
    'fix-newlines',
    (context) => fixNewlines({ input: csvDir, output: file('clean') }, context),
    ['fix newlines'],
  ],
  [
    'filter',
    (context) =>
      filter({ libraryArtists: file('artists.txt'), input: csvDir, output: file('kept') }, context),
    ['filter'],
  ],
  [
    'import',
    async (context) => {
      await createSchema({ databaseUrl, schema });
      await importCsv({ csvDir, databaseUrl, schema, rejectsFile: file('rejects.csv') }, context);
    },
    ['import'],
  ],
  ['match', (context) => match({ databaseUrl, schema, libraryDb }, context), ['match']],
  ['dedup', (context) => dedup({ databaseUrl, schema, libraryDb }, context), ['dedup']],
  ['verify', (context) => verify({ databaseUrl, schema, libraryDb }, context), ['match', 'verify']],
  ['prune', (context) => prune({ databaseUrl, schema, libraryDb }, context), ['prune']],
  ['carry over', (context) => carryOver({ databaseUrl, schema }, context), ['carry over']],
  ['index', (context) => buildIndexes({ databaseUrl, schema }, context), ['indexes']],
  ['vacuum', (context) => vacuum({ databaseUrl, schema }, context), ['vacuum']],
  ['check', (context) => checkSchema({ databaseUrl, schema }, context), ['check']],
  ['publish', (context) => publish({ databaseUrl }, context), ['publish', 'check']],
  [
    'explain --album',
    (context) => {
      const { artist, title } = readLibrary(libraryDb)[0]!;
      return explainAlbum({ databaseUrl, libraryDb, artist, title }, context);
    },
    ['explain'],
  ],
  [
    'review',
    (context) =>
      review(
        { databaseUrl, libraryDb, mappingsFile: file('map.json'), keepIds: file('ids.txt') },
        () => Promise.resolve('quit'),
        context,
      ),
    ['match'],
  ],
  [
    'copy',
    (context) => copyTo({ databaseUrl, libraryDb, targetUrl: target!.url }, context),
    ['match', 'verify', 'copy', 'carry over', 'indexes', 'vacuum', 'publish', 'check'],
  ],
  [
    'copy over a cache',
    (context) => copyTo({ databaseUrl, libraryDb, targetUrl: target!.url }, context),
    ['compare coverage'],
  ],
  [
    'artwork',
    (context) =>
      fillArtwork({ databaseUrl, token: 'abc', baseUrl: api.url, limit: 2, rate: 6000 }, context),
    ['artwork'],
  ],
  [
    'pipeline',
    (context) =>
      runPipeline({ xml: dump, libraryDb, databaseUrl, stateFile: file('state.json') }, context),
    ['enrich', 'convert releases', 'import', 'match', 'dedup', 'indexes', 'vacuum', 'publish'],
  ],
  ['undo', (context) => undoPublication({ databaseUrl }, context), ['undo', 'check']],
];

test.each(steps)('%s', async (_, run, labels) => {
  const progress = new Recorder();
  await run({ progress });
  expect(progress.labels).toEqual(expect.arrayContaining(labels));
  expect(progress.faults).toEqual([]);
});
