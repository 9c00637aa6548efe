/** What must hold after every strike, and at the end. Each check returns sentences about what does not hold. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunResult } from '@wxyc/testing';
import { startEmbedded } from '@wxyc/postgres';
import { embeddedUrl } from './blow.js';
import { contentOf, differencesOf, type Content } from './content.js';
import { postmasterOf } from './scratch-server.js';
import { allNestedRows, nestedRows, withoutNested } from './nested-writer.js';
import type { Hit } from './hit.js';
import type { Blow, TrialPlan } from './trial-plan.js';
import { filesOf, namesIn, stateOf, type Reference, type World } from './world.js';

export interface Scene {
  world: World;
  plan: TrialPlan;
  directory: string;
  urls: { source: string; target: string };
  databases: readonly string[];
  ended: RunResult;
}

const parts = ['source', 'target'] as const;
const clustersOf = ({ directory, plan }: Scene): string[] =>
  parts.slice(0, plan.mode === 'copy' ? 2 : 1).map((part) => join(directory, part));

/** After a strike and the end of the run that it hit. */
export async function afterStrike(scene: Scene & { hit: Hit }): Promise<string[]> {
  const { hit, ended, directory, world, plan } = scene;
  const faults = [...howItEnded(hit, ended)];
  try {
    stateOf(directory);
  } catch (error) {
    faults.push(`the state file is damaged: ${(error as Error).message}`);
  }
  faults.push(...finishedFiles(directory, world.references[plan.mode]));
  faults.push(...(await standing(scene)));
  const killed = isKill(hit.blow);
  if (!killed) faults.push(...(await leftBehind(scene)));
  return faults;
}

const isKill = (blow: Blow): boolean => blow === 'kill' || blow === 'forget' || blow === 'back';

/** The exit code that a blow leads to, and a sentence instead of a stack. */
function howItEnded({ blow, step }: Hit, { code, signal, stderr }: RunResult): string[] {
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (code === 0) return [];
  if (step === undefined) return [`it had ended with ${code} before the strike: ${said}`];
  // Before a process has begun, there is nothing to end cleanly.
  if (step === 0 && (signal === 'SIGTERM' || signal === 'SIGINT') && stderr === '') return [];
  const expected =
    blow === 'term' || blow === 'int'
      ? code === 130
      : isKill(blow)
        ? signal === 'SIGKILL'
        : blow !== 'nest' && code === 1;
  const faults = expected
    ? []
    : [
        code === null && signal === 'SIGKILL'
          ? `the run hung; it said last: ${said}`
          : `exit ${code ?? signal}: ${said}`,
      ];
  if (/\n {4}at /.test(stderr))
    faults.push(`a stack was printed: ${/.*\n {4}at .*/.exec(stderr)?.[0]}`);
  if (code === 1 && said === '') faults.push('nothing was said about the failure');
  return faults;
}

/** A CSV file that has its final name is complete. */
function finishedFiles(directory: string, reference: Reference): string[] {
  return [...filesOf(join(directory, 'csv'))].flatMap(([name, bytes]) => {
    const whole = reference.csv.get(name);
    return name.endsWith('.csv') && !whole?.equals(bytes)
      ? [`csv/${name} has ${bytes.length} bytes, and a whole one ${whole?.length}`]
      : [];
  });
}

/** What consumers see is last month's cache or this month's, whole. */
async function standing(scene: Scene): Promise<string[]> {
  const { world, plan, urls } = scene;
  const faults: string[] = [];
  for (const part of parts.slice(0, plan.mode === 'copy' ? 2 : 1)) {
    // An embedded server is looked at only if the killed run left it running: starting it would tidy up for the next run.
    const url = plan.place === 'server' ? urls[part] : embeddedUrl(join(scene.directory, part));
    if (url === undefined) continue;
    const found = withoutNested(await contentOf(url, 'public'));
    const fits = (content: Content): boolean =>
      differencesOf(inPublic(content), found).length === 0;
    if (!fits(world.lastMonth.content) && !fits(world.references[plan.mode].contents[part]!)) {
      faults.push(
        `the published cache of the ${part} is neither the old one nor the new one: ${differencesOf(inPublic(world.lastMonth.content), found, 3).join('; ')}`,
      );
    }
  }
  return faults;
}

