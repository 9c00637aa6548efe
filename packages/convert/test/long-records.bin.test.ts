// Records longer than any real one, and dumps that inflate to a thousand times their size: rejected alone, memory bounded.
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { runBin, temporaryFolder } from '@wxyc/testing';
import { convertBytes } from './memory.js';

const megabyte = 1024 * 1024;
const release = (id: number, notes: string): string =>
  `<release id="${id}" status="Accepted"><artists><artist><id>1</id><name>A</name></artist></artists><title>T${id}</title><notes>${notes}</notes><tracklist><track><position>1</position><title>T</title></track></tracklist></release>\n`;
const repeated = (text: string, bytes: number): string =>
  text.repeat(Math.floor(bytes / Buffer.byteLength(text)));
const note = (bytes: number): string => repeated('a note, "quoted" \u00e9 &amp; ', bytes);
const tracks = (bytes: number): string =>
  repeated('<track><position>1</position><title>T &amp; \u00e9</title></track>', bytes);
const longTracks = (id: number, bytes: number): string =>
  release(id, 'n').replace('<tracklist>', `<tracklist>${tracks(bytes)}`);

describe('a record that is too long', () => {
  test.each([
    ['walked', release(2, note(5 * megabyte))],
    ['with a comment', release(2, `<!-- c -->${note(5 * megabyte)}`)],
    ['many times too long', release(2, note(19 * megabyte))],
    ['many times too long, of tracks', longTracks(2, 13 * megabyte)],
    ['without an end', release(2, note(9 * megabyte)).replace('</release>', '')],
  ])('is one reject, its neighbours stay: %s', async (_, record) => {
    const dump = Buffer.from(
      `<releases>\n${release(1, 'n')}${record}${release(3, 'n')}</releases>\n`,
    );
    for (const chunk of [megabyte, 777_777]) {
      const { files, counts, rejects, problem, lastId } = await convertBytes(dump, { chunk });
      expect(problem).toBeUndefined();
      expect(counts).toMatchObject({ read: 3, written: 2, rejected: 1 });
      expect(rejects).toMatchObject([
        {
          id: '2',
          offset: dump.indexOf('<release id="2"'),
          reason: 'longer than 4 MB, which no record is',
        },
      ]);
      expect(lastId).toBe('3');
      // Its tracks count, as those of all rejected records.
      const before = record.split('<track>').length;
      expect(files['release_track']!.split('\r\n').slice(0, 2)).toEqual([
        '1,1,1,,T,,1',
        `3,1,1,,T,,${1 + before}`,
      ]);
    }
  });

  test('at the end of the dump', async () => {
    const whole = await convertBytes(
      `<releases>\n${release(1, 'n')}${release(2, note(9 * megabyte))}</releases>\n`,
    );
    expect(whole).toMatchObject({
      problem: undefined,
      counts: { read: 2, written: 1, rejected: 1 },
    });
    const cut = await convertBytes(
      `<releases>\n${release(1, 'n')}${release(2, note(9 * megabyte))}`.slice(0, -40),
    );
    expect(cut.problem).toMatch(/is cut off at byte \d+/);
  });

  test('is fine just below the limit: it is written', async () => {
    const { counts } = await convertBytes(
      `<releases>\n${release(1, note(4 * megabyte - 1000))}</releases>\n`,
    );
    expect(counts).toMatchObject({ read: 1, written: 1, rejected: 0 });
  });
});

test('white space of any length between records is ignored', async () => {
  const { counts, problem } = await convertBytes(
    `<releases>\n${release(1, 'n')}${' '.repeat(9 * megabyte)}${release(2, 'n')}</releases>\n`,
  );
  expect({ problem, counts }).toMatchObject({
    problem: undefined,
    counts: { read: 2, written: 2, rejected: 0 },
  });
});

describe('memory stays below 512 MB', () => {
  /** Writes the dump, converts it with the bin and returns the peak memory of its process. */
  async function peak(parts: () => Iterable<string>, sentence: RegExp): Promise<number> {
    const cwd = temporaryFolder();
    await pipeline(
      Readable.from(parts()),
      createGzip({ level: 1 }),
      createWriteStream(join(cwd, 'x.xml.gz')),
    );
    writeFileSync(
      join(cwd, 'peak.mjs'),
      `import { writeFileSync } from 'node:fs';\nimport { isMainThread } from 'node:worker_threads';\nif (isMainThread) process.on('exit', () => writeFileSync('peak', String(process.resourceUsage().maxRSS)));\n`,
    );
    const { code, stdout } = await runBin(
      'wxyc-convert',
      ['x.xml.gz', '--output', 'csv', '--jobs', '2'],
      { cwd, env: { NODE_OPTIONS: `--import ${join(cwd, 'peak.mjs')}` } },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(sentence) });
    return Number(readFileSync(join(cwd, 'peak'), 'utf8')) / 1024;
  }

  test.each([
    [
      'a note of 35 MB',
      () => ['<releases>', release(1, 'n'), release(2, note(35 * megabyte)), '</releases>'],
      /releases +2 +1 +1/,
    ],
    [
      'records of nearly 4 MB, one after another',
      () => [
        '<releases>',
        ...Array.from({ length: 5 }, (_, id) => longTracks(id + 1, 3.8 * megabyte)),
        '</releases>',
      ],
      /releases +5 +5 +0/,
    ],
    [
      '300 MB of blanks',
      () => [
        '<releases>',
        release(1, 'n'),
        ...Array.from({ length: 300 }, () => ' '.repeat(megabyte)),
        '</releases>',
      ],
      /releases +1 +1 +0/,
    ],
  ])(
    '%s',
    async (_, parts, sentence) => {
      expect(await peak(parts, sentence)).toBeLessThan(400);
    },
    120_000,
  );
});
