import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import Papa from 'papaparse';
import { convert } from '@wxyc/convert';
import { dumps, filesOf, profiles } from '@wxyc/dataset';
import { temporaryFolder } from '@wxyc/testing';
import { CsvBytes } from '../dist/csv-bytes.js';
import { FastReleaseReader } from '../dist/fast-release.js';
import { frameSize, FrameTable } from '../dist/frame-table.js';
import { Framer } from '../dist/framing.js';
import { createListWalk } from '../dist/list-walk.js';
import { ReleaseWalk } from '../dist/release-walk.js';
import { releaseFile } from '../dist/release-rows.js';
import { convertBytes } from './memory.ts';
import { dumpXml, expectedRows, release, spelling } from './releases.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const parse = (csv: string): string[][] =>
  Papa.parse<string[]>(csv, { newline: '\r\n', delimiter: ',' }).data.slice(0, -1);
const rows = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, csv]) => [name, parse(csv)]));

describe.each(['releases-2020', 'releases-2026'])('real releases, %s', (generation) => {
  const expected = join(fixtures, generation, 'expected');

  test('all twelve files are those of discogs-xml2db, byte for byte', async () => {
    const output = temporaryFolder();
    const result = await convert({ inputs: [join(fixtures, generation)], output });
    expect(readdirSync(output).sort()).toEqual(readdirSync(expected).sort());
    for (const name of readdirSync(expected))
      expect(readFileSync(join(output, name), 'latin1')).toBe(
        readFileSync(join(expected, name), 'latin1'),
      );
    expect(result).toMatchObject({
      step: 'convert',
      unit: 'releases',
      read: 24,
      written: 24,
      dropped: {},
      lastId: '51',
    });
    expect(result.files['release']).toBe(24);
  });

  test('trap 09: any chunks and batches, also of one byte, give the same bytes', async () => {
    const dump = gunzipSync(readFileSync(join(fixtures, generation, 'releases.xml.gz'))).subarray(
      0,
      30_000,
    );
    const cut = Buffer.concat([
      dump.subarray(0, dump.lastIndexOf('</release>') + 10),
      Buffer.from('</releases>'),
    ]);
    const whole = await convertBytes(cut);
    expect(whole.counts.written).toBeGreaterThanOrEqual(5);
    for (const [chunk, size] of [
      [1, 1],
      [1, 4096],
      [7, 100],
      [1000, 333],
      [65_536, 1],
    ] as const) {
      const parts = await convertBytes(cut, { chunk, size });
      expect(parts.files).toEqual(whole.files);
      expect(parts.counts).toEqual(whole.counts);
    }
  });
});

describe('neighbours stay apart', () => {
  const convertBoth = async (xml: string) => {
    const [fast, strict] = [
      await convertBytes(xml, { reader: 'fast' }),
      await convertBytes(xml, { reader: 'strict' }),
    ];
    expect(fast).toEqual(strict);
    return rows(fast.files);
  };

  test('trap 08: empty elements swallow nothing, and nothing is inherited from the record before', async () => {
    const files = await convertBoth(
      '<releases><release id="1" status="Accepted"><images/><artists><artist><id>5</id><name>A</name><anv>B</anv><join/><role/><tracks/></artist></artists><title>One</title><country>US</country><notes>n</notes><master_id is_main_release="true">7</master_id></release>' +
        '<release id="2" status="Accepted"><images/><artists><artist><name>C</name></artist></artists><title/><labels/><tracklist/></release></releases>',
    );
    expect(files['release']).toEqual([
      ['1', 'One', '', 'US', 'n', '', '7', 'Accepted'],
      ['2', '', '', '', '', '', '', 'Accepted'],
    ]);
    expect(files['release_artist']).toEqual([
      ['1', '5', 'A', '0', 'B', '1', '', '', ''],
      ['2', '', 'C', '0', '', '1', '', '', ''],
    ]);
  });

  test("trap 08: a track's or a video's title is not the release's, a series is not a label", async () => {
    const files = await convertBoth(
      '<releases><release id="1" status="Accepted"><series><series name="S" catno="1" id="2"/></series><tracklist><track><position>1</position><title>Track</title></track></tracklist><videos><video src="u" duration="1" embed="true"><title>Video</title></video></videos></release></releases>',
    );
    expect(files['release']![0]![1]).toBe('');
    expect(files['release_label']).toEqual([]);
    expect(files['release_track']![0]![4]).toBe('Track');
  });

  test('a child that occurs twice counts once, the last one; sub-tracks keep their place in the count', async () => {
    const files = await convertBoth(
      '<releases><release id="1" status="Accepted"><title>Old</title><title>New</title><genres><genre>A</genre></genres><genres><genre>B</genre></genres><tracklist><track><title>Gone</title></track></tracklist>' +
        '<tracklist><track><title>Head</title><sub_tracks><track><title>Sub</title><sub_tracks><track><title>Deep</title></track></sub_tracks></track></sub_tracks></track><track><title>Last</title></track></tracklist></release>' +
        '<release id="2" status="Accepted"><tracklist><track><title>Next</title></track></tracklist></release></releases>',
    );
    expect(files['release']![0]![1]).toBe('New');
    expect(files['release_genre']).toEqual([['1', 'B']]);
    // release_id, sequence, position, parent, title, duration, track_id
    expect(files['release_track']).toEqual([
      ['1', '1', '', '', 'Head', '', '2'],
      ['1', '2', '', '1', 'Sub', '', '3'],
      ['1', '3', '', '2', 'Deep', '', '4'],
      ['1', '4', '', '', 'Last', '', '5'],
      ['2', '1', '', '', 'Next', '', '6'],
    ]);
  });

  test('extra credits listed before the main ones come after them', async () => {
    const credits = (...names: string[]): string =>
      names.map((name) => `<artist><id>1</id><name>${name}</name></artist>`).join('');
    const files = await convertBoth(
      `<releases><release id="1" status="Accepted"><extraartists>${credits('Extra')}</extraartists><artists>${credits('Main', 'Other')}</artists><title>T</title></release></releases>`,
    );
    expect(files['release_artist']!.map(([, , name, extra]) => `${name} ${extra}`)).toEqual([
      'Main 0',
      'Other 0',
      'Extra 1',
    ]);
  });

  test.each(['\uFFFE', '\uFFFF'])('%j, which is not a character, becomes U+FFFD', async (none) => {
    const files = await convertBoth(
      `<releases><release id="1" status="Accepted"><title>A${none}B</title></release></releases>`,
    );
    expect(files['release']![0]![1]).toBe('A\uFFFDB');
  });

  test('a limit holds across batches', async () => {
    const xml = `<releases>${[1, 2, 3, 4, 5].map((id) => `<release id="${id}" status="Accepted"><title>T</title></release>`).join('')}</releases>`;
    for (const size of [1, 100, 10_000]) {
      const { files, counts } = await convertBytes(xml, { limit: 3, size });
      expect({ size, written: counts.written }).toEqual({ size, written: 3 });
      expect(rows(files)['release']!.map(([id]) => id)).toEqual(['1', '2', '3']);
    }
  });
});

