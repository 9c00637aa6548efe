// Packs every published package, installs the tarballs into an empty project and uses them there. See README.md.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { prepareExamples } from './examples.mjs';
import { npmInstall } from './install.mjs';
import { fetchOtherNodes, thisNode } from './nodes.mjs';
import { contentProblems, pack, publishedPackages } from './tarballs.mjs';
import { weightProblems } from './weight.mjs';

const { values } = parseArgs({
  options: { keep: { type: 'string' }, 'all-nodes': { type: 'boolean', default: false } },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = values.keep ? resolve(values.keep) : mkdtempSync(join(tmpdir(), 'wxyc-packages-'));
const project = join(folder, 'project');
mkdirSync(join(folder, 'tarballs'), { recursive: true });
mkdirSync(project);
await chmod(folder, 0o755);
const started = performance.now();
let failed = 0;

try {
  const otherNodes = values['all-nodes'] ? fetchOtherNodes(folder) : Promise.resolve([]);
  // A failure is handled when it is awaited.
  otherNodes.catch(() => undefined);
  const packages = pack(publishedPackages(), join(folder, 'tarballs'));
  report('content of the tarballs', packages.flatMap(contentProblems));
  report('publint', (await Promise.all(packages.map(publintProblems))).flat());
  report('types', (await Promise.all(packages.map(typeProblems))).flat());
  install(packages);
  report('bins', packages.flatMap(binProblems));
  report('import and require', packages.flatMap(entryProblems));
  report('compiles', compileProblems(packages));
  report('a cache by the installed pipeline', await cacheProblems());
  report('weight', weightProblems(packages, join(folder, 'weight')));
  const examples = await prepareExamples(
    packages,
    join(folder, 'examples'),
    join(project, 'node_modules/.bin/wxyc-pipeline'),
  );
  report('examples compile', examples.problems);
  for (const node of [thisNode, ...(await otherNodes)])
    report(`examples on Node ${node.major}`, examples.run(node));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    failed === 0
      ? `packages: ${packages.length} packages work when installed (${seconds} s)`
      : `packages: ${failed} checks failed`,
  );
} finally {
  if (!values.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = failed === 0 ? 0 : 1;

function report(name, problems) {
  console.log(`packages: ${name}: ${problems.length === 0 ? 'ok' : 'FAILED'}`);
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) failed += 1;
}

async function publintProblems({ manifest, tarball }) {
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
    level: 'warning',
  });
  return messages.map(
    (message) => `${manifest.name}: ${formatMessage(message, pkg, { color: false })}`,
  );
}

async function typeProblems({ manifest, tarball }) {
  const result = await checkPackage(
    createPackageFromTarballData(new Uint8Array(readFileSync(tarball))),
  );
  if (!result.types) return [`${manifest.name}: has no types`];
  // ES modules only: Node 20.19 and later can require them, so neither CommonJS callers nor resolution before
  // `exports` (node10) are a reason to publish everything twice.
  const accepted = new Set(['CJSResolvesToESM', 'NoResolution:node10']);
  return result.problems
    .filter(
      ({ kind, resolutionKind }) =>
        !accepted.has(kind) &&
        !accepted.has(`${kind}:${resolutionKind}`) &&
        resolutionKind !== 'node10',
    )
    .map(
      ({ kind, entrypoint, resolutionKind }) =>
        `${manifest.name}: ${kind} ${entrypoint ?? ''} ${resolutionKind ?? ''}`,
    );
}

function install(packages) {
  const dependencies = Object.fromEntries(
    packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]),
  );
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, dependencies }, null, 2),
  );
  // Without install scripts: the one native addon is taken from here, already compiled for this machine.
  npmInstall(project, '--prefer-offline');
  const addon = 'node_modules/better-sqlite3/build';
  cpSync(join(root, addon), join(project, addon), { recursive: true });
}

function run(command, args) {
  return spawnSync(command, args, { cwd: project, encoding: 'utf8', timeout: 60_000 });
}

