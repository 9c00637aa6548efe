/** A whole run: from dump or CSV files to the published cache, step by step, resumable after each. */
import { basename, dirname } from 'node:path';
import { publishedProfile, removeStepMarks, setStepMarks } from '@wxyc/cache';
import { describeFailure } from '@wxyc/cli';
import { lockOutput } from '@wxyc/csv';
import { buildSchema, isProfile, type Profile } from '@wxyc/dataset';
import {
  acquireRunLock,
  connect,
  embeddedDirectory,
  gently,
  withDatabase,
  type Sql,
} from '@wxyc/postgres';
import {
  formatSeconds,
  InterruptedError,
  redact,
  stepContext,
  StepError,
  throwIfInterrupted,
  tidyUpAfter,
  type StepContext,
  type StepResult,
} from '@wxyc/step';
import { checkBeforeRun, checkTarget, warnOfSuperuser } from './before-run.js';
import { fingerprintInputs, plainUrl } from './fingerprint.js';
import { hasMatchFiles } from './match-files.js';
import { withMonthlyChecksums } from './monthly-dump.js';
import { makePlan } from './plan.js';
import { dumpsBeside, furtherDumps, type PipelineOptions, type Plan } from './run-plan.js';
import { assembleReport } from './report.js';
import type { PipelineReport } from './report-data.js';
import { repeatIfNamesDiffer, resumeState } from './resume.js';
import { writeState, newSteps, readState, type RunState } from './state.js';
import type { StepName } from './step-names.js';
import { refuseServerLimits } from './server-limits.js';
import { failureAfterAll, failureOf, interruption } from './run-end.js';
import { stepsOf, type PipelineStep } from './steps.js';
import type { RunEnvironment } from './run-environment.js';
import {
  estimateCsvBytes,
  hasAllCsvFiles,
  prepareCsvDirectory,
  removeTemporaryCsv,
} from './workspace.js';

export interface RunExtras {
  /** The run's id. Default: made from the time and a random number. */
  runId?: string | undefined;
  /** Receives the report of a run in which a step failed, before the failure is thrown. */
  onFailure?: ((report: PipelineReport) => Promise<void>) | undefined;
}

/**
 * Runs every step that is not done yet and returns the report.
 *
 * Reads a dump or CSV files, writes CSV files beside the state file (or to `keepCsv`), builds in the schema
 * `discogs_next` and replaces the cache in `public` at the end. Holds the database's run lock throughout. A failure before
 * that leaves the published cache as it was; the state file says how far the run came.
 *
 * @throws every failure of the steps, and UsageError for contradicting options.
 * @example
 * const report = await runPipeline({ xml: 'releases.xml.gz', libraryDb: 'library.db', databaseUrl: 'embedded:./cache' });
 */
export async function runPipeline(
  options: PipelineOptions,
  context?: Partial<StepContext> & RunExtras,
): Promise<PipelineReport> {
  const full = stepContext(context);
  const plan = await makePlan(options, full);
  const stateLock = await lockOutput(dirname(plan.stateFile), `${basename(plan.stateFile)}.lock`);
  try {
    return await withDatabase(options.databaseUrl, full, (url) =>
      withTarget(options.targetDbUrl, full, (targetUrl) =>
        gently(options.gentle, () =>
          runOn({
            plan,
            url,
            targetUrl,
            context: full,
            runId: context?.runId ?? newRunId(),
            onFailure: context?.onFailure,
          }),
        ),
      ),
    );
  } catch (error) {
    // An abort ends connections, and their users then see only a lost connection.
    if (!(error instanceof StepError)) throwIfInterrupted(full.signal);
    throw error;
  } finally {
    await stateLock.release();
  }
}

const newRunId = (): string =>
  `${new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)}-${Math.random().toString(36).slice(2, 6)}`;

function withTarget<T>(
  url: string | undefined,
  context: StepContext,
  fn: (url: string | undefined) => Promise<T>,
): Promise<T> {
  return url === undefined ? fn(undefined) : withDatabase(url, context, fn);
}

interface Run {
  plan: Plan;
  /** Ordinary URLs; embedded servers are already up. */
  url: string;
  targetUrl: string | undefined;
  context: StepContext;
  runId: string;
  onFailure: RunExtras['onFailure'];
}

