/** Finds the parts of a state file that are not as a run writes them: people edit these files. */
import { stepNames } from './step-names.js';

type Test = (value: unknown) => boolean;

const text: Test = (value) => typeof value === 'string';
const amount: Test = (value) => typeof value === 'number' && Number.isFinite(value);
const object = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);
const recordOf =
  (test: Test): Test =>
  (value) =>
    object(value) && Object.values(value).every(test);
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const shaped =
  (fields: Record<string, Test>): Test =>
  (value) =>
    object(value) && Object.entries(fields).every(([name, test]) => test(value[name]));

/** The numbers of a step, as far as the closing table and the report use them. */
const result = shaped({
  step: text,
  unit: text,
  read: amount,
  written: amount,
  dropped: recordOf(amount),
  seconds: amount,
  note: optional(text),
  decisions: optional(shaped({ keep: amount, review: amount, prune: amount })),
  review: optional(listOf(object)),
  matchedArtists: optional(listOf(text)),
  tables: optional(listOf(object)),
});

const step = shaped({
  status: (value) => ['pending', 'completed', 'failed'].includes(value as string),
  error: optional(text),
  completed_at: optional(text),
  result: optional(result),
});

const parts: Record<string, Test> = {
  run_id: text,
  started_at: (value) => text(value) && !Number.isNaN(Date.parse(value as string)),
  lock: optional(text),
  database_url: text,
  csv_dir: (value) => value === null || text(value),
  inputs: recordOf(text),
  names: optional(text),
};

/**
 * The name of the first part that is missing or of another kind; undefined for a whole state of version 3. Versions of the
 * program differ in their steps: a step that the file lacks has not been done, and one that only the file knows is left alone.
 */
export function damage(state: Record<string, unknown>): string | undefined {
  const wrong = Object.entries(parts).find(([name, test]) => !test(state[name]));
  if (wrong) return wrong[0];
  const steps = state['steps'];
  const broken = stepNames.find((name) => !object(steps) || (name in steps && !step(steps[name])));
  return broken && `the step ${broken}`;
}
