/** SQLite's native part is missing, or built for another Node: pnpm's default, --ignore-scripts or a new Node cause that. */
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root, runCommand, temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
const modules = join(folder, 'node_modules');
const driver = join(modules, 'better-sqlite3');

beforeAll(() => {
  mkdirSync(join(modules, '@wxyc/library'), { recursive: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(root, 'packages/library', part), join(modules, '@wxyc/library', part), {
      recursive: true,
    });
  for (const name of ['csv', 'step', 'text', 'dataset', 'matching'])
    symlinkSync(join(root, 'packages', name), join(modules, '@wxyc', name));
  for (const name of ['papaparse', 'saxes', 'bindings', 'file-uri-to-path'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  const installed = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'));
  cpSync(installed, driver, {
    recursive: true,
    filter: (path) => !/\/(?:build|deps|src)$/.test(path),
  });
  writeFileSync(join(folder, 'library.db'), 'SQLite format 3\0');
  writeFileSync(join(folder, 'library.csv'), 'artist,title\nA,B\n');
  writeFileSync(
    join(folder, 'read.mjs'),
    `import { readLibrary } from '@wxyc/library';
     try { console.log(JSON.stringify(readLibrary(process.argv[2]).length)); }
     catch (error) { console.log(error.name, error.message); }`,
  );
});

const read = async (file: string): Promise<string> =>
  (await runCommand(process.execPath, ['read.mjs', file], { cwd: folder })).stdout.trim();

describe.each(['missing', 'broken'])('a native part that is %s', (state) => {
  beforeAll(() => {
    rmSync(join(driver, 'build'), { recursive: true, force: true });
    if (state === 'missing') return;
    mkdirSync(join(driver, 'build/Release'), { recursive: true });
    writeFileSync(join(driver, 'build/Release/better_sqlite3.node'), 'another machine’s');
  });

  test('is one sentence with the command that mends it', async () => {
    const said = await read('library.db');
    expect(said).toMatch(/^StepError SQLite files cannot be read: .*npm rebuild better-sqlite3/);
    expect(said.split('\n')).toHaveLength(1);
  });

  test('does not matter for a library that is not a SQLite file', async () => {
    expect(await read('library.csv')).toBe('1');
  });
});