async function runOn(given: Run): Promise<PipelineReport> {
  const { url, targetUrl } = given;
  const started = performance.now();
  let state: RunState | undefined;
  const { logger } = given.context;
  // What the run made for itself is removed, however it ended; after a kill, the next run does it.
  let isClean = false;
  let isOver = false;
  const cleanUp = async (): Promise<void> => {
    if (!state || isClean) return;
    isClean = true;
    await removeTemporaryCsv(plan, state.run_id, logger).catch((error: Error) =>
      logger.warn(`the CSV files in ${plan.csvDir} could not be removed: ${error.message}`),
    );
  };
  let { plan } = given;
  const lock = await acquireRunLock(
    url,
    'wxyc-pipeline',
    given.context,
    await deadMark(given.plan.stateFile),
  );
  // Without the lock another run may begin on the same build, so this one ends.
  const context = { ...given.context, signal: AbortSignal.any([given.context.signal, lock.lost]) };
  try {
    plan = { ...plan, profile: await profileOf(plan, url, context) };
    // Only now is it certain which dumps are needed.
    if (plan.monthly)
      plan.monthly = await withMonthlyChecksums(
        plan.monthly,
        ['releases', ...dumpsBeside(plan).map(({ kind }) => kind)],
        context,
      );
    const run: Run = { ...given, plan, context };
    const sql = await connect(url, {
      applicationName: lock.applicationName('wxyc-pipeline'),
      signal: context.signal,
      max: 1,
    });
    try {
      if (targetUrl) await checkTarget(url, targetUrl, plan, context);
      await checkBeforeRun(url, plan, context);
      await refuseServerLimits(sql, { open: 2, temporaryBytes: await estimateCsvBytes(plan) });
      if (embeddedDirectory(plan.options.databaseUrl) === undefined)
        await warnOfSuperuser(sql, context.logger);
      state = await openState(run, sql, lock.mark);
      const environment: RunEnvironment = { plan, url, targetUrl, lock, sql, state, context };
      const progress: RunProgress = { before: 0 };
      const seconds = (): number => progress.before + (performance.now() - started) / 1000;
      try {
        await runSteps(environment, progress);
      } catch (error) {
        // The report names the files that stay.
        await cleanUp();
        throw await failed(error, run, environment, progress, seconds());
      }
      isOver = true;
      await cleanUp();
      try {
        return await assembleReport(environment, seconds());
      } catch (error) {
        throw failureAfterAll(plan, lock.lost.aborted ? lock.lost.reason : error, given.context);
      }
    } finally {
      await sql.end();
    }
  } catch (error) {
    await cleanUp();
    throw lock.lost.aborted && !given.context.signal.aborted && !isOver ? lock.lost.reason : error;
  } finally {
    await lock.release();
  }
}

/** The mark of the process that wrote the state file: this one holds the file's lock, so that one has ended or was killed. */
async function deadMark(stateFile: string): Promise<string | undefined> {
  // Resuming will refuse a damaged file.
  const found = await readState(stateFile).catch(() => undefined);
  return found?.needsProof === false ? found.state.lock : undefined;
}

/** The profile that was asked for, or else that of the run that is resumed, or else that of the published cache. */
async function profileOf(
  { options, stateFile }: Plan,
  databaseUrl: string,
  context: StepContext,
): Promise<Profile> {
  if (options.profile !== undefined) return options.profile;
  const found = options.resume ? await readState(stateFile) : undefined;
  if (found?.needsProof === false) {
    const begun = found.state.inputs['profile'] ?? 'lean';
    if (isProfile(begun)) return begun;
  }
  return publishedProfile({ databaseUrl }, context);
}

