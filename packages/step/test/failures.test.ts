/** Failures have a code that programs can rely on, whatever their sentence says. */
import {
  BadInputError,
  DifferencesError,
  InterruptedError,
  LockedError,
  StepError,
  UsageError,
} from '@wxyc/step';

test.each([
  [new StepError('x'), 'FAILED', 1],
  [new StepError('x', { code: 'SHRINK' }), 'SHRINK', 1],
  [new UsageError('x'), 'USAGE', 2],
  [new BadInputError('x'), 'INPUT', 4],
  [
    new BadInputError('x', { cause: Object.assign(new Error('gone'), { code: 'ENOENT' }) }),
    'INPUT_MISSING',
    4,
  ],
  [new BadInputError('x', { code: 'INPUT_TRUNCATED' }), 'INPUT_TRUNCATED', 4],
  [new DifferencesError('x'), 'DIFFERENCES', 5],
  [new LockedError('x'), 'LOCKED', 75],
  [new InterruptedError(), 'INTERRUPTED', 130],
])('%s: %s, exit %i', (error, code, exitCode) => {
  expect(error).toMatchObject({ code, exitCode });
});

test('the cause is kept', () => {
  const cause = new Error('why');
  expect(new BadInputError('x', { cause }).cause).toBe(cause);
});
