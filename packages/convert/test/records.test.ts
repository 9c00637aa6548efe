/** Records as objects are what convert writes, of all four kinds, from files and from streams. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import Papa from 'papaparse';
import {
  readArtists,
  readLabels,
  readMasters,
  readReleases,
  type DumpInput,
  type ReadRecordsOptions,
  type Reject,
} from '@wxyc/convert';
import { dumpFor, dumps, type DumpKind } from '@wxyc/dataset';
import { temporaryFolder } from '@wxyc/testing';
import { quickTree } from '../dist/quick-tree.js';
import { readRecord } from '../dist/record-tree.js';
import { noRepairs, repairedText } from '../dist/repair.js';
import { convertBytes } from './memory.ts';
import { asRecordsHaveThem, rowsOf, type Rows } from './records.ts';
import { credit, dumpXml, release, releaseXml, spelling, text } from './releases.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const broken = (name: string): string => join(fixtures, 'broken', name);
const read: Record<
  DumpKind,
  (input: DumpInput, options?: ReadRecordsOptions) => AsyncGenerator<object, void, void>
> = { release: readReleases, artist: readArtists, label: readLabels, master: readMasters };

async function all<T>(records: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const record of records) found.push(record);
  return found;
}
const streamOf = (...parts: (string | Buffer)[]): Readable =>
  Readable.from(parts.map((part) => Buffer.from(part)));

/** What the strict reader makes of a dump, by file; files without rows are left out. */
async function strictRows(kind: DumpKind, dump: Buffer | string): Promise<Rows> {
  const { files } = await convertBytes(dump, { kind, reader: 'strict', profile: 'full' });
  return Object.fromEntries(
    dumpFor(kind, 'full')
      .files.map(({ name, columns }): [string, string[][]] => {
        const { data } = Papa.parse<string[]>(files[name]!, { newline: '\r\n', delimiter: ',' });
        return [name, asRecordsHaveThem(name, columns, data.slice(0, -1))];
      })
      .filter(([, rows]) => rows.length > 0),
  );
}

async function expectSame(kind: DumpKind, dump: Buffer | string): Promise<void> {
  const records = await all(read[kind](streamOf(dump), { onReject: () => undefined }));
  expect(rowsOf(kind, records)).toEqual(await strictRows(kind, dump));
}

describe.each(['releases-2020', 'releases-2026'])('real releases, %s', (generation) => {
  const path = join(fixtures, generation, 'releases.xml.gz');
  const xml = gunzipSync(readFileSync(path)).toString();

  test('are those that the strict reader reads', async () => {
    await expectSame('release', xml);
    expect(rowsOf('release', await all(readReleases(path)))).toEqual(
      await strictRows('release', xml),
    );
  });

  test('all are spelt so that they are read quickly', () => {
    const records = xml.match(/<release [^]*?<\/release>/g)!;
    expect(records).toHaveLength(24);
    for (const record of records)
      if (!record.includes('\r')) expect(quickTree(record)).toEqual(readRecord(record));
  });
});

