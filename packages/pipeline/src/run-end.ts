/** What a run says at its end, whether it succeeded or failed: where its files are, how to connect, what state things are in and what to do. */
import { existsSync } from 'node:fs';
import { describeFailure } from '@wxyc/cli';
import { embeddedDirectory } from '@wxyc/postgres';
import { BadInputError, InterruptedError, redact, StepError, type StepContext } from '@wxyc/step';
import { plainUrl } from './fingerprint.js';
import { dumpsBeside, type Plan } from './run-plan.js';
import type { RunState } from './state.js';
import { stepsOf, type PipelineStep } from './steps.js';
import { rejectedRowsFile, unreadableFile } from './workspace.js';

export interface RunFile {
  name: string;
  path: string;
}

/** A step that failed, and how. */
export interface RunFailure {
  step: string;
  /** `step 4 of 11`. */
  place: string;
  message: string;
  /** What state things are in, and what to do. */
  outcome: string;
}

/** The files that the run has written and that exist. */
export function filesOf(plan: Plan): RunFile[] {
  const { options, csvDir, temporaryCsv, stateFile } = plan;
  const files: [string, string | undefined][] = [
    ['report', options.report],
    ['decisions', options.decisions],
    ['coverage', options.coverage],
    ['CSV files', temporaryCsv ? undefined : csvDir],
    ['unreadable records', unreadableFile(plan)],
    ['rows that no table took', rejectedRowsFile(plan, 'base')],
    ['rows that no table took', rejectedRowsFile(plan, 'tracks')],
    ['rows that no table took', rejectedRowsFile(plan, 'artists')],
    ...(plan.monthly
      ? ([
          ['dump', plan.dump],
          ...dumpsBeside(plan).map(({ kind, path }) => [`${kind} dump`, path]),
        ] as [string, string][])
      : []),
    ['state file', stateFile],
  ];
  const seen = new Set<string>();
  return files.flatMap(([name, path]) => {
    // The report is written last.
    if (path === undefined || seen.has(path) || (name !== 'report' && !existsSync(path))) return [];
    seen.add(path);
    return [{ name, path }];
  });
}

/** The command that connects to the cache. */
export function connectText({ options }: Plan): string {
  const url = options.targetDbUrl ?? options.databaseUrl;
  const directory = embeddedDirectory(url);
  // Without the password, which must not be shown: psql finds it where the run found it, or asks.
  const plain = plainUrl(url)
    .replace(':***@', '@')
    .replace(/([?&])password=\*\*\*&?/, '$1')
    .replace(/[?&]$/, '');
  return directory === undefined
    ? `psql '${plain}'`
    : `wxyc-pipeline serve '${directory}' keeps its server up and prints a URL for psql and consumers`;
}

/** What a run that ended at this step leaves behind. */
export function failureOf(
  plan: Plan,
  state: RunState,
  step: PipelineStep,
  message: string,
  error?: unknown,
): RunFailure {
  const steps = stepsOf(plan);
  const isDone = ({ names }: PipelineStep): boolean =>
    names.every((name) => state.steps[name].status === 'completed');
  const published = state.steps.publish.status === 'completed';
  const place = `step ${steps.indexOf(step) + 1} of ${steps.length}`;
  // Another input is another run.
  const next =
    error instanceof BadInputError
      ? 'when the input is corrected, run the command again, without --resume'
      : steps.every(isDone)
        ? 'nothing is left to do'
        : `the same command with --resume continues ${published && isDone(step) ? 'after' : 'at'} this step`;
  const stands = !published
    ? 'Nothing was published and the existing cache is unchanged'
    : steps.every(isDone)
      ? everythingDone(plan)
      : 'The new cache is published and the target is unchanged';
  return {
    step: step.name,
    place,
    message,
    outcome: `${stands}; ${next}`,
  };
}

const everythingDone = ({ mode }: Plan): string =>
  `The new cache is published${mode === 'copy' ? ' and copied to the target' : ''}`;

/** What to throw if only the report cannot be made: everything else is done. */
export function failureAfterAll(
  plan: Plan,
  error: unknown,
  { signal }: Pick<StepContext, 'signal'>,
): StepError {
  if (signal.aborted)
    return new InterruptedError(
      `${interruptedBy(signal)} after the last step. ${everythingDone(plan)}; only the report is missing`,
      { cause: error },
    );
  return new StepError(
    `${everythingDone(plan)}, but the report could not be made: ${redact(describeFailure(error).message)}`,
    { cause: error },
  );
}

const interruptedBy = (signal: AbortSignal): string =>
  signal.reason instanceof InterruptedError ? signal.reason.message : 'Interrupted';

/** The word "Interrupted" alone leaves people wondering. */
export function interruption(
  { step, place, outcome }: RunFailure,
  signal: AbortSignal,
  cause: unknown,
): InterruptedError {
  return new InterruptedError(`${interruptedBy(signal)} during ${step} (${place}). ${outcome}`, {
    cause,
  });
}
