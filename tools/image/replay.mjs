// Builds and runs the image without Docker: every stage of docker/Dockerfile becomes a folder, its COPY and RUN lines are
// executed there in order, and the last stage's entry point is started with only what that stage holds.
//
// It cannot test the base images, nor that the files belong to root. Paths below / are moved below the stage's
// folder, so RUN lines must use relative paths. better-sqlite3's addon is taken from this repository's node_modules,
// which saves minutes of compiling; with --full it is compiled as in the image build.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '@wxyc/postgres';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wxyc-image-'));
const started = performance.now();
const full = process.argv.includes('--full');

try {
  await chmod(folder, 0o755);
  const image = build();
  const run = (args, bin) => entryPoint(image, args, {}, bin);
  check('help', (await run([])).stdout.includes('--xml'));
  check(
    'version',
    (await run(['--version'])).stdout.trim() ===
      JSON.parse(readFileSync(join(root, 'packages/pipeline/package.json'), 'utf8')).version,
  );
  for (const bin of [
    'convert',
    'fix-newlines',
    'enrich',
    'filter',
    'schema',
    'import',
    'index',
    'dedup',
    'verify',
    'vacuum',
    'fetch',
    'artwork',
  ]) {
    check(`wxyc-${bin}`, (await run(['--help'], `wxyc-${bin}`)).code === 0);
  }
  await composeRun(image);
  console.log(
    `image: all well in ${((performance.now() - started) / 1000).toFixed(0)} s; the last stage adds ${megabytes(join(image.folder, 'app'))} MB to its base`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Executes the Dockerfile's instructions. Returns the last stage. */
function build() {
  const stages = {};
  let stage;
  for (const { word, rest } of instructions(
    readFileSync(join(root, 'docker/Dockerfile'), 'utf8'),
  )) {
    if (word === 'FROM') {
      const name = /\sAS\s+(\S+)/i.exec(rest)?.[1] ?? 'final';
      stage = {
        name,
        folder: join(folder, name),
        workdir: '/',
        env: {},
        entrypoint: [],
        command: [],
        user: 'root',
      };
      stages[name] = stage;
      mkdirSync(stage.folder);
    } else if (word === 'WORKDIR') {
      stage.workdir = rest;
      mkdirSync(join(stage.folder, rest), { recursive: true });
    } else if (word === 'ENV') {
      for (const [, name, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
    } else if (word === 'COPY') {
      copy(stages, stage, rest);
    } else if (word === 'RUN') {
      console.log(`image: ${stage.name}: ${rest}`);
      const { status } = spawnSync('sh', ['-c', rest], {
        cwd: join(stage.folder, stage.workdir),
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, ...(!full && { npm_config_ignore_scripts: 'true' }), ...stage.env },
      });
      if (status !== 0) throw new Error(`RUN ${rest}: exit ${status}`);
      if (!full) takeAddon(join(stage.folder, stage.workdir));
    } else if (word === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest);
    else if (word === 'CMD') stage.command = JSON.parse(rest);
    else if (word === 'USER') stage.user = rest;
    else if (word === 'HEALTHCHECK') stage.health = JSON.parse(rest.slice(rest.indexOf('CMD') + 3));
    else if (word !== 'ARG') throw new Error(`the replay does not know ${word}`);
  }
  const manifests = readdirSync(stages.manifests.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  check(
    'what npm reads, no sources',
    manifests.length > 30 &&
      manifests.every((name) =>
        /^package(?:-lock)?\.json$|^\.npmrc$|^(?:wxyc-[a-z-]+|sample)\.js$/.test(name),
      ),
  );
  check('not root', stage.user !== 'root');
  check(
    'no sources, no compiler',
    !existsSync(join(stage.folder, 'app/packages/convert/src')) &&
      !existsSync(join(stage.folder, 'app/node_modules/typescript')),
  );
  return stage;
}

function takeAddon(directory) {
  const addon = 'node_modules/better-sqlite3/build';
  if (existsSync(join(directory, dirname(addon))))
    cpSync(join(root, addon), join(directory, addon), { recursive: true });
}

function* instructions(text) {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines) {
    const found = /^([A-Z]+)\s+(.*)$/.exec(line.trim());
    if (found) yield { word: found[1], rest: found[2] };
  }
}

function copy(stages, stage, rest) {
  const words = rest.split(/\s+/);
  const from = words[0].startsWith('--from=') ? words.shift().slice('--from='.length) : undefined;
  const target = words.pop();
  const to = target.startsWith('/')
    ? join(stage.folder, target)
    : join(stage.folder, stage.workdir, target);
  for (const word of words) {
    mkdirSync(dirname(to), { recursive: true });
    if (from)
      cpSync(join(stages[from].folder, word), to, { recursive: true, verbatimSymlinks: true });
    else copyContext(word, to, target.endsWith('/'));
  }
}

/** Copies what git knows and .dockerignore lets through; a file that is not committed would not be in a fresh clone. */
function copyContext(word, to, into) {
  const files = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', word],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 },
  )
    .stdout.split('\0')
    .filter(Boolean);
  const allowed = files.filter((path) => existsSync(join(root, path)) && !ignored(path));
  if (allowed.length === 0)
    throw new Error(`COPY ${word}: nothing there, or kept out by .dockerignore`);
  for (const path of allowed) {
    // In a destination that ends with a slash, a file keeps its name.
    const destination =
      path === word
        ? into
          ? join(to, basename(path))
          : to
        : join(to, word === '.' ? path : path.slice(word.length + 1));
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(join(root, path), destination);
  }
}

/** The last matching rule of .dockerignore decides. Knows `*`, `**` and `!`, as far as the file uses them. */
function ignored(path) {
  ignored.rules ??= readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const pattern = line
        .replace(/^!/, '')
        .split('/')
        .map((part) =>
          part === '**'
            ? '(?:[^/]+/)*'
            : `${part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')}/`,
        )
        .join('')
        .replace(/\/$/, '');
      return { keep: line.startsWith('!'), fits: new RegExp(`^${pattern}(?:/|$)`) };
    });
  return ignored.rules.reduce((out, { keep, fits }) => (fits.test(path) ? !keep : out), false);
}

