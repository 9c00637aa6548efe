/**
 * The state file: which parts of a run are done, so that `--resume` can skip them. Written whole and renamed after every step.
 * Version 3 is written; versions 1 and 2 of earlier tools are read.
 */
import { open, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeWhole, type OutputKind } from '@wxyc/csv';
import { BadInputError, redact, StepError, type StepResult } from '@wxyc/step';
import { damage } from './state-damage.js';
import { stepNames, stepsOfSome, type StepName } from './step-names.js';

export interface StepState {
  status: 'pending' | 'completed' | 'failed';
  error?: string;
  completed_at?: string;
  /** The step's numbers, so that the closing table of a resumed run is that of an undisturbed one. */
  result?: StepResult;
}

export interface RunState {
  version: 3;
  run_id: string;
  /** By the database's clock: what consumers wrote later is carried over. */
  started_at: string;
  /** The mark of the process that works on the run, or did, so that the next one knows whose connections it may end. */
  lock?: string;
  database_url: string;
  csv_dir: string | null;
  /** What the run was given, each under a name for people; a resume with other inputs is refused. */
  inputs: Record<string, string>;
  /** Fingerprint of the names by which convert chose what it wrote for the imports, if they come from a catalogue that people change meanwhile. */
  names?: string;
  steps: Record<StepName, StepState>;
}

/** A state as it was read. Steps of versions 1 and 2 (`needsProof`) count only if the database confirms them. */
export type FoundState =
  | { needsProof: false; state: RunState }
  | {
      needsProof: true;
      databaseUrl: string;
      csvDir: string | null;
      completed: ReadonlySet<StepName>;
    };

/** How a state file of any version is recognised; a damaged one too, if its beginning is intact. */
export const stateKind: OutputKind = {
  name: 'a state file of a run',
  recognises(start) {
    const text = start.toString('utf8');
    // A report has a version too, and before its steps the run's id under another name; in a state file, that word may occur in the steps.
    const beforeSteps = text.split('"steps"', 1)[0]!;
    return (
      /^\s*\{/.test(text) &&
      !beforeSteps.includes('"runId"') &&
      /"version"\s*:\s*\d|"(?:run_id|database_url)"\s*:\s*"|"steps"\s*:\s*\{/.test(text)
    );
  },
};

export function newSteps(): Record<StepName, StepState> {
  return Object.fromEntries(stepNames.map((name) => [name, { status: 'pending' }])) as Record<
    StepName,
    StepState
  >;
}

interface OldState {
  version?: unknown;
  database_url?: unknown;
  csv_dir?: unknown;
  steps?: Record<string, { status?: unknown }>;
}

/** Version 1 knew no tracks steps: its import loaded the tracks too, and its dedup built their indexes. */
function completedOf(version: 1 | 2, steps: NonNullable<OldState['steps']>): Set<StepName> {
  const done = (name: string): boolean => steps[name]?.status === 'completed';
  const completed = new Set(stepNames.filter(done));
  if (version === 1) {
    if (done('import_csv')) completed.add('import_tracks');
    if (done('create_indexes') || done('dedup')) completed.add('create_track_indexes');
  }
  return completed;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Reads a state file. Undefined if there is none.
 *
 * @throws BadInputError for a file that is damaged, of another kind, or from a newer version.
 */
export async function readState(file: string): Promise<FoundState | undefined> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BadInputError(
      `The state file ${file} cannot be read (${(error as Error).message}); give another with --state-file.`,
      { cause: error },
    );
  }
  const wayOut =
    'remove it and resume (the database then shows what is done), or start afresh without --resume.';
  let found: OldState & Partial<RunState>;
  try {
    found = JSON.parse(content) as typeof found;
  } catch (error) {
    throw new BadInputError(`The state file ${file} is damaged (not JSON); ${wayOut}`, {
      cause: error,
    });
  }
  if (
    found === null ||
    typeof found !== 'object' ||
    typeof found.steps !== 'object' ||
    found.steps === null
  ) {
    throw new BadInputError(
      `${file} is not the state file of a pipeline run (it has no steps); ${wayOut}`,
    );
  }
  const version: unknown = found.version ?? 1;
  if (version === 1 || version === 2) {
    return {
      needsProof: true,
      databaseUrl: text(found.database_url),
      csvDir: text(found.csv_dir) || null,
      completed: completedOf(version, found.steps),
    };
  }
  if (version !== 3) {
    throw new BadInputError(
      `The state file ${file} has version ${JSON.stringify(version)}, but this program knows 1 to 3; use the version of the program that wrote it, or ${wayOut}`,
    );
  }
  const wrong = damage(found as Record<string, unknown>);
  if (wrong)
    throw new BadInputError(
      `The state file ${file} is damaged (${wrong} is missing or has the wrong type); ${wayOut}`,
    );
  // A version with fewer or more steps may have written it: steps that it does not mention are not done.
  const steps = {
    ...newSteps(),
    ...Object.fromEntries(
      stepNames.flatMap((name) => (found.steps?.[name] ? [[name, found.steps[name]]] : [])),
    ),
  } as RunState['steps'];
  return { needsProof: false, state: { ...(found as RunState), steps } };
}

/** Writes a state whole: to a file beside it, synced, then renamed. */
export async function writeState(file: string, state: RunState): Promise<void> {
  try {
    // Value by value: a password may hold what ends a text in JSON.
    // A run to which a step does not apply leaves it out.
    const steps = Object.fromEntries(
      Object.entries(state.steps).filter(
        ([name, { status }]) => status !== 'pending' || !stepsOfSome.has(name as StepName),
      ),
    );
    const text = `${JSON.stringify({ ...state, steps }, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value), 2)}\n`;
    await writeWhole(file, stateKind, text, { mode: 0o600 });
    // The rename itself is on disk only once the directory is.
    const directory = await open(dirname(resolve(file)), 'r').catch(() => undefined);
    await directory?.sync().catch(() => undefined);
    await directory?.close();
  } catch (error) {
    throw new StepError(
      `The state file ${file} cannot be written (${(error as Error).message}); choose another place with --state-file.`,
      { cause: error },
    );
  }
}
