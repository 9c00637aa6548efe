// A consumer that fetches a given number of releases a second from the API, each in one transaction, until stdin ends.
// Prints how many it wrote.
//
//   node writer.mjs DATABASE_URL PER_SECOND HIGHEST_ID
//
// Every other release is also in the dump: ids up to HIGHEST_ID.
import { openClient } from '@wxyc/postgres';
import { firstFetched, tracks } from './fetched.mjs';

const [url, perSecond, highest] = [
  process.argv[2],
  Number(process.argv[3]),
  Number(process.argv[4]),
];
/** While a lock on the tables is pending these all wait, and catch up afterwards. */
const connections = 8;

let stopped = false;
process.stdin.on('end', () => (stopped = true)).resume();
const began = performance.now();
let taken = 0;
let written = 0;

/** The statements of the contract. */
async function write(client, at) {
  const id = at % 2 ? 1 + ((at * 7919) % highest) : firstFetched + at;
  const query = (text, values) => client.query({ name: text.slice(0, 30), text, values });
  await client.query('BEGIN');
  await query(
    'INSERT INTO release (id, title, release_year, artwork_url) VALUES ($1, $2, 2001, $3) ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, release_year = EXCLUDED.release_year, artwork_url = EXCLUDED.artwork_url',
    [id, `Fetched Album Number ${at}`, `https://img.example/${at}.jpeg`],
  );
  for (const name of [`Fetched Artist ${at % 5000}`, `Guest ${at % 777}`])
    await query(
      'INSERT INTO release_artist (release_id, artist_name, extra) VALUES ($1, $2, 0) ON CONFLICT (release_id, artist_name) DO NOTHING',
      [id, name],
    );
  await query('DELETE FROM release_track WHERE release_id = $1', [id]);
  await query(
    `INSERT INTO release_track (release_id, sequence, position, title, duration) SELECT $1::int, n, 'A' || n, 'Song ' || md5($2::text || n) || ' of the Album', '3:21' FROM generate_series(1, ${tracks}) n`,
    [id, at],
  );
  await query(
    'INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES ($1, 1, $2), ($1, 2, $2) ON CONFLICT DO NOTHING',
    [id, `Performer ${at % 3000}`],
  );
  await query(
    "INSERT INTO cache_metadata (release_id, source) VALUES ($1, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'",
    [id],
  );
  await client.query('COMMIT');
  written++;
}

await Promise.all(
  Array.from({ length: connections }, async () => {
    const client = await openClient(url, { applicationName: 'consumer' });
    while (!stopped) {
      const due = (taken * 1000) / perSecond - (performance.now() - began);
      if (due > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(due, 100)));
      else await write(client, taken++);
    }
    await client.end();
  }),
);
console.log(written);
