/** State files: written whole, read in all versions, refused where they cannot be believed. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@wxyc/testing';
import { newSteps, readState, writeState, type RunState } from '../dist/state.js';
import { stepNames } from '../dist/step-names.js';

const state = (): RunState => ({
  version: 3,
  run_id: 'r1',
  started_at: '2026-09-01T00:00:00Z',
  database_url: 'postgresql://me@h/d',
  csv_dir: null,
  inputs: { dump: 'x' },
  steps: newSteps(),
});
const write = (content: unknown): string => {
  const file = join(temporaryFolder(), '.pipeline_state.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

test('what is written is read; nothing else is left in the folder', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'state.json');
  const written = state();
  written.steps.convert = { status: 'completed', completed_at: 'then' };
  await writeState(file, written);
  expect(await readState(file)).toEqual({ needsProof: false, state: written });
  expect(readdirSync(folder)).toEqual(['state.json']);
});

test('trap 27: no password reaches the state file, not even through an error message', async () => {
  const file = join(temporaryFolder(), 'state.json');
  const written = state();
  written.steps.convert = {
    status: 'failed',
    error: 'cannot reach postgresql://me:s3cret%40x@h/d?password=s3cret',
  };
  await writeState(file, written);
  expect(readFileSync(file, 'utf8')).not.toContain('s3cret');
});

test('is written again over itself, whatever the results of its steps hold', async () => {
  const file = join(temporaryFolder(), 'state.json');
  const written = state();
  const result = {
    step: 'publish',
    unit: 'releases',
    read: 1,
    written: 1,
    dropped: {},
    seconds: 1,
    runId: 'r1',
  };
  written.steps.publish = { status: 'completed', completed_at: 'then', result };
  await writeState(file, written);
  await writeState(file, written);
  expect(await readState(file)).toEqual({ needsProof: false, state: written });
});

test('a missing file means no state', async () => {
  expect(await readState(join(temporaryFolder(), 'none.json'))).toBeUndefined();
});

const step = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { status: 'completed' }]));

test('version 1: an import brought the tracks too, dedup or indexes the track indexes', async () => {
  const found = await readState(
    write({
      version: 1,
      database_url: 'postgresql://h/d',
      csv_dir: '/csv',
      steps: step('create_schema', 'import_csv', 'dedup'),
    }),
  );
  expect(found).toEqual({
    needsProof: true,
    databaseUrl: 'postgresql://h/d',
    csvDir: '/csv',
    completed: new Set([
      'create_schema',
      'import_csv',
      'dedup',
      'import_tracks',
      'create_track_indexes',
    ]),
  });
});

test('version 2: only what it says, failed steps are not done', async () => {
  const steps = {
    ...step('create_schema', 'import_csv', 'create_indexes'),
    dedup: { status: 'failed', error: 'boom' },
    prune: { status: 'pending' },
  };
  const found = await readState(
    write({ version: 2, database_url: 'postgresql://h/d', csv_dir: null, steps }),
  );
  expect(found).toMatchObject({
    needsProof: true,
    completed: new Set(['create_schema', 'import_csv', 'create_indexes']),
  });
});

test.each([
  ['half a file', '{"version": 3, "steps": {"conv', 'is damaged'],
  ['no JSON object', 'null', 'is not the state file'],
  ['another JSON file', '{"name": "x"}', 'is not the state file'],
  ['a newer version', { version: 4, steps: {} }, 'has version 4'],
  ['parts missing', { version: 3, steps: {} }, 'damaged (run_id is missing'],
  [
    'an unknown status',
    { ...state(), steps: { ...newSteps(), dedup: { status: 'perhaps' } } },
    'damaged (the step dedup',
  ],
  [
    'L: a step that is no object',
    { ...state(), steps: { ...newSteps(), prune: null } },
    'damaged (the step prune',
  ],
  [
    'L: numbers that are words',
    {
      ...state(),
      steps: {
        ...newSteps(),
        prune: { status: 'completed', result: { step: 'prune', unit: 'releases', read: 'many' } },
      },
    },
    'damaged (the step prune',
  ],
  ['L: a database that is a number', { ...state(), database_url: 5432 }, 'damaged (database_url'],
  ['L: a folder that is a list', { ...state(), csv_dir: [] }, 'damaged (csv_dir'],
  ['L: a time that is none', { ...state(), started_at: 'last night' }, 'damaged (started_at'],
  ['L: inputs that are numbers', { ...state(), inputs: { dump: 7 } }, 'damaged (inputs'],
  ['L: steps that are a list', { ...state(), steps: [] }, 'damaged (the step enrich'],
])('%s is refused with a way out', async (_name, content, sentence) => {
  const file = write(content);
  await expect(readState(file)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining(sentence),
  });
  await expect(readState(file)).rejects.toThrow(/without --resume/);
});

test('a place that cannot be written to is named with the option that changes it', async () => {
  const folder = join(temporaryFolder(), 'state.json');
  mkdirSync(folder);
  await expect(writeState(folder, state())).rejects.toThrow(/cannot be written .*--state-file/);
});

test('steps are named as in earlier state files', () => {
  for (const name of [
    'create_schema',
    'import_csv',
    'create_indexes',
    'dedup',
    'import_tracks',
    'create_track_indexes',
    'prune',
    'vacuum',
  ])
    expect(stepNames).toContain(name);
});

test('a file of a version that knew fewer steps, or more, is read: what it does not mention is not done', async () => {
  const steps = { convert: { status: 'completed' }, polish: { status: 'completed' } };
  const found = await readState(write({ ...state(), steps }));
  expect(found).toMatchObject({
    needsProof: false,
    state: { steps: { convert: { status: 'completed' }, match: { status: 'pending' } } },
  });
  expect(Object.keys((found as { state: RunState }).state.steps).sort()).toEqual(
    [...stepNames].sort(),
  );
});