describe('whatever the records hold, and however they are spelt', () => {
  test('releases', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(release, { minLength: 1, maxLength: 3 }),
        fc.array(spelling, { minLength: 1, maxLength: 3 }),
        async (records, spellings) => expectSame('release', dumpXml(records, spellings)),
      ),
      { numRuns: 100 },
    );
  });

  test('artists, labels and masters', async () => {
    const escape = (value: string): string =>
      value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const element = (name: string, value: string, attributes = ''): string =>
      `<${name}${attributes}>${escape(value)}</${name}>`;
    const names = fc.array(fc.tuple(fc.nat(99), text), { maxLength: 3 });
    const parts = fc.record({
      id: fc.integer({ min: 1 }),
      texts: fc.array(text, { minLength: 4, maxLength: 4 }),
      names,
      credits: fc.array(credit, { maxLength: 3 }),
      quality: fc.constantFrom('Correct', ''),
      year: fc.constantFrom('0', '1999', ''),
    });
    const withIds = (list: string, item: string, given: [number, string][]): string =>
      `<${list}>${given.map(([id, name]) => element(item, name, ` id="${id}"`)).join('')}</${list}>`;
    const plain = (list: string, item: string, values: string[]): string =>
      `<${list}>${values.map((value) => element(item, value)).join('')}</${list}>`;
    const image = '<images><image type="primary" uri="u" uri150="" width="6" height="5"/></images>';
    await fc.assert(
      fc.asyncProperty(parts, async ({ id, texts, names: given, credits, quality, year }) => {
        const [name, second, third, fourth] = texts as [string, string, string, string];
        const common = `${image}${plain('urls', 'url', texts)}${element('data_quality', quality)}`;
        await expectSame(
          'artist',
          `<artists><artist><id>${id}</id>${element('name', name)}${element('realname', second)}${element('profile', third)}${common}${plain('namevariations', 'name', texts)}${withIds('aliases', 'name', given)}${withIds('members', 'name', given)}${withIds('groups', 'name', given)}</artist></artists>`,
        );
        await expectSame(
          'label',
          `<labels><label><id>${id}</id>${element('name', name)}${element('contactinfo', second)}${element('profile', third)}${element('parentLabel', fourth, ' id="4"')}${withIds('sublabels', 'label', given)}${common}</label></labels>`,
        );
        const artists = credits
          .map(
            (one) =>
              `<artist><id>${one.id}</id>${element('name', one.name)}${element('anv', one.anv)}${element('join', one.join)}${element('role', one.role)}</artist>`,
          )
          .join('');
        await expectSame(
          'master',
          `<masters><master id="${id}"><main_release>${id}</main_release><artists>${artists}</artists>${plain('genres', 'genre', texts)}${plain('styles', 'style', texts)}<year>${year}</year>${element('title', name)}${common}<videos><video src="s" duration="3" embed="true">${element('title', second)}${element('description', third)}</video></videos></master></masters>`,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('what is read quickly is what the strict reader reads, also of damaged records', () => {
    const pieces = [
      '<',
      '>',
      '&',
      '"',
      '/',
      '</a>',
      '<a>',
      '<b/>',
      ']]>',
      '\r',
      '&#1;',
      '&x;',
      ' a=""',
      '<!---->',
    ];
    let quick = 0;
    fc.assert(
      fc.property(
        release,
        spelling,
        fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom('', ...pieces)), { maxLength: 2 }),
        (record, how, damages) => {
          let xml = releaseXml(record, how);
          for (const [at, length, piece] of damages) {
            const p = at % xml.length;
            xml = xml.slice(0, p) + piece + xml.slice(p + length);
          }
          xml = repairedText(Buffer.from(xml), noRepairs());
          const tree = quickTree(xml);
          if (!tree) return;
          quick++;
          expect(tree).toEqual(readRecord(xml));
        },
      ),
      { numRuns: 1000 },
    );
    expect(quick).toBeGreaterThan(150);
  });
});

test('a stream is known to be gzipped whatever its pieces', async () => {
  const zipped = gzipSync('<releases><release id="7"><title>T</title></release></releases>');
  for (const first of [0, 1, 2])
    expect(
      await all(readReleases(streamOf(zipped.subarray(0, first), zipped.subarray(first)))),
    ).toMatchObject([{ id: 7 }]);
  expect(
    await all(readReleases(streamOf(...Array.from(zipped, (byte) => Buffer.of(byte))))),
  ).toMatchObject([{ id: 7 }]);
});

test('a record has everything that the dump says', async () => {
  const [first] = await all(
    readReleases(
      streamOf(
        '<releases><release id="7" status="Accepted"><images><image type="primary" uri="u" uri150="v" width="600" height="59"/></images><artists><artist><id>0</id><name>A</name><anv>B</anv><join>&amp;</join></artist></artists><title>T</title><labels><label name="L" catno="1" id="2"/></labels><series><series name="S" catno="3" id="4"/></series><master_id is_main_release="true">9</master_id><tracklist><track><title>Head</title><sub_tracks><track><position>1a</position><title>Sub</title></track></sub_tracks></track></tracklist><companies><company><id>5</id><name>P</name><catno>C</catno><entity_type>17</entity_type></company></companies></release></releases>',
      ),
    ),
  );
  expect(first).toEqual({
    id: 7,
    status: 'Accepted',
    title: 'T',
    artists: [{ artistId: null, name: 'A', nameVariation: 'B', join: '&', role: '', tracks: '' }],
    extraArtists: [],
    labels: [{ id: 2, name: 'L', catalogNumber: '1' }],
    series: [{ id: 4, name: 'S', catalogNumber: '3' }],
    formats: [],
    genres: [],
    styles: [],
    country: '',
    released: '',
    notes: '',
    dataQuality: '',
    masterId: 9,
    isMainRelease: true,
    tracks: [
      {
        sequence: 1,
        position: '',
        title: 'Head',
        duration: '',
        artists: [],
        extraArtists: [],
        subTracks: [
          {
            sequence: 2,
            position: '1a',
            title: 'Sub',
            duration: '',
            artists: [],
            extraArtists: [],
            subTracks: [],
          },
        ],
      },
    ],
    identifiers: [],
    videos: [],
    companies: [
      {
        id: 5,
        name: 'P',
        catalogNumber: 'C',
        entityType: 17,
        entityTypeName: '',
        resourceUrl: '',
      },
    ],
    images: [{ type: 'primary', width: 600, height: 59, uri: 'u', uri150: 'v' }],
  });
  const [artist] = await all(
    readArtists(
      streamOf(
        '<artists><artist><id>1</id><members><id>26</id><name id="26">M</name></members><groups><name id="3">G</name></groups></artist></artists>',
      ),
    ),
  );
  expect(artist).toMatchObject({
    name: '[artist #1]',
    members: [{ id: 26, name: 'M' }],
    groups: [{ id: 3, name: 'G' }],
  });
  const labels = await all(
    readLabels(
      streamOf(
        '<labels><label><id>1</id><name>L</name><sublabels><label id="2">S</label></sublabels></label><label><id>3</id><parentLabel id="1">L</parentLabel></label></labels>',
      ),
    ),
  );
  expect(labels).toMatchObject([
    { name: 'L', parentLabel: null, sublabels: [{ id: 2, name: 'S' }] },
    { name: '', parentLabel: { id: 1, name: 'L' } },
  ]);
});

const simple = (count: number): string =>
  `<releases>${Array.from({ length: count }, (_, id) => `<release id="${id + 1}"><title>T</title></release>`).join('\n')}</releases>`;
const idsOf = (records: readonly { id: number }[]): number[] => records.map(({ id }) => id);

describe('records that cannot be read', () => {
  const dump =
    '<releases><release id="1"><title>A</title></release><release id="2"><title>B</release><release id="x"/><release id="4"/></releases>';

  test('the first one ends the iteration, if there is no onReject', async () => {
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const { id } of readReleases(streamOf(dump))) seen.push(id);
      })(),
    ).rejects.toMatchObject({
      code: 'INPUT',
      message: expect.stringMatching(/^the stream: release 2 at byte 52 .*malformed/),
    });
    expect(seen).toEqual([1]);
  });

  test('are passed over and reported, as many as are allowed', async () => {
    const rejects: Reject[] = [];
    const onReject = (reject: Reject): void => void rejects.push(reject);
    expect(idsOf(await all(readReleases(streamOf(dump), { onReject })))).toEqual([1, 4]);
    const strict = await convertBytes(dump, { reader: 'strict' });
    expect(rejects).toEqual(strict.rejects);
    await expect(
      all(readReleases(streamOf(dump), { onReject, maxRejects: 1 })),
    ).rejects.toMatchObject({ code: 'INPUT', message: expect.stringContaining('more than 1') });
  });
});

