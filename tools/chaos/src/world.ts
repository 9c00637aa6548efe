/**
 * What all trials share: inputs, a server, last month's cache that consumers have written to, and what an undisturbed
 * run of each mode leaves behind.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '@wxyc/dataset';
import { startEmbedded } from '@wxyc/postgres';
import { writeArtistsDump, writeDump, writeLibrary } from '@wxyc/sample';
import { runBin, startBin } from '@wxyc/testing';
import { contentOf, differencesOf, type Content } from './content.js';
import { stepCounts, type Mode, type Place } from './trial-plan.js';
import { onConnection, startScratchServer, type ScratchServer } from './scratch-server.js';

/** Few enough for a run to take some seconds. */
export const defaultReleases = 800;

export interface WorldOptions {
  /** An empty directory that every user may enter. */
  folder: string;
  /** Releases in the dump; default {@link defaultReleases}. */
  releases?: number;
  /** What the caches hold; default lean. In full, there is an artists dump beside the releases. */
  profile?: Profile | undefined;
  log?: (line: string) => void;
}

/** What an undisturbed run leaves, and how long its steps took. */
export interface Reference {
  /** By database: the source, and in copy mode the target. */
  contents: Record<'source' | 'target', Content | undefined>;
  state: ComparableState;
  /** Files of --keep-csv by name. */
  csv: Map<string, Buffer>;
  /** Names in the run's directory. */
  names: string[];
  /** Milliseconds: before the first step, then each step. */
  durations: number[];
}

/** A world whose reference results are not known yet. */
type Grounds = Omit<World, 'references' | 'stepCounts'>;

export interface World {
  folder: string;
  /** Releases in the dump. */
  releases: number;
  server: ScratchServer;
  inputs: { xml: string; csv: string; libraryDb: string; artists: string; profile: Profile };
  /** Database on the server that new ones are cloned from: last month's cache. */
  lastMonth: { template: string; clusters: Record<'source' | 'target', string>; content: Content };
  references: Record<Mode, Reference>;
  /** Steps of each kind of run in this profile. */
  stepCounts: Record<Mode, number>;
  close(): Promise<void>;
}

/** A state file without what differs from run to run. */
export type ComparableState = {
  inputs: Record<string, string>;
  statuses: Record<string, string>;
  version: number;
};

const database = { template: 'last_month' };

/** The pipeline's arguments; paths other than inputs are relative to the run's directory. */
export function wordsOf(
  mode: Mode,
  inputs: World['inputs'],
  urls: { source: string; target: string },
): string[] {
  const from =
    mode === 'csv' ? ['--csv-dir', inputs.csv] : ['--xml', inputs.xml, '--keep-csv', 'csv'];
  const to = mode === 'copy' ? ['--target-db-url', urls.target] : [];
  return [
    ...from,
    '--library-db',
    inputs.libraryDb,
    '--profile',
    inputs.profile,
    '--database-url',
    urls.source,
    ...to,
    '--progress',
    'never',
  ];
}

/** Reads a state file for comparison; undefined if there is none. Throws if it is not valid JSON. */
export function stateOf(directory: string): ComparableState | undefined {
  const file = join(directory, '.pipeline_state.json');
  if (!existsSync(file)) return undefined;
  const { inputs, steps, version } = JSON.parse(readFileSync(file, 'utf8')) as {
    inputs: Record<string, string>;
    version: number;
    steps: Record<string, { status: string }>;
  };
  // The target's address has the trial's database in it.
  const { ['target database']: _, ...same } = inputs;
  return {
    inputs: same,
    version,
    statuses: Object.fromEntries(Object.entries(steps).map(([name, { status }]) => [name, status])),
  };
}

export const namesIn = (directory: string): string[] =>
  (readdirSync(directory, { recursive: true }) as string[]).sort();

export function filesOf(directory: string): Map<string, Buffer> {
  if (!existsSync(directory)) return new Map();
  return new Map(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(join(directory, name))]),
  );
}

