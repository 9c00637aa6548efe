/** Names from a catalogue that may have changed when a resumed run collects them again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepContext } from '@wxyc/step';
import { temporaryFolder } from '@wxyc/testing';
import { repeatIfNamesDiffer } from '../dist/resume.js';
import type { Plan } from '../dist/run-plan.js';
import { newSteps, type RunState } from '../dist/state.js';
import type { StepName } from '../dist/step-names.js';

const { logger } = stepContext();
const folder = temporaryFolder();
const plan = {
  csvDir: folder,
  options: { wxycDbUrl: 'mysql://h/d' },
} as unknown as Plan;

function collect(artists: string, alternates: string): void {
  writeFileSync(join(folder, 'library_artists.txt'), artists);
  writeFileSync(join(folder, 'library_artists.alternates.csv'), `artist,name\r\n${alternates}`);
}

/** A run that ended before its tracks were imported, or before anything was. */
function begun(...names: StepName[]): RunState {
  const state = { steps: newSteps() } as RunState;
  for (const name of names) state.steps[name] = { status: 'completed' };
  return state;
}
const imported = (): RunState =>
  begun('enrich', 'convert', 'create_schema', 'import_csv', 'match', 'dedup');
const done = ({ steps }: RunState): string[] =>
  Object.entries(steps).flatMap(([name, { status }]) => (status === 'completed' ? [name] : []));

test.each([
  ['an artist', 'Ice-T\nLaika\n', ''],
  ['an alternate name', 'Ice-T\n', 'Ice-T,Tracy\r\n'],
])('%s that is new: what was made from the former names is made again', async (_, ...now) => {
  collect('Ice-T\n', '');
  const state = imported();
  await repeatIfNamesDiffer(plan, Object.assign(state, { names: await noted() }), logger);
  expect(done(state)).toEqual(done(imported()));
  collect(...(now as [string, string]));
  await repeatIfNamesDiffer(plan, state, logger);
  expect(done(state)).toEqual(['enrich', 'create_schema']);
  expect(state.names).toBe(await noted());
});

/** The fingerprint that a run notes that begins now. */
async function noted(): Promise<string | undefined> {
  const state = begun('enrich');
  await repeatIfNamesDiffer(plan, state, logger);
  return state.names;
}

test('nothing is known of the names of a run that an earlier version began', async () => {
  const state = imported();
  await repeatIfNamesDiffer(plan, state, logger);
  expect(done(state)).toEqual(['enrich', 'create_schema']);
});

test('without a catalogue the names come from files that were compared already', async () => {
  const state = imported();
  await repeatIfNamesDiffer({ ...plan, options: {} } as Plan, state, logger);
  expect(done(state)).toEqual(done(imported()));
  expect(state.names).toBeUndefined();
});