test('every real release is walked, and taken by the fast reader itself', async () => {
  for (const generation of ['releases-2020', 'releases-2026']) {
    const dump = gunzipSync(readFileSync(join(fixtures, generation, 'releases.xml.gz')));
    const table = new FrameTable();
    const from = dump.indexOf('<releases>') + 10;
    new Framer('release').frames(dump, from, dump.length, table, true);
    const reader = new FastReleaseReader(
      dumps.release.files.map(() => new CsvBytes()),
      false,
      'lean',
    );
    const lists = createListWalk();
    lists.reserve(dump.length);
    dump.copy(lists.bytes);
    const walk = new ReleaseWalk(lists);
    for (let at = 0; at < table.count * frameSize; at += frameSize) {
      const [start, end] = table.values.subarray(at);
      expect(reader.read(dump, start!, end!, 0)).toBe(true);
      expect(walk.walk(start!, end!)).toBe(end);
    }
    expect(table.count).toBe(24);
  }
});

test('the release files are in the dataset’s order', () => {
  expect(
    filesOf('full', 'release').map(
      ({ name }) =>
        name
          .replace(/^release_?/, '')
          .replace(/_(\w)/, (_, letter: string) => letter.toUpperCase()) || 'release',
    ),
  ).toEqual(Object.keys(releaseFile));
});

describe('property', () => {
  const dump = fc.tuple(
    fc.array(release, { minLength: 1, maxLength: 4 }),
    fc.array(spelling, { minLength: 1, maxLength: 4 }),
  );

  test('any release survives XML, CSV and parsing, however it is spelt, read fast or strictly', async () => {
    await fc.assert(
      fc.asyncProperty(dump, async ([records, spellings]) => {
        const xml = dumpXml(records, spellings);
        const expected = expectedRows(records);
        for (const reader of ['strict', 'fast'] as const) {
          const result = await convertBytes(xml, { reader });
          expect(result.rejects).toEqual([]);
          expect(rows(result.files)).toEqual(expected);
          expect(result.problem).toBeUndefined();
        }
      }),
      { numRuns: 60 },
    );
  });

  test('both readers give the same bytes, newlines cleaned or not, in either profile', async () => {
    const options = fc.record({
      cleanNewlines: fc.boolean(),
      profile: fc.constantFrom(...profiles),
    });
    await fc.assert(
      fc.asyncProperty(dump, options, async ([records, spellings], given) => {
        const xml = dumpXml(records, spellings);
        const [fast, strict] = [
          await convertBytes(xml, { reader: 'fast', ...given }),
          await convertBytes(xml, { reader: 'strict', ...given }),
        ];
        expect(fast).toEqual(strict);
        if (given.cleanNewlines)
          expect(Object.values(fast.files).join('').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 60 },
    );
  });

  test('any chunking gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        dump,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 2000 }),
        async ([records, spellings], chunk, size) => {
          const xml = dumpXml(records, spellings);
          expect(await convertBytes(xml, { chunk, size })).toEqual(await convertBytes(xml));
        },
      ),
      { numRuns: 60 },
    );
  });
});
