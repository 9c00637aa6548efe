/** The main job from dump to cache: from both of the sample's generations, and by the single bins. All end with the same rows. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ownedReleases, writeDump, writeLibrary } from '@wxyc/sample';
import {
  root,
  runBin,
  runCommand,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';

const sample = { releases: 700, albums: 60 };
const folder = temporaryFolder();
const library = join(folder, 'library.db');
const dump = {
  new: join(folder, 'new', 'releases.xml.gz'),
  old: join(folder, 'old', 'releases.xml.gz'),
};
const tables = [
  'release',
  'release_artist',
  'release_label',
  'release_track',
  'release_track_artist',
  'cache_metadata',
];
const databases: TestDatabase[] = [];

beforeAll(async () => {
  writeLibrary(library, join(folder, 'library_artists.txt'), sample);
  for (const generation of ['new', 'old'] as const) {
    mkdirSync(join(folder, generation));
    await writeDump(dump[generation], { ...sample, generation });
  }
});
afterAll(() => Promise.all(databases.map((database) => database.drop())));

async function database(): Promise<TestDatabase> {
  const made = await testDatabase({ extensions: false, owner: 'plain' });
  databases.push(made);
  return made;
}

/** Count and digest of every table; when a row was cached differs from run to run. */
async function content({ query }: TestDatabase): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const table of tables) {
    const row = table === 'cache_metadata' ? "release_id || ' ' || source" : 't::text';
    const [digest] = await query(
      `SELECT count(*)::int AS rows, md5(coalesce(string_agg(${row}, E'\\n' ORDER BY ${row} COLLATE "C"), '')) AS digest FROM ${table} t`,
    );
    result[table] = digest;
  }
  return result;
}

async function pipeline(args: string[]): Promise<void> {
  const { code, stderr } = await runBin('wxyc-pipeline', args, { cwd: temporaryFolder() });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

/** The cache that all others are compared with: the default run on the newer generation. */
let reference: Promise<{ database: TestDatabase; rows: Record<string, unknown> }> | undefined;
const referenceCache = (): NonNullable<typeof reference> =>
  (reference ??= (async () => {
    const made = await database();
    await pipeline(['--xml', dump.new, '--library-db', library, '--database-url', made.url]);
    return { database: made, rows: await content(made) };
  })());

describe('the main job', () => {
  it('keeps every album that the library owns beyond doubt, and little else', async () => {
    const { database: cache } = await referenceCache();
    const kept = new Set(
      (await cache.query<{ id: number }>('SELECT id FROM release')).map(({ id }) => id),
    );
    const albums = new Map<number | string, number[]>();
    for (const { id, masterId } of ownedReleases(sample))
      albums.set(masterId ?? `${id}`, [...(albums.get(masterId ?? `${id}`) ?? []), id]);
    expect(albums.size).toBeGreaterThan(30);
    expect([...albums.values()].filter((ids) => !ids.some((id) => kept.has(id)))).toEqual([]);
    expect(kept.size).toBeLessThan(sample.releases / 4);
  });

  it('keeps every release of a collection export, by its id alone and whatever its master', async () => {
    const found = gunzipSync(readFileSync(dump.new))
      .toString()
      .match(/<release id="\d+"/g)!;
    const ids = found.slice(0, 200).map((tag) => Number(/\d+/.exec(tag)![0]));
    const collection = join(folder, 'collection.csv');
    writeFileSync(
      collection,
      `Catalog#,Artist,Title,Label,Format,Rating,Released,release_id,CollectionFolder\n${ids.map((id) => `none,Nobody at All,Nothing ${id},Not On Label,LP,,0,${id},All`).join('\n')}\n`,
    );
    const made = await database();
    await pipeline(['--xml', dump.new, '--library', collection, '--database-url', made.url]);
    expect(
      (await made.query<{ id: number }>('SELECT id FROM release ORDER BY id')).map(({ id }) => id),
    ).toEqual(ids.sort((a, b) => a - b));
  });

  it('ends with the same rows: the older generation of the format', async () => {
    const { rows } = await referenceCache();
    const made = await database();
    await pipeline(['--xml', dump.old, '--library-db', library, '--database-url', made.url]);
    expect(await content(made)).toEqual(rows);
  });

  it('ends with the same rows: the steps by hand, as the README says', async () => {
    const { rows } = await referenceCache();
    const made = await database();
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const commands = /<!-- run: steps -->\n```sh\n([\s\S]*?)```/.exec(readme)![1]!;
    const cwd = temporaryFolder();
    const given = { 'library.db': library, 'releases.xml.gz': dump.new };
    for (const [name, file] of Object.entries(given))
      await runCommand('cp', [file, join(cwd, name)]);
    const script = commands.replace(/^export DATABASE_URL=.*$/m, '');
    const run = await runCommand('bash', ['-e', '-c', script], {
      cwd,
      env: { DATABASE_URL: made.url, PATH: `${root}node_modules/.bin:${process.env['PATH']}` },
    });
    expect({ code: run.code, stderr: run.code === 0 ? '' : run.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(await content(made)).toEqual(rows);
  });
});
