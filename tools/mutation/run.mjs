#!/usr/bin/env node
// Changes the product a little, one place at a time, and looks whether its tests notice. See README.md.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, startOwnServer } from '@wxyc/testing';
import { compile, mutantsOf } from './mutants.mjs';

/** What is run for a package until something fails, the quickest first: jest's project, and patterns of test files. */
const suites = {
  csv: [
    ['fast', 'packages/csv/test'],
    ['fast', 'packages/filter/test', 'behaviour/test/outputs'],
  ],
  cli: [
    ['fast', 'packages/cli/test'],
    ['fast', 'behaviour/test/(flags|terminal)'],
  ],
  matching: [
    ['fast', 'packages/matching/test'],
    ['fast', 'packages/filter/test'],
    ['pg', 'packages/decisions'],
  ],
  filter: [
    ['fast', 'packages/filter/test'],
    ['fast', 'behaviour/test/(pushed-down-filter|long-rows)'],
  ],
  import: [
    ['pg', 'packages/import/test'],
    ['pg', 'packages/pipeline/test/full-profile'],
  ],
  dedup: [
    ['fast', 'packages/dedup/test'],
    ['pg', 'packages/dedup/test'],
  ],
  verify: [['pg', 'packages/verify/test']],
  cache: [
    ['fast', 'packages/cache/test'],
    [
      'pg',
      'packages/cache/test/(create|check|publish-attachments)',
      'packages/search/test',
      'packages/index',
    ],
    ['pg', 'packages/cache/test'],
  ],
  pipeline: [
    ['fast', 'packages/pipeline/test', 'behaviour/test/(bad-input|outputs)'],
    ['pg', 'packages/pipeline/test/(full-run|traps|generations)'],
    ['pg', 'packages/pipeline/test'],
  ],
};

const { values } = parseArgs({
  options: {
    packages: { type: 'string', default: Object.keys(suites).join(',') },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    copies: { type: 'string', default: '1' },
  },
});
const count = Number(values.count);
const packages = values.packages.split(',');
for (const name of packages)
  if (!(name in suites))
    throw new Error(
      `There are no suites for ${name}: give some of ${Object.keys(suites).join(', ')}`,
    );

/** What a person has found to change nothing that anybody could see: the line, what becomes of it, and why. */
const equivalent = JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'wxyc-mutation-'));
chmodSync(folder, 0o755);
const server = await startOwnServer({ folder });
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const random = generator(Number(values.seed));
const mutants = packages.flatMap((name) => choose(name));
console.log(`${mutants.length} mutants, seed ${values.seed}`);
const queue = [...mutants];
await Promise.all(
  Array.from({ length: Number(values.copies) }, async (_, number) => {
    const copy = makeCopy(number);
    const known = new Map();
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      mutant.fate = await fateOf(mutant, copy, known);
      console.log(`${mutant.fate.padEnd(10)} ${describe(mutant)}`);
    }
  }),
);
await server.stop();

const fates = ['caught', 'survived', 'equivalent'];
console.log(`\n| package | mutants | ${fates.join(' | ')} |\n|---|---|---|---|---|`);
for (const name of [...packages, 'all']) {
  const those = mutants.filter((mutant) => name === 'all' || mutant.package === name);
  console.log(
    `| ${[name, those.length, ...fates.map((fate) => those.filter((mutant) => mutant.fate === fate).length)].join(' | ')} |`,
  );
}
process.exit(0);

/** A package's mutants, so many of them, each file with its share. */
function choose(name) {
  const source = `packages/${name}/src`;
  const all = readdirSync(join(root, source), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('index.ts'))
    .map((file) => `${source}/${file}`)
    .filter((file) => values.only === undefined || file === values.only)
    .sort()
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      return mutantsOf(file, source).map((mutant) => ({ ...mutant, package: name, source }));
    });
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all.slice(0, count);
}

/** A copy of the repository to change: packages and tools are its own, what npm installed is shared. */
function makeCopy(number) {
  const copy = join(folder, `copy-${number}`);
  mkdirSync(join(copy, 'node_modules'), { recursive: true });
  for (const entry of readdirSync(root)) {
    if (!['node_modules', '.git', '.nx'].includes(entry))
      cpSync(join(root, entry), join(copy, entry), { recursive: true, verbatimSymlinks: true });
  }
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry === '@wxyc')
      cpSync(join(root, 'node_modules', entry), join(copy, 'node_modules', entry), {
        recursive: true,
        verbatimSymlinks: true,
      });
    else if (entry !== '.cache')
      symlinkSync(join(root, 'node_modules', entry), join(copy, 'node_modules', entry));
  }
  return copy;
}

async function fateOf(mutant, copy, known) {
  if (
    equivalent.some(
      (one) =>
        one.file === mutant.file &&
        one.line === lineOf(mutant) &&
        one.was === mutant.was &&
        one.text === mutant.text,
    )
  )
    return 'equivalent';
  const built = join(copy, mutant.file.replace('/src/', '/dist/').replace(/\.ts$/, '.js'));
  const original = readFileSync(built, 'utf8');
  for (const suite of suites[mutant.package]) {
    const key = suite.join(' ');
    if (!known.has(key)) {
      const began = performance.now();
      const fine = await passes(suite, copy, 30 * 60_000);
      if (!fine) throw new Error(`The tests fail without a mutant: ${key}`);
      known.set(key, performance.now() - began);
    }
    writeFileSync(built, compile(mutant));
    try {
      if (!(await passes(suite, copy, 60_000 + 5 * known.get(key)))) return 'caught';
    } finally {
      writeFileSync(built, original);
    }
  }
  return 'survived';
}

/** Whether the tests pass, within so many milliseconds. */
function passes([project, ...patterns], cwd, patience) {
  const words = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--bail',
    '--silent',
    '--selectProjects',
    project,
    '--testPathPatterns',
    ...patterns,
  ];
  return new Promise((settle) => {
    const child = spawn(process.execPath, words, {
      cwd,
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, DATABASE_URL_TEST: server.url },
    });
    const late = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), patience);
    child.on('close', (code) => {
      clearTimeout(late);
      settle(code === 0);
    });
  });
}

function lineOf({ source, line }) {
  return source.split('\n')[line - 1].trim();
}

function describe(mutant) {
  const { file, line, kind, was, text } = mutant;
  return `${file}:${line} ${kind}: ${was.split('\n')[0]} -> ${text.trim()}   in: ${lineOf(mutant).slice(0, 90)}`;
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
