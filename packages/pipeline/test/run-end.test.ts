/** What a run says that ends early: what stands, and what a resume does. */
import { BadInputError, InterruptedError } from '@wxyc/step';
import { failureAfterAll, failureOf } from '../dist/run-end.js';
import type { Mode, Plan } from '../dist/run-plan.js';
import { newSteps, type RunState } from '../dist/state.js';
import { stepsOf } from '../dist/steps.js';

const planOf = (mode: Mode): Plan =>
  ({ options: { csvDir: 'csv' }, mode, profile: 'lean' }) as unknown as Plan;

/** How a run ends at this step, with those before it done, and the step itself too if only its record failed. */
function outcome(mode: Mode, name: string, isDone: boolean, error?: Error): string {
  const plan = planOf(mode);
  const steps = stepsOf(plan);
  const at = steps.findIndex((step) => step.name === name);
  const state = { steps: newSteps() } as RunState;
  for (const step of steps.slice(0, at + (isDone ? 1 : 0)))
    for (const mark of step.names) state.steps[mark] = { status: 'completed' };
  return failureOf(plan, state, steps[at]!, 'no', error).outcome;
}

const unpublished = 'Nothing was published and the existing cache is unchanged';
const resume = 'the same command with --resume continues';

test.each<[string, Mode, string, boolean, string]>([
  ['a step fails', 'prune', 'index', false, `${unpublished}; ${resume} at this step`],
  ['its record fails', 'prune', 'index', true, `${unpublished}; ${resume} at this step`],
  ['publishing fails', 'prune', 'publish', false, `${unpublished}; ${resume} at this step`],
  [
    'the record of publishing fails',
    'prune',
    'publish',
    true,
    'The new cache is published; nothing is left to do',
  ],
  [
    'the record of publishing fails before the copy',
    'copy',
    'publish',
    true,
    `The new cache is published and the target is unchanged; ${resume} after this step`,
  ],
  [
    'the copy fails',
    'copy',
    'copy',
    false,
    `The new cache is published and the target is unchanged; ${resume} at this step`,
  ],
  [
    'the record of the copy fails',
    'copy',
    'copy',
    true,
    'The new cache is published and copied to the target; nothing is left to do',
  ],
])('%s', (_, mode, step, isDone, sentence) => {
  expect(outcome(mode, step, isDone)).toBe(sentence);
});

test('another input is another run', () => {
  expect(outcome('prune', 'import', false, new BadInputError('no'))).toBe(
    `${unpublished}; when the input is corrected, run the command again, without --resume`,
  );
});

test('if only the report cannot be made, the run says that the cache is published', () => {
  const lost = new Error('the connection was lost');
  const { signal } = new AbortController();
  expect(failureAfterAll(planOf('prune'), lost, { signal })).toMatchObject({
    exitCode: 1,
    message:
      'The new cache is published, but the report could not be made: the connection was lost',
  });
  expect(
    failureAfterAll(planOf('copy'), lost, {
      signal: AbortSignal.abort(new InterruptedError('Interrupted by SIGTERM')),
    }),
  ).toMatchObject({
    exitCode: 130,
    message:
      'Interrupted by SIGTERM after the last step. The new cache is published and copied to the target; only the report is missing',
  });
});
