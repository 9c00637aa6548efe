/** Decides what `--resume` may skip. */
import { resolve } from 'node:path';
import {
  buildSteps,
  publishedRunId,
  readStepMarks,
  removeStepMarks,
  setStepMarks,
  stepNamesOf,
} from '@wxyc/cache';
import { buildSchema } from '@wxyc/dataset';
import { errorCode, parseDatabaseUrl, redactUrl, type Sql } from '@wxyc/postgres';
import { stepContext, UsageError, type Logger, type StepContext } from '@wxyc/step';
import { differences, namesFingerprint, plainUrl } from './fingerprint.js';
import { hasBuildSchema, inferCompleted, isDecidedAsPlanned } from './infer.js';
import type { Plan } from './run-plan.js';
import { readState, type RunState } from './state.js';
import { stepNames, type StepName } from './step-names.js';

interface ResumeOptions {
  plan: Plan;
  /** The state of a run that begins now. */
  fresh: RunState;
  /** An ordinary URL. */
  databaseUrl: string;
  targetUrl: string | undefined;
  sql: Sql;
  context: StepContext;
}

const wayOut = 'Give the same options as then, or start afresh without --resume.';

/** Identifies a server and database, whatever the password and the order of parameters. */
function sameAddress(before: string, now: string): boolean {
  if (before.startsWith('embedded:') || now.startsWith('embedded:')) return before === now;
  try {
    const [a, b] = [parseDatabaseUrl(before), parseDatabaseUrl(now)];
    return a.host === b.host && a.port === b.port && a.database === b.database;
  } catch {
    return false;
  }
}

function refuse(stateFile: string, sentences: readonly string[]): never {
  throw new UsageError(
    `The state file ${stateFile} belongs to another run: ${sentences.join('; ')}. ${wayOut}`,
  );
}

/** Steps that change the cache's tables; each builds on those before it. Decisions can be made anew at any time. */
const building: readonly StepName[] = buildSteps.filter((name) => name !== 'match');

/** If a step has to run again, so have those that build on it. In copy mode `prune` is the copy, which builds on all of them. */
function withoutGaps(state: RunState, { mode, profile }: Plan): RunState {
  let gap = false;
  for (const name of building.filter(
    (step) =>
      (step !== 'prune' || mode === 'prune') && (step !== 'import_artists' || profile === 'full'),
  )) {
    if (gap) state.steps[name] = { status: 'pending' };
    gap ||= state.steps[name].status !== 'completed';
  }
  if (gap && mode === 'copy') state.steps.prune = { status: 'pending' };
  return state;
}

const markDone = (state: RunState, names: Iterable<StepName>): RunState => {
  for (const name of names) state.steps[name] = { status: 'completed' };
  return state;
};

/**
 * The state from which to resume.
 *
 * @throws UsageError if the state file is of a run with other inputs, naming what differs.
 */
export async function resumeState(options: ResumeOptions): Promise<RunState> {
  const { plan, fresh, sql, databaseUrl, context } = options;
  const { logger } = stepContext(context);
  const found = await readState(plan.stateFile);
  if (found && !found.needsProof) return confirm(found.state, options);

  if (found) {
    const sentences = [];
    if (found.databaseUrl && !sameAddress(found.databaseUrl, plan.options.databaseUrl)) {
      sentences.push(
        `its database is ${redactUrl(found.databaseUrl)}, not ${plainUrl(plan.options.databaseUrl)}`,
      );
    }
    if (plan.options.csvDir && found.csvDir && resolve(found.csvDir) !== plan.csvDir)
      sentences.push(`its CSV files are in ${found.csvDir}, not in ${plan.csvDir}`);
    if (sentences.length) refuse(plan.stateFile, sentences);
  }
  if (!(await hasBuildSchema(sql))) {
    logger.info(
      found
        ? 'the build that the state file describes is gone: starting afresh'
        : 'no state file and no unfinished build: starting afresh',
    );
    return fresh;
  }
  // Without a dump's fingerprint there is no way to know whether left-over files come from this dump.
  const proven = plan.dump ? new Set<StepName>() : await inferCompleted(sql, plan.csvDir);
  const decided = !proven.has('dedup') || (await isDecidedAsPlanned(sql, databaseUrl, plan));
  const done = !decided ? [] : [...proven].filter((name) => !found || found.completed.has(name));
  logger.info(
    { done },
    done.length
      ? 'resuming from what the database holds'
      : 'the unfinished build in the database was made by an earlier version or belongs to another run: starting afresh',
  );
  // From here on the build belongs to this run.
  await removeStepMarks(sql, buildSchema, stepNames);
  await setStepMarks(sql, buildSchema, fresh.run_id, done);
  return withoutGaps(markDone(fresh, done), plan);
}

