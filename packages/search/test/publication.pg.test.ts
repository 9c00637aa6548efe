/** Consumers in the middle of publications: old or new, never an error, with statements that were prepared before. */
import pg from 'pg';
import { checkContract, publish } from '@wxyc/cache';
import { connect, openClient } from '@wxyc/postgres';
import { readRelease, searchReleases, searchTracks } from '@wxyc/search';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { build } from './world.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain', extensions: false });
  await build(database, ' (1)');
  await publish({ databaseUrl: database.url, runId: 'run-1' });
}, 120_000);
afterAll(() => database.drop());

/** The answer to one query: the marks of all its rows. */
type Ask = () => Promise<string[]>;

interface Consumer {
  ask: Ask[];
  end: () => Promise<void>;
}

/** Of `Edition (2)`, `2`. */
const mark = (text: unknown): string => String(text).replace(/\D/g, '');

/** The client of the package `postgres`, whose statements are prepared by name. */
async function withPostgres(): Promise<Consumer> {
  const sql = await connect(database.url, { max: 1 });
  return {
    ask: [
      async () =>
        (await searchReleases(sql, { artist: 'Prinetrs', title: 'edition' })).flatMap(
          ({ artist, title }) => [mark(artist), mark(title)],
        ),
      async () =>
        (await searchTracks(sql, { track: 'impression', artist: 'printers' })).flatMap(
          ({ track, title }) => [mark(track), mark(title)],
        ),
      async () => {
        const release = await readRelease(sql, 12);
        return [release!.title, release!.artists[0]!.artist_name, release!.tracks[0]!.title].map(
          mark,
        );
      },
    ],
    end: () => sql.end(),
  };
}

/** `pg`, with named statements: a function, and the documented predicate. */
async function withPg(): Promise<Consumer> {
  const client = await openClient(database.url);
  const ask =
    (name: string, text: string, values: string[]): Ask =>
    async () =>
      (await client.query({ name, text, values })).rows
        .flatMap((row) => Object.values(row as object))
        .map(mark);
  return {
    ask: [
      ask('search', 'SELECT artist, title FROM discogs.search_releases($1, $2)', [
        'printers',
        'ediiton',
      ]),
      ask('artists', 'SELECT artist FROM discogs.search_artists($1)', ['prniters']),
      ask(
        'predicate',
        `SELECT r.title, a.artist_name FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
        WHERE lower(f_unaccent(r.title)) % lower(f_unaccent($1)) AND lower(f_unaccent(a.artist_name)) % lower(f_unaccent($2))`,
        ['edition', 'printers'],
      ),
    ],
    end: () => client.end(),
  };
}

/** As asyncpg does: parsed and described once, then bound and executed with what was learnt then, in binary. */
async function withAsyncpgLike(): Promise<Consumer> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const statement = {
    name: '__asyncpg_stmt_1__',
    text: 'SELECT artist, title FROM discogs.search_releases($1::text, $2::text, $3::int)',
  };
  await exchange(client, (connection) => {
    connection.parse({ ...statement, types: [] });
    connection.describe({ type: 'S', name: statement.name });
  });
  return {
    ask: [
      async () => {
        const rows = await exchange(client, (connection) => {
          connection.bind({
            statement: statement.name,
            values: ['Printers', 'edition', Buffer.from([0, 0, 0, 10])],
            binary: true,
          });
          connection.execute({});
        });
        return rows.flat().map(mark);
      },
    ],
    end: () => client.end(),
  };
}

interface Wire {
  parse(message: object): void;
  describe(message: object): void;
  bind(message: object): void;
  execute(message: object): void;
  sync(): void;
  on(event: string, listener: (message: never) => void): void;
  removeListener(event: string, listener: (message: never) => void): void;
}

/** Messages up to a sync; the fields of the rows that come back. */
function exchange(client: pg.Client, send: (connection: Wire) => void): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    const query = {
      submit(connection: Wire) {
        send(connection);
        connection.sync();
      },
      handleDataRow: ({ fields }: { fields: Buffer[] }) => rows.push(fields.map(String)),
      handleError: reject,
      handleReadyForQuery: () => resolve(rows),
      handleRowDescription() {},
      handleCommandComplete() {},
    };
    client.query(query as unknown as pg.Submittable);
  });
}

it('see the old cache or the new one, never parts of both, never an error, and none returns to the old one', async () => {
  const consumers = await Promise.all([withPostgres(), withPg(), withAsyncpgLike()]);
  const seen: string[][] = [];
  let stop = false;
  const asking = consumers.flatMap(({ ask }) =>
    ask.map(async (question) => {
      const marks: string[] = [];
      seen.push(marks);
      while (!stop) {
        const answer = [...new Set(await question())];
        expect(answer).toHaveLength(1);
        if (answer[0] !== marks.at(-1)) marks.push(answer[0]!);
      }
      // Once more, when all is quiet.
      const last = [...new Set(await question())];
      if (last[0] !== marks.at(-1)) marks.push(...last);
    }),
  );
  const settled = Promise.all(asking);
  try {
    for (const run of ['2', '3']) {
      await Promise.race([
        settled,
        build(database, ` (${run})`).then(() =>
          publish({ databaseUrl: database.url, runId: `run-${run}` }),
        ),
      ]);
    }
  } finally {
    stop = true;
  }
  await settled;
  await Promise.all(consumers.map(({ end }) => end()));
  // Every consumer began with the first and ended with the last.
  for (const marks of seen)
    expect({ marks, sorted: [...marks].sort() }).toEqual({ marks, sorted: marks });
  expect(seen.map((marks) => `${marks[0]} .. ${marks.at(-1)}`)).toEqual(seen.map(() => '1 .. 3'));
  expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
}, 120_000);