/** A new state, or the one to resume. It is written at once: if it cannot be written, that shows before the work begins. */
async function openState(run: Run, sql: Sql, mark: string): Promise<RunState> {
  const { plan, context } = run;
  const inputs = await fingerprintInputs(plan);
  const [clock] = await sql.unsafe<{ now: string }[]>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`,
  );
  const fresh: RunState = {
    version: 3,
    run_id: run.runId,
    started_at: clock!.now,
    database_url: plainUrl(plan.options.databaseUrl),
    csv_dir: plan.temporaryCsv ? null : plan.csvDir,
    inputs,
    steps: newSteps(),
  };
  const state = plan.options.resume
    ? await resumeState({
        plan,
        fresh,
        databaseUrl: run.url,
        targetUrl: run.targetUrl,
        sql,
        context,
      })
    : fresh;
  state.lock = mark;
  await writeState(plan.stateFile, state);
  return state;
}

/** Steps that ask the library; the last of them asks which albums lose their release. */
const deciding: readonly StepName[] = ['match', 'dedup', 'prune', 'publish'];

/** Convert's files are for the two imports; after those nobody needs them. */
function isNeeded(name: StepName, { plan, state }: RunEnvironment): boolean {
  const done = (step: StepName): boolean => state.steps[step].status === 'completed';
  // Decisions that are still to be made need the names, which are removed with the CSV files.
  if (
    name === 'enrich' &&
    plan.options.libraryDb !== undefined &&
    !hasMatchFiles(plan) &&
    !deciding.every(done)
  )
    return true;
  if (name !== 'enrich' && name !== 'convert') return !done(name);
  // Artists of tracks are named only in the files.
  const readFiles: StepName[] = [
    'import_csv',
    'import_tracks',
    ...(furtherDumps(plan).length > 0 ? (['import_artists'] as const) : []),
  ];
  if (readFiles.every(done)) return false;
  return !(done('convert') && hasAllCsvFiles(plan.csvDir, plan.profile));
}

/** How far a run has come. */
interface RunProgress {
  /** Seconds taken by the steps that were done before the run was resumed. */
  before: number;
  /** The step that is under way. */
  step?: PipelineStep;
}

/** Hands on the report up to the failure, and returns what to throw. */
async function failed(
  error: unknown,
  { plan, onFailure, context }: Run,
  environment: RunEnvironment,
  { step }: RunProgress,
  seconds: number,
): Promise<unknown> {
  if (!step) return error;
  // A lost lock aborts the step: then the message has to be about the connection, since nobody interrupted the run.
  const { lost } = environment.lock;
  const isLost = lost.aborted && context.signal.reason === lost.reason;
  const interrupted = !isLost && (error instanceof InterruptedError || context.signal.aborted);
  const failure = failureOf(
    plan,
    environment.state,
    step,
    interrupted ? 'interrupted' : redact(describeFailure(isLost ? lost.reason : error).message),
    interrupted ? undefined : error,
  );
  const thrown = interrupted ? interruption(failure, context.signal, error) : error;
  // A report that cannot be made or written must not hide the failure.
  await assembleReport(environment, seconds, failure)
    .then((report) => onFailure?.(report))
    .catch((again: Error) => context.logger.error(again.message));
  return thrown;
}

/** Runs what is needed, and notes how far it is. */
async function runSteps(environment: RunEnvironment, progress: RunProgress): Promise<void> {
  const { plan, state, context, lock, sql } = environment;
  const { signal } = context;
  const steps = stepsOf(plan);
  for (const [index, step] of steps.entries()) {
    progress.step = step;
    throwIfInterrupted(signal);
    const place = `step ${index + 1} of ${steps.length}`;
    const logger = context.logger.child({ step: step.name });
    if (!step.names.some((name) => isNeeded(name, environment))) {
      progress.before += state.steps[step.names[0]].result?.seconds ?? 0;
      logger.info(`${place}, ${step.title}: already done`);
      continue;
    }
    if (step.names[0] === 'enrich' || step.names[0] === 'convert')
      await prepareCsvDirectory(plan, state.run_id, logger);
    logger.info(`${place}: ${step.title}`);
    // The connection may have been dropped silently, and the lock may be another run's by now.
    await lock.prove();
    // What is done already does not build on this step: its mark stays, or the next resume would repeat it.
    const ahead = steps.slice(index).flatMap(({ names }) => names);
    const undone = ahead.filter((name) => state.steps[name].status !== 'completed');
    await removeStepMarks(sql, buildSchema, undone);
    const record = (change: {
      status: 'completed' | 'failed';
      error?: string;
      result?: StepResult;
    }): Promise<void> => {
      for (const name of step.names)
        state.steps[name] = {
          ...change,
          ...(change.status === 'completed' ? { completed_at: new Date().toISOString() } : {}),
        };
      return writeState(plan.stateFile, state);
    };
    let result: StepResult;
    try {
      result = await step.run({ ...environment, context: { ...context, logger } });
      if (step.names[0] === 'enrich' && isNeeded('convert', environment))
        await repeatIfNamesDiffer(plan, state, logger);
      if (step.inBuild) await setStepMarks(sql, buildSchema, state.run_id, step.names);
    } catch (error) {
      // The first failure is the one to report, whatever the state file's disk says.
      const reason = lock.lost.aborted ? (lock.lost.reason as Error) : (error as Error);
      await record({ status: 'failed', error: redact(reason.message ?? String(error)) }).catch(
        (again: Error) => logger.error(again.message),
      );
      throw error;
    }
    // It is done all the same: a cache that is published stays so.
    await record({ status: 'completed', result }).catch((error: Error) => {
      throw new StepError(
        `${step.name} is done, but that could not be recorded: ${error.message}`,
        { cause: error },
      );
    });
    const { unit, read, written, dropped, seconds } = result;
    logger.info(
      { unit, read, written, dropped, seconds },
      `done in ${formatSeconds(seconds)}: ${step.title}`,
    );
    tidyUpAfter();
  }
}