const inPublic = (content: Content): Content =>
  content.filter(
    (line) =>
      !/^(?:schema (?!public$)|(?:relation|column|function|row) (?!public\.)|constraint \S+ on (?!public\.)|index (?!public\.))/.test(
        line,
      ),
  );

/** A run that could end by itself leaves no temporary file, lock, connection or server. */
async function leftBehind(scene: Scene): Promise<string[]> {
  const { directory, plan, world, databases } = scene;
  const isOwn = (name: string): boolean => !/^(?:source|target)(?:\/|$)/.test(name);
  const faults = namesIn(directory)
    .filter((name) => isOwn(name) && /\.partial$|\.lock$|\.tmp$/.test(name))
    .map((name) => `${name} was left behind`);
  if (plan.place === 'embedded') {
    for (const cluster of clustersOf(scene)) {
      if (existsSync(join(cluster, 'owner.json')))
        faults.push(`${cluster} is still marked as in use`);
      if (postmasterOf(cluster) !== undefined) faults.push(`the server in ${cluster} still runs`);
    }
    return faults;
  }
  const connections = (): Promise<{ name: string; query: string }[]> =>
    world.server.query(
      'postgres',
      "SELECT application_name AS name, query FROM pg_stat_activity WHERE datname = ANY($1) AND backend_type = 'client backend'",
      [databases],
    );
  // The server notices a closed connection in a moment, one that was cut at its next check of the client.
  for (const until = Date.now() + 5000; Date.now() < until && (await connections()).length > 0;)
    await sleep(50);
  return [
    ...faults,
    ...(await connections()).map(
      ({ name, query }) => `a connection was left: ${name}: ${query.slice(0, 100)}`,
    ),
  ];
}

/** At the end: what an undisturbed run leaves, and nothing else. */
export async function atTheEnd(scene: Scene & { nested: boolean }): Promise<string[]> {
  const { ended, directory, world, plan, urls } = scene;
  if (ended.code !== 0)
    return [
      `the resumed run ended with ${ended.code ?? ended.signal}: ${ended.stderr.trim().split('\n').at(-1)}`,
    ];
  const reference = world.references[plan.mode];
  const faults = [...finishedFiles(directory, reference), ...(await leftBehind(scene))];
  const state = stateOf(directory);
  if (JSON.stringify(state) !== JSON.stringify(reference.state))
    faults.push(
      `the state is ${JSON.stringify(state)}, that of an undisturbed run ${JSON.stringify(reference.state)}`,
    );
  const names = namesIn(directory).filter((name) => !/^(?:source|target)(?:\/|$)/.test(name));
  if (names.join('\n') !== reference.names.join('\n'))
    faults.push(
      `the directory holds ${names.join(', ')}, that of an undisturbed run ${reference.names.join(', ')}`,
    );
  for (const part of parts.slice(0, plan.mode === 'copy' ? 2 : 1)) {
    const found = await readFinished(urls[part]);
    if (part === 'source' && scene.nested && nestedRows(found) !== allNestedRows)
      faults.push(
        `${nestedRows(found)} of ${allNestedRows} rows are there that a consumer committed from savepoints`,
      );
    for (const line of differencesOf(reference.contents[part]!, withoutNested(found)))
      faults.push(`${part}: ${line}`);
  }
  return faults;
}

async function readFinished(url: string): Promise<Content> {
  if (!url.startsWith('embedded:')) return contentOf(url);
  const server = await startEmbedded(url.slice('embedded:'.length));
  try {
    return await contentOf(server.url);
  } finally {
    await server.stop();
  }
}
