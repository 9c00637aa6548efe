/** Every function that takes a library takes a file, rows, or an iterable of rows, and does the same with each. */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surveyArtwork } from '@wxyc/artwork';
import { convert } from '@wxyc/convert';
import { dedup } from '@wxyc/dedup';
import { enrich } from '@wxyc/enrich';
import { filter } from '@wxyc/filter';
import { importCsv } from '@wxyc/import';
import type { LibraryGiven, LibraryRow } from '@wxyc/library';
import { describePlan, diagnose, runPipeline } from '@wxyc/pipeline';
import { createSchema } from '@wxyc/schema';
import { temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { copyTo, explain, explainAlbum, match, prune, review, verify } from '@wxyc/verify';

const rows: LibraryRow[] = [
  { artist: 'Noor', title: 'Tides', label: 'Onderland' },
  { artist: 'Kessler', title: 'Night Ferry', format: 'CD', year: 2014 },
  { artist: 'Ilse Brandt', title: 'Salt and Vinegar' },
];
const release = (id: number, artist: string, title: string, master: number): string =>
  `<release id="${id}" status="Accepted"><artists><artist><id>${id}</id><name>${artist}</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>${title}</title><labels><label name="Onderland" catno="O ${id}" id="1"/></labels><formats><format name="CD" qty="1" text=""><descriptions/></format></formats><master_id is_main_release="false">${master}</master_id><tracklist><track><position>1</position><title>One</title><duration></duration></track></tracklist></release>`;
const dump = `<releases>\n${[release(1, 'Noor', 'Tides', 9), release(2, 'Noor', 'Tides', 9), release(3, 'Kessler', 'Night Ferry', 0), release(4, 'Ilse Brandt', 'Salt and Vinegars', 0), release(5, 'Somebody', 'Else', 0)].join('\n')}\n</releases>\n`;

async function* cursor(): AsyncGenerator<LibraryRow> {
  for (const row of rows) yield await Promise.resolve(row);
}

let folder: string;
let database: TestDatabase;
let other: TestDatabase;
const path = (name: string): string => join(folder, name);

/** What each function answers, without times and places. */
async function answers(given: () => LibraryGiven): Promise<Record<string, unknown>> {
  folder = temporaryFolder();
  [database, other] = [await testDatabase(), await testDatabase()];
  try {
    writeFileSync(path('releases.xml'), dump);
    const inDatabase = () => ({ ...given(), databaseUrl: database.url });
    const run = () => ({
      ...inDatabase(),
      xml: path('releases.xml'),
      stateFile: path('state.json'),
    });
    const inBuild = () => ({ ...inDatabase(), schema: 'discogs_next' });
    const results: [string, () => Promise<unknown>][] = [
      ['diagnose', () => diagnose(run())],
      ['describePlan', () => describePlan(run())],
      ['enrich', () => enrich({ ...given(), output: path('names.txt') })],
      ['names', () => readFile(path('names.txt'), 'utf8')],
      [
        'convert',
        () =>
          convert({
            ...given(),
            inputs: [path('releases.xml')],
            output: path('csv'),
            matchedOnly: true,
            decisions: path('decisions.csv'),
          }),
      ],
      [
        'filter',
        () =>
          filter({
            ...given(),
            libraryArtists: path('names.txt'),
            input: path('csv'),
            output: path('filtered'),
            matchedOnly: true,
          }),
      ],
      ['createSchema', () => createSchema({ databaseUrl: database.url, schema: 'discogs_next' })],
      [
        'import',
        () =>
          importCsv({
            csvDir: path('csv'),
            databaseUrl: database.url,
            schema: 'discogs_next',
            mode: 'base',
          }),
      ],
      ['match', () => match(inBuild())],
      ['dedup', () => dedup(inBuild())],
      ['runPipeline', () => runPipeline(run())],
      ['verify', () => verify(inDatabase())],
      ['explain', () => explain({ ...inDatabase(), releaseId: 4 })],
      ['explainAlbum', () => explainAlbum({ ...inDatabase(), artist: 'Noor', title: 'Tides' })],
      ['surveyArtwork', () => surveyArtwork(inDatabase())],
      [
        'review',
        () =>
          review(
            { ...inDatabase(), mappingsFile: path('mappings.json'), keepIds: path('ids.txt') },
            () => Promise.resolve('skip'),
          ),
      ],
      ['copyTo', () => copyTo({ ...inDatabase(), targetUrl: other.url })],
      ['prune', () => prune(inDatabase())],
      ['releases', () => other.query('SELECT id FROM release ORDER BY id')],
    ];
    const found: Record<string, unknown> = {};
    for (const [name, call] of results) found[name] = plain(await call());
    return found;
  } finally {
    await Promise.all([database.drop(), other.drop()]);
  }
}

/** As text, without what differs from run to run. */
function plain(value: unknown): unknown {
  const text =
    JSON.stringify(value, (key, item: unknown) =>
      /seconds|bytes|^runId$|Mb$|size|rss|memory|savings|finished|started|space/i.test(key)
        ? undefined
        : item,
    ) ?? '';
  return text
    .replaceAll(folder, '')
    .replaceAll(database.url, 'DATABASE')
    .replaceAll(other.url, 'TARGET')
    .replace(/[\d.]+ GB (?=free|of memory)/g, 'SOME GB ');
}

test('rows, a generator and an async generator do the same', async () => {
  const expected = await answers(() => ({ library: rows }));
  expect(JSON.parse(expected['releases'] as string)).toEqual([{ id: 1 }, { id: 3 }, { id: 4 }]);
  for (const given of [() => ({ library: cursor() }), () => ({ libraryDb: rows.values() })]) {
    const found = await answers(given);
    for (const [name, answer] of Object.entries(expected))
      expect({ name, answer: found[name] }).toEqual({ name, answer });
  }
}, 180_000);
