/** One trial: strike a run as planned, resume it after each strike, and compare what it leaves with an undisturbed run. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBin, type RunResult, type RunningBin } from '@wxyc/testing';
import { strike, type Victim } from './blow.js';
import { afterStrike, atTheEnd } from './expectations.js';
import type { Strike, TrialPlan } from './trial-plan.js';
import { makeDatabases, stepsBegun, wordsOf, type World } from './world.js';
import type { Hit } from './hit.js';

export interface TrialResult {
  hits: Hit[];
  /** What went wrong, in sentences; empty if all is well. */
  faults: string[];
  /** Longest time, in ms, that a killed run's lock kept the next one waiting. */
  longestWait: number;
  directory: string;
}

/** Seconds: a silent network must be noticed during the trial. */
const heartbeat = { WXYC_HEARTBEAT_SECONDS: '3' };
/** A run that has not ended by then hangs. */
const patience = 90_000;
/** A killed run's connections may hold its locks for this long: the server looks every two seconds. */
const lockPatience = 15_000;

export async function runTrial(world: World, plan: TrialPlan, name: string): Promise<TrialResult> {
  const directory = join(world.folder, name);
  mkdirSync(directory);
  const urls = await makeDatabases(world, plan.place, directory, name);
  const words = wordsOf(plan.mode, world.inputs, urls);
  const result: TrialResult = { hits: [], faults: [], longestWait: 0, directory };
  const databases = [name, `${name}_target`];
  const scene = { world, plan, directory, urls, databases };
  const complain = (when: string, sentences: readonly string[]): void =>
    void result.faults.push(...sentences.map((sentence) => `${when}: ${sentence}`));

  const backedUp =
    plan.place === 'server' && plan.strikes.some(({ blow }) => blow === 'back') ? databases : [];
  const backUp = async (): Promise<void> => {
    for (const database of backedUp) await world.server.copy(database, `${database}_backup`);
  };
  await backUp();
  let nested = false;
  let resume = false;
  for (const [index, planned] of plan.strikes.entries()) {
    const when = `strike ${index + 1} (${planned.blow})`;
    const run = startBin('wxyc-pipeline', resume ? [...words, '--resume'] : words, {
      cwd: directory,
      timeout: patience,
      env: heartbeat,
    });
    resume = true;
    const hit = await strikeAt(
      planned,
      run,
      { run, server: world.server, place: plan.place, directory, databases },
      world.references[plan.mode].durations,
    );
    result.hits.push(hit);
    const ended = await run.finished;
    await world.server.recover();
    if (planned.blow === 'mute') world.server.heal();
    complain(when, await afterStrike({ ...scene, hit, ended }));
    nested ||= planned.blow === 'nest' && hit.step !== undefined;
    if (planned.blow === 'back')
      for (const database of backedUp) await world.server.copy(`${database}_backup`, database);
    else await backUp();
    if (planned.blow === 'forget') rmSync(join(directory, '.pipeline_state.json'), { force: true });
  }
  const { last, waited } = await resumeUntilFree(() =>
    startBin('wxyc-pipeline', [...words, '--resume'], {
      cwd: directory,
      timeout: patience,
      env: heartbeat,
    }),
  );
  result.longestWait = waited;
  complain('at the end', await atTheEnd({ ...scene, ended: last, nested }));
  if (result.faults.length === 0) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    if (plan.place === 'server')
      for (const database of [...databases, ...backedUp.map((name) => `${name}_backup`)])
        await world.server.query('postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }
  return result;
}

/** Waits for the moment, strikes, and reports what was hit. */
async function strikeAt(
  { blow, step, share }: Strike,
  run: RunningBin,
  victim: Victim,
  durations: readonly number[],
): Promise<Hit> {
  let over = false;
  void run.finished.finally(() => (over = true)).catch(() => undefined);
  while (!over && stepsBegun(run.stderr()) < step) await Promise.race([sleep(2), run.finished]);
  await Promise.race([sleep(share * (durations[step] ?? 0)), run.finished]);
  if (over) return { blow, step: undefined };
  const hit = { blow, step: stepsBegun(run.stderr()) };
  await strike(blow, victim);
  return hit;
}

/** Exit 75 right after a kill means that the server has not noticed yet: correct, but it must not last. */
async function resumeUntilFree(
  start: () => RunningBin,
): Promise<{ last: RunResult; waited: number }> {
  const begun = Date.now();
  for (;;) {
    const at = Date.now();
    const last = await start().finished;
    if (last.code !== 75 || Date.now() - begun > lockPatience) return { last, waited: at - begun };
    await sleep(250);
  }
}