test('damage is reported after everything before it', async () => {
  const seen: number[] = [];
  const whole = simple(5);
  await expect(
    (async () => {
      for await (const { id } of readReleases(
        streamOf(whole.slice(0, whole.lastIndexOf('<rel') + 9)),
      ))
        seen.push(id);
    })(),
  ).rejects.toMatchObject({ code: 'INPUT_TRUNCATED', message: expect.stringContaining('cut off') });
  expect(seen).toEqual([1, 2, 3, 4]);
  for (const name of ['truncated.xml.gz', 'corrupt.xml.gz', 'wrong-checksum.xml.gz'])
    for (const input of [broken(name), streamOf(readFileSync(broken(name)))])
      await expect(all(readReleases(input, { onReject: () => undefined }))).rejects.toMatchObject({
        code: 'INPUT_TRUNCATED',
        message: expect.stringMatching(/at byte \d+ of the uncompressed data/),
      });
});

test('senseless options are refused at the call, not at the first record', () => {
  const call = (options: object) => () => readReleases('x', options as ReadRecordsOptions);
  expect(call({ limit: 0 })).toThrow(/limit must be a whole number/);
  expect(call({ signals: 1 })).toThrow(/no option signals/);
  expect(call({ maxRejects: 3 })).toThrow(/needs onReject/);
  expect(() => readReleases(undefined as unknown as string)).toThrow(/needs a dump/);
});