/** Last month's cache, as it looks after a month: consumers wrote to it, and others may read it. */
async function age(url: string, profile: Profile): Promise<void> {
  await onConnection(url, async (client) => {
    if (profile === 'full') await client.query(fullRows);
    await client.query(`
      INSERT INTO release (id, title, release_year, artwork_url) VALUES (900000001, 'Fetched', 2001, 'https://img/1'), (900000002, 'Fetched, too', NULL, NULL);
      INSERT INTO release_artist (release_id, artist_name) VALUES (900000001, 'A Consumer''s'), (900000002, 'Another');
      INSERT INTO release_track (release_id, sequence, position, title) VALUES (900000001, 1, 'A1', 'First'), (900000002, 1, 'A1', 'Only');
      INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES (900000001, 1, 'A Guest');
      INSERT INTO cache_metadata (release_id, cached_at, source) VALUES (900000001, '2026-01-02 03:04:05Z', 'api_fetch'), (900000002, '2026-02-03 04:05:06Z', 'api_fetch');
      UPDATE release SET artwork_url = 'https://img/' || id WHERE id IN (SELECT id FROM release WHERE id < 900000000 ORDER BY id LIMIT 40);
      GRANT SELECT ON release, release_artist TO PUBLIC`);
  });
}

/** What consumers write beside that in the full profile: a complete release, an artist, and a note of what Discogs does not have. */
const fullRows = `
  INSERT INTO release (id, title, released, format, artwork_checked_at) VALUES (900000003, 'Fetched in full', '2001-05-00', 'CD', '2026-01-04Z');
  INSERT INTO release (id, title, not_found) VALUES (900000004, '', true);
  INSERT INTO cache_metadata (release_id, cached_at, source) VALUES (900000003, '2026-03-04 05:06:07Z', 'api_fetch'), (900000004, '2026-03-05 05:06:07Z', 'api_fetch');
  INSERT INTO release_artist (release_id, artist_name, artist_id, anv, role) VALUES (900000003, 'A Consumer''s', 900000005, 'A. C.', 'Producer');
  INSERT INTO release_genre VALUES (900000003, 'Jazz');
  INSERT INTO release_style VALUES (900000003, 'Bop');
  INSERT INTO release_format VALUES (900000003, 'CD', 2, NULL, '{Album,Reissue}');
  INSERT INTO release_identifier VALUES (900000003, 'Barcode', '0123', NULL);
  INSERT INTO release_video (release_id, sequence, src) VALUES (900000003, 1, 'https://video/1');
  INSERT INTO artist (id, name, fetched_at) VALUES (900000005, 'A Consumer''s', '2026-03-04 05:06:07Z');
  INSERT INTO artist (id, name, fetched_at, not_found) VALUES (900000006, '', '2026-03-06 05:06:07Z', true);
  INSERT INTO artist_alias VALUES (900000005, 900000007, 'Another Name')`;

