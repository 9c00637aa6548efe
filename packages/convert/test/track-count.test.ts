import { Worker } from 'node:worker_threads';
import { TrackCount, trackCountMemory } from '../dist/track-count.js';

test('threads that count batches out of step get the numbers that one after the other would give', async () => {
  const memory = trackCountMemory();
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module).then(({ TrackCount }) => {
      const count = new TrackCount(workerData.memory);
      const firsts = [];
      for (let batch = workerData.first; batch < 3000; batch += 3) {
        for (let pause = (batch * 7919) % 1000; pause > 0; pause--) Math.sqrt(pause);
        firsts.push([batch, count.add(batch, batch)]);
      }
      parentPort.postMessage(firsts);
    });`;
  const module = new URL('../dist/track-count.js', import.meta.url).href;
  const firsts = await Promise.all(
    [0, 1, 2].map((first) => new Promise<[number, number][]>((resolve, reject) => {
      const worker = new Worker(code, { eval: true, workerData: { module, memory, first } });
      worker.once('message', resolve).once('error', reject);
    })),
  );
  for (const [batch, before] of firsts.flat()) expect(before).toBe(batch === 0 ? 0 : (batch * (batch - 1)) / 2);
  expect(new TrackCount(memory).add(3000, 0)).toBe((3000 * 2999) / 2);
});

test('a worker that waits for its turn can be stopped', async () => {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module).then(({ TrackCount }) => {
      parentPort.postMessage('waits');
      new TrackCount(workerData.memory).add(5, 1);
    });`;
  const worker = new Worker(code, { eval: true, workerData: { module: new URL('../dist/track-count.js', import.meta.url).href, memory: trackCountMemory() } });
  await new Promise((resolve) => worker.once('message', resolve));
  await expect(worker.terminate()).resolves.toBe(1);
});
