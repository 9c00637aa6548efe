import { createClassifier, DecisionThread } from '@wxyc/matching';
import { createWorld } from './world.ts';

const world = createWorld(7, { artists: 100, words: 120, releases: 500 });

test('a thread decides what a classifier decides, in the order of the releases, whatever the number of their artists', async () => {
  const classifier = createClassifier(world);
  const thread = new DecisionThread();
  thread.use(world);
  const halves = [world.releases.slice(0, 200), world.releases.slice(200)];
  const decisions = await Promise.all(halves.map((releases) => thread.decisions(releases)));
  expect(decisions.flat()).toEqual(world.releases.map(({ artists, title }) => classifier.decide(artists, title)));
  expect(await thread.codes(world.releases)).toEqual(world.releases.map(({ artists, title }) => classifier.decisionOf(artists, title)));
  await thread.close();
});

test('what ends the thread is the error of all that is asked, then and later', async () => {
  const thread = new DecisionThread();
  thread.use({ library: [{ artist: null as unknown as string, title: 'x' }] });
  const asked = [thread.codes(world.releases), thread.decisions(world.releases)];
  for (const each of await Promise.allSettled(asked)) expect(each).toMatchObject({ status: 'rejected', reason: { name: 'TypeError' } });
  await expect(thread.codes([])).rejects.toMatchObject({ name: 'TypeError' });
  await thread.close();
});
