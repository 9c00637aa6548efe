// What follows a dump's data: zeros from tapes and block-sized copies are ignored, anything else is damage.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { convert } from '@wxyc/convert';
import { settled } from '@wxyc/sample';
import { runBin, temporaryFolder } from '@wxyc/testing';
import { convertBytes } from './memory.js';

const xml =
  '<releases>\n<release id="1" status="Accepted"><title>One</title></release>\n<release id="2" status="Accepted"><title>Two</title></release>\n</releases>\n';
const small = gzipSync(xml);
const digits = (id: number): string =>
  Array.from({ length: 50 }, (_, n) => Math.sin(id * 50 + n)).join('');
/** A little more than one read takes, and hard to compress: damage behind it is in the second read. */
const large = gzipSync(
  `<releases>\n${Array.from({ length: 610 }, (_, id) => `<release id="${id + 1}" status="Accepted"><title>${digits(id + 1)}</title></release>`).join('\n')}\n</releases>\n`,
);
const piece = 256 * 1024;

async function read(bytes: Buffer): Promise<number> {
  const folder = temporaryFolder();
  const input = join(folder, 'releases.xml.gz');
  writeFileSync(input, bytes);
  return (await convert({ inputs: [settled(input)], output: join(folder, 'csv') })).written;
}

test('the large dump is read in more than one piece', () =>
  expect(large.length).toBeGreaterThan(piece));

describe.each([
  ['small', small, 2],
  ['large', large, 610],
])('a %s dump', (_, dump, releases) => {
  const toPiece = piece - (dump.length % piece);
  test.each([1, 10, 511, toPiece - 1, toPiece, toPiece + 1, toPiece + 3 * piece])(
    'and %d zeros behind it is whole',
    async (zeros) => {
      expect(await read(Buffer.concat([dump, Buffer.alloc(zeros)]))).toBe(releases);
    },
  );

  test.each([
    ['a letter', Buffer.from('x'), 0],
    ['two letters', Buffer.from('xy'), 0],
    ['text', Buffer.from('and now for something else'), 0],
    ['text behind zeros', Buffer.concat([Buffer.alloc(100), Buffer.from('x')]), 100],
    [
      'text behind a piece of zeros',
      Buffer.concat([Buffer.alloc(toPiece + 5), Buffer.from('x')]),
      toPiece + 5,
    ],
    ['another gzip file behind zeros', Buffer.concat([Buffer.alloc(7), small]), 7],
  ])('and %s behind it is refused, with the place', async (what, bytes, at) => {
    const reason =
      what === 'a letter'
        ? /unexpected end of file/
        : new RegExp(
            `bytes that are not gzip data follow its end at byte ${dump.length + at} of the file`,
          );
    await expect(read(Buffer.concat([dump, bytes]))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(reason),
    });
  });
});

describe('behind an uncompressed dump', () => {
  const behind = (bytes: Buffer | string) =>
    convertBytes(Buffer.concat([Buffer.from(xml), Buffer.from(bytes)]));

  test.each([
    ['600 zeros', Buffer.alloc(600)],
    ['more zeros than the longest record has bytes', Buffer.alloc(9e6)],
    ['as many spaces', Buffer.alloc(9e6, ' ')],
    ['a comment', '<!-- made by x -->\n'],
    ['instructions, a comment and zeros', '<?a?> <!-- b --><?c?>\n\0\0'],
  ])('%s is ignored', async (_, bytes) => {
    expect(await behind(bytes)).toMatchObject({
      problem: undefined,
      counts: { written: 2, rejected: 0 },
    });
  });

  test.each([
    ['text', 'x'],
    ['text in zeros', Buffer.concat([Buffer.alloc(5e6), Buffer.from('x'), Buffer.alloc(5e6)])],
    ['a comment without an end', '<!-- x'],
  ])('%s is damage', async (_, bytes) => {
    expect((await behind(bytes)).problem).toMatch(/<\/releases> is missing/);
  });
});

test('the bin converts a padded dump and ends', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'x.xml.gz'), Buffer.concat([small, Buffer.alloc(1)]));
  const { code, stdout } = await runBin('wxyc-convert', ['x.xml.gz', '--output', 'csv'], {
    cwd,
    timeout: 30_000,
  });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/convert +releases +2 +2/),
  });
  expect(existsSync(join(cwd, 'csv', 'release.csv'))).toBe(true);
});