function binProblems({ manifest }) {
  return Object.keys(manifest.bin ?? {}).flatMap((name) => {
    const bin = join(project, 'node_modules/.bin', name);
    const version = run(bin, ['--version']);
    const help = run(bin, ['--help']);
    return [
      ...(version.status === 0 && version.stdout.trim() === manifest.version
        ? []
        : [`${name} --version: exit ${version.status}, ${version.stdout}${version.stderr}`]),
      ...(help.status === 0 && help.stdout.includes(name)
        ? []
        : [`${name} --help: exit ${help.status}, ${help.stderr}`]),
    ];
  });
}

function entriesOf({ manifest }) {
  return Object.keys(manifest.exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => manifest.name + entry.slice(1));
}

/** Nothing may run on import: no output, no handle that keeps the process alive, no signal handler, no file. */
function entryProblems(one) {
  const probe = `const before = process.listenerCount('SIGINT') + process.listenerCount('exit') + process.listenerCount('uncaughtException');
    const quiet = () => { if (process.listenerCount('SIGINT') + process.listenerCount('exit') + process.listenerCount('uncaughtException') !== before) throw new Error('installs process handlers');
      const open = process.getActiveResourcesInfo().filter((name) => !/^(TTYWrap|PipeWrap|FSReqPromise|CloseReq|Immediate)$/.test(name)); if (open.length > 0) throw new Error('keeps open: ' + open); };`;
  return entriesOf(one).flatMap((entry) =>
    [
      [
        'import',
        [
          '--input-type=module',
          '-e',
          `${probe} const m = await import('${entry}'); if (Object.keys(m).length === 0) throw new Error('exports nothing'); quiet();`,
        ],
      ],
      [
        'require',
        [
          '--no-warnings',
          '-e',
          `${probe} const m = require('${entry}'); if (Object.keys(m).length === 0) throw new Error('exports nothing'); quiet();`,
        ],
      ],
    ].flatMap(([how, args]) => {
      const { status, stdout, stderr } = run(process.execPath, args);
      return status === 0 && stdout === '' && stderr === ''
        ? []
        : [
            `${how} ${entry}: exit ${status} ${stdout}${
              stderr
                .split('\n')
                .filter((line) => /Error/.test(line))
                .join(' ') || stderr
            }`,
          ];
    }),
  );
}

/** Both kinds of TypeScript modules, strictly, declarations of the packages included. */
function compileProblems(packages) {
  const names = packages.flatMap(entriesOf);
  writeFileSync(
    join(project, 'use.mts'),
    `${names.map((name, i) => `import * as p${i} from '${name}';`).join('\n')}\nexport const all: object[] = [${names.map((_, i) => `p${i}`)}];\n`,
  );
  writeFileSync(
    join(project, 'use.cts'),
    `${names.map((name, i) => `import p${i} = require('${name}');`).join('\n')}\nexport const all: object[] = [${names.map((_, i) => `p${i}`)}];\n`,
  );
  const options = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['use.mts', 'use.cts'] }),
  );
  const { status, stdout } = run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    'tsconfig.json',
  ]);
  return status === 0 ? [] : stdout.trim().split('\n').slice(0, 12);
}

async function cacheProblems() {
  const sample = { releases: 1000, albums: 40 };
  writeLibrary(join(project, 'library.db'), join(project, 'library_artists.txt'), sample);
  await writeDump(join(project, 'releases.xml.gz'), { ...sample, generation: 'new' });
  const { status, stderr } = run(join(project, 'node_modules/.bin/wxyc-pipeline'), [
    '--xml',
    'releases.xml.gz',
    '--library-db',
    'library.db',
    '--database-url',
    'embedded:cache',
  ]);
  if (status !== 0)
    return [`wxyc-pipeline: exit ${status}`, ...stderr.trim().split('\n').slice(-5)];
  const check = run(join(project, 'node_modules/.bin/wxyc-schema'), ['check', 'embedded:cache']);
  if (check.status !== 0)
    return [
      `wxyc-schema check: exit ${check.status}`,
      ...check.stderr.trim().split('\n').slice(-5),
    ];
  return existsSync(join(project, 'cache')) ? [] : ['no cache'];
}
