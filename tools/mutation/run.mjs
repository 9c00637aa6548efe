#!/usr/bin/env node
// Changes the product slightly, one place at a time, and checks whether its tests notice. See README.md.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, startOwnServer } from '@wxyc/testing';
import { compile, mutantsOf } from './mutants.mjs';

/**
 * What is run for a mutant until something fails, quickest first: jest's project, and patterns of test files. A suite
 * that starts with a pattern is run for those source files of the package only.
 */
const suites = {
  csv: [
    ['fast', 'packages/csv/test'],
    ['fast', 'packages/filter/test'],
    [/output|directory|kind/, 'fast', 'behaviour/test/outputs'],
  ],
  cli: [
    [
      /parse|options|suggest|help|summary|width|output|main|failure/,
      'fast',
      'cli/test/command-line',
    ],
    [/progress|screen|signals|main|logger|width/, 'fast', 'cli/test/progress'],
    [/secrets|main|failure/, 'fast', 'cli/test/secrets'],
    [/options|parse|suggest/, 'fast', 'behaviour/test/flags'],
    [/screen|visible|logger|output|failure/, 'fast', 'behaviour/test/terminal'],
  ],
  matching: [
    ['fast', 'packages/matching/test/(?!properties|classifier-oracle)'],
    ['fast', 'packages/matching/test/(properties|classifier-oracle)'],
    ['fast', 'packages/filter/test'],
    [/file|coverage|basis|fingerprint/, 'pg', 'packages/decisions'],
  ],
  filter: [
    ['fast', 'packages/filter/test'],
    ['fast', 'behaviour/test/(pushed-down-filter|long-rows)'],
  ],
  import: [
    [/credit-rows|edition|track-counts|copy-text/, 'fast', 'packages/import/test'],
    ['pg', 'packages/import/test'],
  ],
  dedup: [
    [/shelf|pressing-fit|format/, 'fast', 'packages/dedup/test'],
    [/fit-table|label|ranking|shelf|pressing/, 'pg', 'packages/dedup/test/owned-pressing'],
    [/dedup|ranking|cli/, 'pg', 'packages/dedup/test/dedup.pg'],
  ],
  verify: [
    [/review-items|explanation|words/, 'fast', 'packages/verify/test'],
    [/explain|explanation|details|words|candidates|cli/, 'pg', 'packages/verify/test/explain'],
    [/review|terminal|words|candidates|keep-ids|cli|report/, 'pg', 'packages/verify/test/review'],
    [/copy/, 'pg', 'packages/verify/test/copy-profile'],
    [
      /copy|prune|doomed|foreign|report|match|session|verify/,
      'pg',
      'packages/verify/test/verify.pg',
    ],
  ],
  cache: [
    [/sql-files/, 'fast', 'packages/cache/test'],
    [/catalogue|check|contract|indexes/, 'pg', 'packages/cache/test/check', 'packages/index'],
    [
      /search|functions|unaccent/,
      'pg',
      'packages/search/test/search',
      'packages/cache/test/create',
    ],
    [
      /create|existing|mark|moment|profile|scratch|recognise|status|server-fit|companions|origin|remove/,
      'pg',
      'packages/cache/test/(create|companions|publish-origin|foreign-tables)',
    ],
    [
      /attachments|obstacles|rights|foreign-code|swap|replac|validated/,
      'pg',
      'packages/cache/test/(publish-attachments|planted-code)',
    ],
    [/previous|undo|replac|swap|lock/, 'pg', 'packages/cache/test/publish-(previous|undo)'],
    [/added|fill|old-cache/, 'pg', 'packages/cache/test/publish-added'],
    [
      /carry|catch-up|consumers|fill|old-cache|run-start|moment/,
      'pg',
      'packages/cache/test/publish-(carry-over|catch-up)',
    ],
    [/changes|guards|publish|found|comment/, 'pg', 'packages/cache/test/publish-(changes|safety)'],
  ],
  pipeline: [
    [/report|state|fingerprint|plan|doctor-library/, 'fast', 'packages/pipeline/test'],
    [/plan|outputs|match-files/, 'fast', 'behaviour/test/bad-input'],
    [/infer|resume|state/, 'pg', 'packages/pipeline/test/(infer|restored)'],
    [/doctor|limits|before-run|dry-run/, 'pg', 'behaviour/test/server-limits'],
    [/doctor|dry-run|serve/, 'pg', 'packages/pipeline/test/(traps|serve)'],
    [
      /changes|run|own-csv|workspace|steps|environment|origin|sizes|dry-run|end/,
      'pg',
      'packages/pipeline/test/generations',
    ],
    [/run|steps|report|match-files/, 'pg', 'packages/pipeline/test/full-run'],
    [/resume|state|run/, 'pg', 'packages/pipeline/test/resume'],
  ],
};