/** Steps whose work is files: the database cannot tell. */
const inFiles: ReadonlySet<StepName> = new Set(['enrich', 'convert']);

/** A state file of ours counts as far as the database confirms it: after a failover or a restored backup the database may hold less. */
async function confirm(state: RunState, options: ResumeOptions): Promise<RunState> {
  const { plan, fresh, sql, databaseUrl, targetUrl, context } = options;
  const { logger, signal } = context;
  const sentences = differences(state.inputs, fresh.inputs, plan.options);
  if (!sameAddress(state.database_url, fresh.database_url))
    sentences.unshift(`its database is ${state.database_url}, not ${fresh.database_url}`);
  if (state.csv_dir !== fresh.csv_dir)
    sentences.push(
      `its CSV files are in ${state.csv_dir ?? 'a folder of its own'}, not in ${fresh.csv_dir ?? 'a folder of its own'}`,
    );
  if (sentences.length) refuse(plan.stateFile, sentences);

  const held = await heldSteps(state, plan, { sql, databaseUrl, targetUrl, signal });
  const missing = stepNames.filter(
    (name) => state.steps[name].status === 'completed' && !inFiles.has(name) && !held.has(name),
  );
  if (missing.length) {
    logger.warn(
      { steps: missing },
      `the database does not hold what the state file says is done (${stepNamesOf(missing).join(', ')}): it was restored, or another run has worked on it; repeating these steps`,
    );
    for (const name of missing) state.steps[name] = { status: 'pending' };
  }
  if (held.has('publish')) {
    // Killed between the publication and its record.
    for (const name of held)
      if (state.steps[name].status !== 'completed') state.steps[name] = { status: 'completed' };
    return state;
  }
  return withoutGaps(state, plan);
}

/**
 * Called when the names have been collected again and the dump is about to be converted again. If the catalogue has changed meanwhile, the
 * new CSV files lack releases that the build has, which would get no tracks: then what was made from the former names is made again.
 */
export async function repeatIfNamesDiffer(
  plan: Plan,
  state: RunState,
  logger: Logger,
): Promise<void> {
  if (plan.options.wxycDbUrl === undefined) return;
  const names = await namesFingerprint(plan);
  const done = stepNames.filter(
    (name) =>
      name !== 'enrich' && name !== 'create_schema' && state.steps[name].status === 'completed',
  );
  if (state.names !== names && done.includes('import_csv')) {
    const reason =
      state.names === undefined
        ? 'an earlier version began this run, which did not note the names in the catalogue'
        : 'the names in the catalogue have changed since this run began';
    logger.warn(
      { steps: done },
      `${reason}: repeating what was made from them (${stepNamesOf(done).join(', ')})`,
    );
    for (const name of done) state.steps[name] = { status: 'pending' };
  }
  state.names = names;
}

/** The steps that the databases hold for this run. */
async function heldSteps(
  state: RunState,
  { mode, profile }: Plan,
  {
    sql,
    databaseUrl,
    targetUrl,
    signal,
  }: { sql: Sql; databaseUrl: string; targetUrl: string | undefined; signal: AbortSignal },
): Promise<Set<StepName>> {
  const published = (await publishedRunId(databaseUrl, signal)) === state.run_id;
  const held = published
    ? new Set(
        stepNames.filter(
          (name) =>
            !inFiles.has(name) &&
            (name !== 'prune' || mode === 'prune') &&
            (name !== 'import_artists' || profile === 'full'),
        ),
      )
    : ((await readStepMarks(sql, buildSchema, state.run_id)) as Set<StepName>);
  if (mode === 'copy') {
    held.delete('prune');
    if (targetUrl && (await targetRunId(targetUrl, signal)) === state.run_id) held.add('prune');
  }
  return held;
}

/** Who published the target; nobody, if it is not there. */
async function targetRunId(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    return await publishedRunId(url, signal);
  } catch (error) {
    if (errorCode((error as Error).cause) === '3D000') return null;
    throw error;
  }
}
