import { createClassifier, decideAll, type Candidate, type Decided } from '@wxyc/matching';
import { InterruptedError } from '@wxyc/step';
import { createWorld } from './world.ts';

const world = createWorld(11, { artists: 300, words: 250, releases: 9_000 });
const releases: Candidate[] = world.releases.map(({ artists, title }, at) => ({ id: at + 1, title, artists }));

function* batchesOf(size: number): Generator<Candidate[]> {
  for (let at = 0; at < releases.length; at += size) yield releases.slice(at, at + size);
}

async function collect(jobs: number): Promise<Decided[]> {
  const decided: Decided[] = [];
  for await (const batch of decideAll(batchesOf(700), { ...world, jobs })) decided.push(...batch);
  return decided;
}

test('threads decide what one classifier decides, in the order of the stream', async () => {
  const classifier = createClassifier(world);
  const expected = releases.map(({ id, artists, title }) => ({ id, decision: classifier.decide(artists, title) }));
  expect(await collect(2)).toEqual(expected);
  expect(await collect(1)).toEqual(expected);
});

test('the three decisions are disjoint and add up', async () => {
  const count = { KEEP: 0, REVIEW: 0, PRUNE: 0 };
  const ids = new Set<number>();
  for (const { id, decision } of await collect(2)) {
    count[decision.decision] += 1;
    ids.add(id);
  }
  expect(ids.size).toBe(releases.length);
  expect(count.KEEP + count.REVIEW + count.PRUNE).toBe(releases.length);
  expect(Math.min(...Object.values(count))).toBeGreaterThan(0);
});

test('progress counts every release', async () => {
  const updates: number[] = [];
  const progress = { start: () => ({ update: (done: number) => void updates.push(done), end: () => undefined }) };
  for await (const batch of decideAll(batchesOf(1000), { ...world, total: releases.length }, { progress })) {
    expect(batch.length).toBeGreaterThan(0);
  }
  expect(updates).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((thousand) => thousand * 1000));
});

test('an abort ends it with InterruptedError, the threads with it', async () => {
  const abort = new AbortController();
  const run = async (): Promise<void> => {
    let batches = 0;
    for await (const batch of decideAll(batchesOf(500), { ...world, jobs: 2 }, { signal: abort.signal })) {
      if (batch.length > 0 && ++batches === 2) abort.abort();
    }
  };
  await expect(run()).rejects.toThrow(InterruptedError);
});

test('a source that fails passes its error on', async () => {
  async function* failing(): AsyncGenerator<Candidate[]> {
    yield* batchesOf(500);
    await Promise.reject(new Error('connection lost'));
  }
  const run = async (): Promise<number> => {
    let count = 0;
    for await (const batch of decideAll(failing(), { ...world, jobs: 2 })) count += batch.length;
    return count;
  };
  await expect(run()).rejects.toThrow('connection lost');
});

test('leaving early stops the work', async () => {
  for await (const batch of decideAll(batchesOf(500), { ...world, jobs: 2 })) {
    expect(batch).toHaveLength(500);
    break;
  }
});
