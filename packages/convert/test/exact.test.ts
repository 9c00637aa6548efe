import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import Papa from 'papaparse';
import { convert } from '@wxyc/convert';
import { dumps } from '@wxyc/dataset';
import { temporaryFolder } from '@wxyc/testing';
import { releaseFile } from '../dist/release-rows.js';
import { convertBytes } from './memory.ts';
import { dumpXml, expectedRows, release, spelling } from './releases.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const parse = (csv: string): string[][] => Papa.parse<string[]>(csv, { newline: '\r\n', delimiter: ',' }).data.slice(0, -1);
const rows = (files: Record<string, string>) => Object.fromEntries(Object.entries(files).map(([name, csv]) => [name, parse(csv)]));

describe.each(['releases-2020', 'releases-2026'])('real releases, %s', (generation) => {
  const expected = join(fixtures, generation, 'expected');

  test('all twelve files are those of discogs-xml2db, byte for byte', async () => {
    const output = temporaryFolder();
    const result = await convert({ inputs: [join(fixtures, generation)], output });
    expect(readdirSync(output).sort()).toEqual(readdirSync(expected).sort());
    for (const name of readdirSync(expected)) expect(readFileSync(join(output, name), 'latin1')).toBe(readFileSync(join(expected, name), 'latin1'));
    expect(result).toMatchObject({ step: 'convert', unit: 'releases', read: 24, written: 24, dropped: {}, lastId: '51' });
    expect(result.files['release']).toBe(24);
  });

  test('any chunks and batches, also of one byte, give the same bytes', async () => {
    const dump = gunzipSync(readFileSync(join(fixtures, generation, 'releases.xml.gz'))).subarray(0, 30_000);
    const cut = Buffer.concat([dump.subarray(0, dump.lastIndexOf('</release>') + 10), Buffer.from('</releases>')]);
    const whole = await convertBytes(cut);
    expect(whole.counts.written).toBeGreaterThanOrEqual(5);
    for (const [chunk, size] of [[1, 1], [1, 4096], [7, 100], [1000, 333], [65_536, 1]] as const) {
      const parts = await convertBytes(cut, { chunk, size });
      expect(parts.files).toEqual(whole.files);
      expect(parts.counts).toEqual(whole.counts);
    }
  });
});

test('the places of the release files are those of the dataset', () => {
  expect(dumps.release.files.map(({ name }) => name.replace(/^release_?/, '').replace(/_(\w)/, (_, letter: string) => letter.toUpperCase()) || 'release')).toEqual(Object.keys(releaseFile));
});

describe('property', () => {
  const dump = fc.tuple(fc.array(release, { minLength: 1, maxLength: 4 }), fc.array(spelling, { minLength: 1, maxLength: 4 }));

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

  test('both readers give the same bytes, newlines cleaned or not', async () => {
    await fc.assert(
      fc.asyncProperty(dump, fc.boolean(), async ([records, spellings], cleanNewlines) => {
        const xml = dumpXml(records, spellings);
        const [fast, strict] = [await convertBytes(xml, { reader: 'fast', cleanNewlines }), await convertBytes(xml, { reader: 'strict', cleanNewlines })];
        expect(fast).toEqual(strict);
        if (cleanNewlines) expect(Object.values(fast.files).join('').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 60 },
    );
  });

  test('any chunking gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(dump, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2000 }), async ([records, spellings], chunk, size) => {
        const xml = dumpXml(records, spellings);
        expect(await convertBytes(xml, { chunk, size })).toEqual(await convertBytes(xml));
      }),
      { numRuns: 60 },
    );
  });
});
