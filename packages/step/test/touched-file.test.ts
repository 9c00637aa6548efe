import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@wxyc/testing';
import { isTouched } from '../dist/touched-file.js';

const touch = (path: string, secondsFromNow: number): void => {
  const at = new Date(new Date().getTime() + secondsFromNow * 1000);
  utimesSync(path, at, at);
};

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'lock');
  writeFileSync(path, '');
});

test('a file counts for a minute after it was touched; a missing one never', async () => {
  expect(await isTouched(path)).toBe(true);
  touch(path, -61);
  expect(await isTouched(path)).toBe(false);
  expect(await isTouched(`${path}.other`)).toBe(false);
});

test('the clock was set back since the file was left: it is not believed until the clock has caught up', async () => {
  touch(path, 3600);
  expect(await isTouched(path, 200)).toBe(false);
});

test.each([
  ['whose clock is right', 0],
  ['whose clock is an hour ahead', 3600],
])('one from the future that is touched by somebody %s is believed', async (_, ahead) => {
  touch(path, 3600);
  const watching = isTouched(path, 1000);
  setTimeout(() => touch(path, ahead), 800);
  expect(await watching).toBe(true);
});