function failed(what: string, { code, stderr }: { code: number | null; stderr: string }): void {
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${stderr.slice(-2000)}`);
}

/** Runs the pipeline undisturbed and measures its steps. */
async function undisturbed(world: Grounds, mode: Mode): Promise<Reference> {
  const directory = join(world.folder, `reference-${mode}`);
  mkdirSync(directory);
  const urls = await makeDatabases(world, 'server', directory, `reference_${mode}`);
  const begun = [Date.now()];
  const run = startBin('wxyc-pipeline', wordsOf(mode, world.inputs, urls), { cwd: directory });
  run.child.stderr!.on('data', () => {
    for (const now = stepsBegun(run.stderr()); begun.length <= now;) begun.push(Date.now());
  });
  failed(`The undisturbed run (${mode})`, await run.finished);
  begun.push(Date.now());
  if (world.inputs.profile === 'lean' && begun.length !== stepCounts[mode] + 2)
    throw new Error(
      `The pipeline has ${begun.length - 2} steps in mode ${mode}, and the trials know ${stepCounts[mode]}.`,
    );
  return {
    contents: {
      source: await contentOf(urls.source),
      target: mode === 'copy' ? await contentOf(urls.target) : undefined,
    },
    state: stateOf(directory)!,
    csv: filesOf(join(directory, 'csv')),
    names: namesIn(directory),
    durations: begun.slice(1).map((time, index) => time - begun[index]!),
  };
}

/** The number of the last step that a run's log says has begun. */
export function stepsBegun(stderr: string): number {
  return Number(/[^]*\bstep (\d+) of \d+\b/.exec(stderr)?.[1] ?? 0);
}

/** Makes everything; takes about twenty seconds. */
export async function makeWorld({
  folder,
  releases = defaultReleases,
  profile = 'lean',
  log = () => undefined,
}: WorldOptions): Promise<World> {
  const dumps = join(folder, 'dumps');
  const dump = join(dumps, 'releases.xml.gz');
  mkdirSync(dumps);
  const inputs = {
    xml: profile === 'full' ? dumps : dump,
    profile,
    csv: join(folder, 'csv'),
    libraryDb: join(folder, 'library.db'),
    artists: join(folder, 'artists.txt'),
  };
  const sample = { releases, albums: Math.round(releases / 8), seed: 11 };
  await writeDump(dump, { ...sample, generation: 'old' });
  if (profile === 'full')
    await writeArtistsDump(join(dumps, 'artists.xml.gz'), { ...sample, generation: 'old' });
  writeLibrary(inputs.libraryDb, inputs.artists, sample);
  // All releases of the library's artists: prune has something to do.
  failed(
    'wxyc-convert',
    await runBin('wxyc-convert', [
      dump,
      '--output',
      inputs.csv,
      '--profile',
      profile,
      '--library-artists',
      inputs.artists,
      '--library-db',
      inputs.libraryDb,
      '--clean-newlines',
    ]),
  );
  await writeDump(join(folder, 'last-month.xml'), {
    ...sample,
    releases: Math.round(releases * 0.8),
    generation: 'old',
  });

  // Clusters of their own for embedded trials, and a database on the server for the others, all with the same content. Not
  // one cluster copied twice: source and target would then have the same identity.
  const lastMonth = [
    '--xml',
    join(folder, 'last-month.xml'),
    '--profile',
    profile,
    '--library-db',
    inputs.libraryDb,
    '--state-file',
    join(folder, 'last-month.json'),
  ];
  log("building last month's cache");
  const clusters = {
    source: join(folder, 'last-month-source'),
    target: join(folder, 'last-month-target'),
  };
  const contents: Content[] = [];
  for (const cluster of Object.values(clusters)) {
    failed(
      "Last month's run",
      await runBin('wxyc-pipeline', [...lastMonth, '--database-url', `embedded:${cluster}`]),
    );
    const embedded = await startEmbedded(cluster);
    await age(embedded.url, profile);
    contents.push(await contentOf(embedded.url));
    await embedded.stop();
  }

  const server = await startScratchServer(join(folder, 'server'));
  try {
    await server.query('postgres', `CREATE DATABASE ${database.template}`);
    failed(
      "Last month's run",
      await runBin('wxyc-pipeline', [
        ...lastMonth,
        '--database-url',
        server.url(database.template),
      ]),
    );
    await age(server.url(database.template), profile);
    const content = await contentOf(server.url(database.template));
    for (const other of contents)
      if (differencesOf(content, other).length)
        throw new Error(
          'The embedded databases and the one on a server differ after the same run.',
        );
    const world = {
      folder,
      releases,
      server,
      inputs,
      lastMonth: { template: database.template, clusters, content },
      close: () => server.stop(),
    };
    const references = {} as Record<Mode, Reference>;
    for (const mode of ['xml', 'csv', 'copy'] as const) {
      references[mode] = await undisturbed(world, mode);
      log(
        `undisturbed run, ${mode}: ${(references[mode].durations.reduce((a, b) => a + b, 0) / 1000).toFixed(1)} s, ${references[mode].contents.source!.length} lines of content`,
      );
    }
    const countOf = (mode: Mode): number => references[mode].durations.length - 1;
    return {
      ...world,
      references,
      stepCounts: { xml: countOf('xml'), csv: countOf('csv'), copy: countOf('copy') },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The URLs of one trial's databases, made as it begins: last month's cache in both. */
export async function makeDatabases(
  world: Grounds,
  place: Place,
  directory: string,
  name: string,
): Promise<{ source: string; target: string }> {
  const names = { source: name, target: `${name}_target` };
  if (place === 'server') {
    for (const database of Object.values(names))
      await world.server.query(
        'postgres',
        `CREATE DATABASE ${database} TEMPLATE ${world.lastMonth.template}`,
      );
    return { source: world.server.url(names.source), target: world.server.url(names.target) };
  }
  // As cp -a does: the files belong to the server's user.
  for (const part of ['source', 'target'] as const)
    execFileSync('cp', ['-a', world.lastMonth.clusters[part], join(directory, part)]);
  return {
    source: `embedded:${join(directory, 'source')}`,
    target: `embedded:${join(directory, 'target')}`,
  };
}
