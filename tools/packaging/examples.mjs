// The programs in examples/, each copied to a folder of its own, installed from the tarballs, type-checked, and run on every Node given.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withDatabase, withSql } from '@wxyc/postgres';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { npmInstall } from './install.mjs';
import { addon } from './nodes.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = join(root, 'examples');
const realDump = join(root, 'packages/convert/test/fixtures/releases-2026/releases.xml.gz');

/** Copies, installs and type-checks the examples; returns what is wrong, and for each example a function that runs it on a Node and returns what is wrong. */
export async function prepareExamples(packages, folder, pipeline) {
  const names = readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const problems = names.flatMap((name) => install(name, packages, join(folder, name)));
  for (const name of names) if (!runs[name]) problems.push(`examples/${name} is not run`);
  if (problems.length > 0) return { problems, run: () => [] };
  const expected = await expectedCache(folder, pipeline);
  return {
    problems,
    run: (node) => names.flatMap((name) => runs[name](node, join(folder, name), expected)),
  };
}

function install(name, packages, target) {
  cpSync(join(source, name), target, {
    recursive: true,
    filter: (path) => !['node_modules', 'dist'].includes(basename(path)),
  });
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  const problems = [...undeclared(name, target, manifest)];
  const byName = new Map(packages.map((one) => [one.manifest.name, one]));
  for (const [dependency, range] of Object.entries(manifest.dependencies))
    if (byName.has(dependency) && range !== `^${byName.get(dependency).manifest.version}`)
      problems.push(
        `examples/${name}: ${dependency} ${range} is not the version of the repository`,
      );
  // Our packages come as tarballs, as none is in a registry.
  const needed = new Set(Object.keys(manifest.dependencies));
  for (const one of needed)
    for (const next of Object.keys(byName.get(one)?.manifest.dependencies ?? {}))
      if (byName.has(next)) needed.add(next);
  for (const one of needed)
    if (byName.has(one)) manifest.dependencies[one] = `file:${byName.get(one).tarball}`;
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest, null, 2));
  npmInstall(target, '--prefer-offline');
  const { status, stdout } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: target,
    encoding: 'utf8',
  });
  if (status !== 0) problems.push(`examples/${name} does not compile`, ...stdout.split('\n', 9));
  return problems;
}

/** Installed side by side, packages would find each other without being declared. */
function undeclared(name, target, { dependencies, devDependencies }) {
  const texts = readdirSync(target)
    .filter((file) => /\.(?:ts|cjs|mjs|js)$/.test(file))
    .map((file) => readFileSync(join(target, file), 'utf8'));
  return texts
    .flatMap((text) => [
      ...text.matchAll(/(?:from|require\(|import\() ?'((?:@[^'/]+\/)?[^'/.:]+)'/g),
    ])
    .map(([, found]) => found)
    .filter((found) => !(found in dependencies) && !(found in devDependencies))
    .map((found) => `examples/${name}: imports ${found}, which its package.json does not name`);
}

/** A dump, a library, and the releases that the pipeline makes of them. */
async function expectedCache(folder, pipeline) {
  const given = {
    dump: join(folder, 'releases.xml.gz'),
    cut: join(folder, 'cut.xml.gz'),
    library: join(folder, 'library.db'),
    url: `embedded:${join(folder, 'own-cache')}`,
  };
  const sample = { releases: 1000, albums: 40 };
  writeLibrary(given.library, join(folder, 'library_artists.txt'), sample);
  await writeDump(given.dump, { ...sample, generation: 'new' });
  const bytes = readFileSync(given.dump);
  writeFileSync(given.cut, bytes.subarray(0, bytes.length >> 1));
  const url = `embedded:${join(folder, 'cache')}`;
  execFileSync(
    pipeline,
    ['--xml', given.dump, '--library-db', given.library, '--database-url', url],
    { cwd: folder, stdio: 'ignore' },
  );
  const rows = await withDatabase(url, {}, (databaseUrl) =>
    withSql(databaseUrl, {}, (sql) => sql`SELECT id, title FROM release ORDER BY id`),
  );
  return { ...given, releases: rows.map(({ id, title }) => `${id}\t${title}\n`).join('') };
}

/** How each example is run, and what must come out. */
const runs = {
  'filter-dump': (node, folder) => {
    const output = join(folder, 'csv');
    rmSync(output, { recursive: true, force: true });
    const args = ['dist/filter.js', realDump, 'csv', '1999', '2000'];
    const problems = differences(node, folder, args, {
      status: 0,
      stdout: '14 of 24 releases\nElectronic: 14\n58 tracks in csv\n',
      stderr: '',
    });
    const ids = existsSync(output)
      ? readFileSync(join(output, 'release.csv'), 'utf8')
          .match(/^\d+(?=,)/gm)
          .join(' ')
      : 'none';
    const expected = '7 9 11 13 15 17 23 25 29 31 38 40 42 51';
    if (ids !== expected) problems.push(`examples/filter-dump, Node ${node.major}: wrote ${ids}`);
    return [
      ...problems,
      ...differences(node, folder, ['dist/filter.js', 'no-such-dump', 'csv', '1999', '2000'], {
        status: 4,
        stdout: '',
        stderr: /^INPUT_MISSING: /,
      }),
    ];
  },
  'classify-albums': (node, folder) =>
    differences(node, folder, ['classify.cjs', 'albums.json', 'library.json'], {
      status: 0,
      stdout: readFileSync(join(folder, 'expected.txt'), 'utf8'),
      // Node 20 and early 22 say that require() of an ES module is experimental.
      stderr: /^(?:|\(node:\d+\) ExperimentalWarning: .*require.*\n.*\n)$/,
    }),
  'own-pipeline': (node, folder, { dump, cut, library, url, releases }) => {
    const args = ['dist/pipeline.js', dump, library, url];
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary, { recursive: true });
    const problems = [
      [[...args], { status: 0, stdout: releases, stderr: /"message":"published"\}\n$/ }],
      // Fractions of a second are for this test only.
      [[...args, '0.001'], { status: 130, stdout: '', stderr: /"code":"INTERRUPTED"/ }],
      [args.with(1, cut), { status: 4, stdout: '', stderr: /"code":"INPUT_TRUNCATED"/ }],
    ].flatMap(([args, expected]) => differences(node, folder, args, expected, temporary));
    const left = readdirSync(temporary);
    if (left.length > 0) problems.push(`examples/own-pipeline leaves ${left} in ${temporary}`);
    return problems;
  },
};

function differences(node, folder, args, expected, temporary) {
  const driver = join(folder, 'node_modules/better-sqlite3');
  if (existsSync(driver)) cpSync(node.addon, join(driver, addon));
  const found = spawnSync(node.path, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, ...(temporary ? { TMPDIR: temporary } : {}) },
  });
  const name = `examples/${basename(folder)}, Node ${node.major}, ${args.map((arg) => basename(arg)).join(' ')}`;
  return Object.entries(expected).flatMap(([key, want]) =>
    (want instanceof RegExp ? want.test(found[key]) : found[key] === want)
      ? []
      : [`${name}: ${key} is ${JSON.stringify(found[key])} (${found.stderr.slice(-400)})`],
  );
}
