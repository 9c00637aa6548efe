// Has Node itself load what the tests import, once for each worker, as its users do. Jest would load it into the context of every test file
// anew, where each use of a global is a call out of V8: a fifth of the processor time of all tests.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, jest } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const libraries = [
  'better-sqlite3',
  'eslint',
  'fast-check',
  'papaparse',
  'pg',
  'pino',
  'typescript',
];

/** Our packages that can be imported. The support of the tests is not among them: it needs the globals of its test file. */
function* packages() {
  for (const place of ['packages/', 'tools/'])
    for (const folder of readdirSync(new URL(place, root))) {
      const manifest = new URL(`${place}${folder}/package.json`, root);
      if (!existsSync(manifest)) continue;
      const { name, exports } = JSON.parse(readFileSync(manifest, 'utf8'));
      if (exports?.['.'] && name !== '@wxyc/testing') yield name;
    }
}

// Faked timers are those of the test file's own context.
const fakesTimers = readFileSync(expect.getState().testPath, 'utf8').includes('useFakeTimers');
if (!fakesTimers)
  for (const name of [...libraries, ...packages()])
    jest.unstable_mockModule(name, () => globalThis.importNatively(name));
