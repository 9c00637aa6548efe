/**
 * Each package's Nx targets, from what its folder holds: lint, typecheck, and one for each kind of test.
 * (`build` comes from its tsconfig.json, by @nx/js/typescript.)
 *
 * A package's tests use packages that it does not depend on: test support, samples, other steps' bins. Declared as
 * dependencies, they would be cycles. So they are read from the tests, built before them, and part of their inputs, which the cache and `nx affected` both go by.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Packages that all tests need, whatever they import: jest's set-up. */
const always = ['@wxyc/testing'];
/** What tests and lint read beside packages. */
const shared = [
  '{workspaceRoot}/package-lock.json',
  '{workspaceRoot}/tsconfig.base.json',
  '{workspaceRoot}/tsconfig.tests.json',
];
const jest = 'node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js';

const sql = '{workspaceRoot}/{schema,migrations}/**/*';

const kinds = {
  test: { file: /^(?!.*\.(pg|mysql)\.test\.ts$).*\.test\.ts$/, project: 'fast bin', reads: [sql] },
  'test:pg': {
    file: /\.pg\.test\.ts$/,
    project: 'pg',
    reads: [{ env: 'DATABASE_URL_TEST' }, sql],
  },
  'test:mysql': {
    file: /\.mysql\.test\.ts$/,
    project: 'mysql',
    config: 'jest.mysql.config.js',
    reads: [{ env: 'MYSQL_URL_TEST' }],
  },
};

const filesBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

/** The packages that a folder's tests name: by import, or by bin (`wxyc-import`). */
function namedBy(text, known) {
  const names = [...text.matchAll(/(?:@wxyc\/|\bwxyc-)([a-z]+(?:-[a-z]+)*)/g)].map(
    ([, name]) => `@wxyc/${name}`,
  );
  return new Set([...always, ...names.filter((name) => known.has(name))]);
}

/** The packages whose tests' files they read, such as `convert/test/fixtures`. */
const filesReadBy = (text, known) =>
  new Set(
    [...text.matchAll(/([a-z-]+)\/test\//g)]
      .map(([, name]) => `@wxyc/${name}`)
      .filter((name) => known.has(name)),
  );

/** These packages and all their dependencies. */
function closure(names, known) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const below of Object.keys(known.get(name).manifest.dependencies ?? {}))
      if (known.has(below)) visit(below);
  };
  names.forEach(visit);
  return found;
}

function targetsOf(name, known) {
  const { root, path } = known.get(name);
  const tests = filesBelow(join(path, 'test')).filter((file) => file.endsWith('.ts'));
  const text = tests.map((file) => readFileSync(file, 'utf8')).join('\n');
  const used = namedBy(text, known);
  used.delete(name);
  const inputs = [
    'default',
    '^production',
    ...[...closure(used, known)]
      .filter((other) => other !== name)
      .map((other) => `{workspaceRoot}/${known.get(other).root}/{src,bin}/**/*`),
    ...[...filesReadBy(text, known)]
      .filter((other) => other !== name)
      .map((other) => `{workspaceRoot}/${known.get(other).root}/test/**/*`),
    ...shared,
  ];
  const built = [...used].filter((other) =>
    existsSync(join(known.get(other).path, 'tsconfig.json')),
  );
  const dependsOn = [
    'build',
    '^build',
    ...(built.length ? [{ projects: built, target: 'build' }] : []),
  ];
  const target = (command, more) => ({
    executor: 'nx:run-commands',
    options: { command, cwd: '{workspaceRoot}' },
    cache: true,
    dependsOn,
    inputs: [...inputs, ...more],
    outputs: [],
  });

  const targets = {
    lint: target(`eslint ${root}`, ['{workspaceRoot}/eslint.config.js']),
  };
  const configs = ['tsconfig.json', 'test/tsconfig.json'].filter((file) =>
    existsSync(join(path, file)),
  );
  if (configs.length)
    targets.typecheck = target(
      configs.map((file) => `tsc --noEmit -p ${root}/${file}`).join(' && '),
      [],
    );
  for (const [key, { file, project, config, reads }] of Object.entries(kinds))
    if (tests.some((test) => file.test(test)))
      targets[key] = target(
        [
          jest,
          ...(config ? [`--config ${config}`] : []),
          `--selectProjects ${project}`,
          `--testPathPatterns ${root}/test/`,
        ].join(' '),
        ['{workspaceRoot}/jest*.config.js', ...reads, { runtime: 'node --version' }],
      );
  targets.test ??= {
    executor: 'nx:run-commands',
    options: {
      command: `echo "${root} has no tests that run without a server${targets['test:pg'] ? `; with PostgreSQL: npx nx test:pg ${name}` : ''}"`,
    },
  };
  return targets;
}

export const createNodesV2 = [
  '{packages,tools}/*/package.json',
  (files, _options, { workspaceRoot }) => {
    const known = new Map(
      files.map((file) => {
        const path = join(workspaceRoot, dirname(file));
        const manifest = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'));
        return [manifest.name, { root: dirname(file), path, manifest }];
      }),
    );
    return [...known].map(([name, { root }]) => [
      join(root, 'package.json'),
      { projects: { [root]: { targets: targetsOf(name, known) } } },
    ]);
  },
];