const { values } = parseArgs({
  options: {
    packages: { type: 'string', default: Object.keys(suites).join(',') },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    survivors: { type: 'string' },
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

/** Mutants that a person has found to be equivalent: the line, the change, and why nobody could notice. */
const equivalent = JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'wxyc-mutation-'));
chmodSync(folder, 0o755);
const server = await startOwnServer({ folder });
/** The tests that are running, each with what it started. */
const running = new Set();
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
  for (const { pid } of running) process.kill(-pid, 'SIGKILL');
  void server.stop().finally(() => process.exit(130));
});
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const again = values.survivors === undefined ? undefined : survivorsOf(values.survivors);
const mutants = packages
  .flatMap((name) => choose(name))
  .filter((mutant) => again === undefined || again.has(withoutPlace(describe(mutant))));
console.log(`${mutants.length} mutants, seed ${values.seed}`);
const queue = [...mutants];
await Promise.all(
  Array.from({ length: Number(values.copies) }, async (_, number) => {
    const copy = makeCopy(number);
    const known = new Map();
    const failed = new Map();
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      mutant.fate = await fateOf(mutant, copy, known, failed);
      // Tests that ended with this process prove nothing.
      if (interrupted) return;
      console.log(`${mutant.fate.padEnd(10)} ${describe(mutant)}`);
    }
    // A suite that no mutant has passed must first pass without one.
    for (const [key, suite] of failed)
      if (!known.has(key) && !(await passes(suite, copy, patienceOf())))
        throw new Error(`The tests fail without a mutant: ${key}`);
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

/**
 * A given number of a package's mutants. Only the seed and the mutant itself decide whether it is chosen: a change elsewhere
 * in the product does not alter the choice.
 */
function choose(name) {
  const folder = `packages/${name}/src`;
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('index.ts'))
    .map((file) => `${folder}/${file}`)
    .filter((file) => values.only === undefined || file === values.only)
    .sort()
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      const seen = new Map();
      return mutantsOf(file, source).map((mutant) => {
        const whole = { ...mutant, package: name, source };
        const key = withoutPlace(describe(whole));
        seen.set(key, (seen.get(key) ?? 0) + 1);
        return { ...whole, lot: lotOf(`${values.seed} ${seen.get(key)} ${key}`) };
      });
    })
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, count);
}

/** A mutant's place in the order in which they are taken. */
function lotOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** The survivors in the list that an earlier run printed, as `describe` has them but without line numbers. */
function survivorsOf(list) {
  return new Set(
    readFileSync(list, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('survived '))
      .map((line) => withoutPlace(line.slice('survived '.length).trim())),
  );
}

/** A description that does not change when lines are added above. */
function withoutPlace(description) {
  return description.replace(/^(\S+):\d+ /, '$1 ');
}

/** A copy of the repository to change: with its own packages and tools, and shared node_modules. */
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

/**
 * A mutant's fate. `known` has the suites that have passed, and how long that took; `failed` those that have failed.
 */
async function fateOf(mutant, copy, known, failed) {
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
  const concerned = suites[mutant.package].filter(
    ([first]) => typeof first === 'string' || first.test(basename(mutant.file)),
  );
  for (const suite of concerned.map((one) => one.filter((part) => typeof part === 'string'))) {
    const key = suite.join(' ');
    const began = performance.now();
    writeFileSync(built, compile(mutant));
    try {
      if (!(await passes(suite, copy, patienceOf(known.get(key))))) {
        failed.set(key, suite);
        return 'caught';
      }
    } finally {
      writeFileSync(built, original);
    }
    known.set(key, Math.max(known.get(key) ?? 0, performance.now() - began));
  }
  return 'survived';
}

/** How long a suite may take, given how long it took before. */
function patienceOf(before) {
  return before === undefined ? 5 * 60_000 : 60_000 + 5 * before;
}

/** Whether the tests pass within the given milliseconds. */
function passes([project, ...patterns], cwd, patience) {
  const words = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--bail',
    '--silent',
    '--runInBand',
    '--selectProjects',
    ...(project === 'fast' ? ['fast', 'bin'] : [project]),
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
    running.add(child);
    const late = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), patience);
    child.on('close', (code) => {
      clearTimeout(late);
      running.delete(child);
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
