/** How a resume tells whether a file is the one that the run began with. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@wxyc/testing';
import { fileFingerprint } from '../dist/fingerprint.js';

const mb = 1 << 20;
const folder = temporaryFolder();
const fileOf = (content: Buffer): string => {
  const file = join(folder, `${Math.random()}.xml.gz`);
  writeFileSync(file, content);
  return file;
};

test.each([
  ['a small file', 10, [0, 5, 9]],
  ['a file of one piece', mb, [0, mb / 2, mb - 1]],
  ['a file of four pieces', 4 * mb, [0, mb, 2 * mb, 3 * mb, 4 * mb - 1]],
  ['a large file', 9 * mb, [0, mb - 1, 4.5 * mb, 8 * mb, 9 * mb - 1]],
])(
  '%s of %i bytes: a changed byte is noticed at its beginning, middle and end',
  async (_, size, places) => {
    const content = Buffer.alloc(size, 7);
    const print = await fileFingerprint(fileOf(content));
    expect(print).toMatch(new RegExp(`^${size} bytes, [0-9a-f]{16}$`));
    for (const place of places) {
      const changed = Buffer.from(content);
      changed[place] = 8;
      const other = await fileFingerprint(fileOf(changed));
      expect({ place, same: other === print }).toEqual({ place, same: false });
    }
  },
);

test('a file that was moved is the same, one that is longer is not', async () => {
  const file = fileOf(Buffer.alloc(100, 1));
  copyFileSync(file, `${file}.moved`);
  expect(await fileFingerprint(`${file}.moved`)).toBe(await fileFingerprint(file));
  expect(await fileFingerprint(fileOf(Buffer.alloc(101, 1)))).not.toBe(await fileFingerprint(file));
  expect(await fileFingerprint(fileOf(Buffer.alloc(0)))).toMatch(/^0 bytes, /);
});
