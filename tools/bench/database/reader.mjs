// A consumer that reads releases by id at a given rate until stdin ends. Prints how many it read, and what they took.
//
//   node reader.mjs DATABASE_URL PER_SECOND HIGHEST_ID
import { openClient } from '@wxyc/postgres';

const [url, perSecond, highest] = [
  process.argv[2],
  Number(process.argv[3]),
  Number(process.argv[4]),
];
const connections = 8;

let stopped = false;
process.stdin.on('end', () => (stopped = true)).resume();
const began = performance.now();
let taken = 0;
const waits = [];

await Promise.all(
  Array.from({ length: connections }, async () => {
    const client = await openClient(url, { applicationName: 'consumer' });
    while (!stopped) {
      const due = (taken * 1000) / perSecond - (performance.now() - began);
      if (due > 0) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(due, 100)));
        continue;
      }
      const id = 1 + ((taken++ * 7919) % highest);
      const asked = performance.now();
      await client.query({
        name: 'read',
        text: 'SELECT r.title, a.artist_name FROM release r LEFT JOIN release_artist a ON a.release_id = r.id AND a.extra = 0 WHERE r.id = $1',
        values: [id],
      });
      waits.push((performance.now() - asked) / 1000);
    }
    await client.end();
  }),
);
waits.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    count: waits.length,
    p95: waits[Math.floor(waits.length * 0.95)],
    max: waits.at(-1),
  }),
);