/** A process as the container would run it, in its working directory. */
function spawnIn(image, args, env, bin = image.entrypoint[0], home = join(folder, 'home')) {
  mkdirSync(home, { recursive: true });
  const path = image.env.PATH.replaceAll('/app/', `${image.folder}/app/`).replace(
    '$PATH',
    `${dirname(process.execPath)}:/usr/bin:/bin`,
  );
  return spawn(bin, args.length > 0 ? args : image.command, {
    cwd: home,
    env: { ...image.env, PATH: path, HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function entryPoint(image, args, env, bin, home) {
  const child = spawnIn(image, args, env, bin, home);
  const result = { stdout: '', stderr: '', code: null };
  child.stdout.on('data', (chunk) => (result.stdout += chunk));
  child.stderr.on('data', (chunk) => (result.stderr += chunk));
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ ...result, code }));
  });
}

/** The Compose file's command on a sample, in the folder that holds it, with a server beside it. */
async function composeRun(image) {
  const data = join(folder, 'data');
  mkdirSync(data);
  const sample = { releases: 20_000, albums: 300 };
  writeLibrary(join(data, 'library.db'), null, sample);
  await writeDump(join(data, 'releases.xml.gz'), { ...sample, generation: 'new' });
  const { services } = parse(
    readFileSync(join(root, 'docker/compose.yaml'), 'utf8').replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
  );
  const args = services.pipeline.command.trim().split(/\s+/);
  const bin = join(image.folder, services.pipeline.entrypoint[0]);
  const server = await startEmbedded(join(folder, 'server'));
  const env = { DATABASE_URL: server.url };
  const run = (...more) => entryPoint(image, [...args, ...more], env, bin, data);
  try {
    const first = await run();
    check(
      `the Compose command (exit ${first.code})\n${first.stdout.split('\n').slice(-8).join('\n')}`,
      first.code === 0,
    );
    const log = () => readFileSync(join(data, 'run.log'), 'utf8');
    check(
      'report, log and state in data/',
      existsSync(join(data, 'report.html')) &&
        existsSync(join(data, '.pipeline_state.json')) &&
        log().endsWith(first.stdout.slice(-200)),
    );
    check('a second month', (await run()).code === 0 && log().match(/^--- .* UTC$/gm).length === 2);
    check(
      'its exit code, when it fails',
      (await run('--library-artists', 'not-there.txt')).code === 4 &&
        log().includes('not-there.txt'),
    );
    const checked = await entryPoint(image, ['check'], env, 'wxyc-schema');
    check(`the contract\n${checked.stderr}`, checked.code === 0);
    await health(image, () => spawnIn(image, args, env, bin, data), env, log);
  } finally {
    await server.stop();
  }
}

/** Healthy while a run progresses, unhealthy when it is frozen; `docker stop` ends it cleanly. */
async function health(image, start, env, log) {
  const before = log().length;
  const child = start();
  const closed = new Promise((gone) => child.once('close', gone));
  const [node, script] = image.health;
  const ask = () =>
    spawnSync(node, [join(image.folder, script)], {
      env: {
        PATH: process.env.PATH,
        ...env,
        HEALTH_PROCESS: String(child.pid),
        HEALTH_FILE: join(folder, 'health.json'),
      },
    }).status;
  while (!log().slice(before).includes('convert: step 2')) await sleep(10);
  ask();
  await sleep(1500);
  const pipeline = Number(
    spawnSync('pgrep', ['-P', String(child.pid), '-f', 'wxyc-pipeline'], { encoding: 'utf8' })
      .stdout,
  );
  process.kill(pipeline, 'SIGSTOP');
  check('health of a run that moved', ask() === 0);
  check('health of a frozen run', ask() === 1);
  process.kill(pipeline, 'SIGCONT');
  child.kill('SIGTERM');
  check('a stopped run ends with 130', (await closed) === 130);
}

function check(what, holds) {
  if (!holds) throw new Error(`image: ${what}: not as it should be`);
  console.log(`image: ${basename(what.split('\n')[0])}: ok`);
}

function megabytes(path) {
  return spawnSync('du', ['-sm', path], { encoding: 'utf8' }).stdout.split('\t')[0];
}