test('another kind of dump, text for bytes, a failing stream and a missing file are reported', async () => {
  await expect(all(readArtists(streamOf(simple(1))))).rejects.toThrow(
    'the stream is a releases dump; give an artists dump',
  );
  await expect(
    all(readReleases(Readable.from(['<releases>']) as AsyncIterable<Buffer>)),
  ).rejects.toThrow(/yields text where bytes are needed/);
  const failing = new PassThrough();
  failing.write('<releases>');
  setImmediate(() => failing.destroy(new Error('no route')));
  await expect(all(readReleases(failing))).rejects.toMatchObject({
    code: 'INPUT',
    message: 'the stream cannot be read: no route',
  });
  await expect(all(readReleases('nowhere.xml'))).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});

/** Files below the folder that this process has open. */
const openBelow = (folder: string): string[] =>
  readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((target) => target.startsWith(folder));

describe('the dump is closed', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'releases.xml.gz');
  beforeAll(() => writeFileSync(path, gzipSync(simple(40_000))));

  test('when the loop is left, at the limit, at a failure, and when it is aborted', async () => {
    for await (const { id } of readReleases(path)) if (id === 3) break;
    expect(openBelow(folder)).toEqual([]);
    expect(idsOf(await all(readReleases(path, { limit: 2 })))).toEqual([1, 2]);
    expect(openBelow(folder)).toEqual([]);
    await expect(
      (async () => {
        for await (const { id } of readReleases(path)) if (id === 5) throw new Error('mine');
      })(),
    ).rejects.toThrow('mine');
    expect(openBelow(folder)).toEqual([]);
    const controller = new AbortController();
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const { id } of readReleases(path, { signal: controller.signal })) {
          seen.push(id);
          if (id === 4) controller.abort();
        }
      })(),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(openBelow(folder)).toEqual([]);
  });

  test('a stream that brings nothing is given up at once, and destroyed', async () => {
    const silent = new PassThrough();
    silent.write('<releases>');
    const controller = new AbortController();
    const reading = all(readReleases(silent, { signal: controller.signal }));
    await pause(20);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(silent.destroyed).toBe(true);
  });
});

test('the places of all kinds are known', () => {
  expect(Object.keys(read).sort()).toEqual(Object.keys(dumps).sort());
});
