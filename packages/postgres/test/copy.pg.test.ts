import { copyIn, copyOut, openClient, type Client } from '@wxyc/postgres';
import { testDatabase, type TestDatabase } from '@wxyc/testing';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await testDatabase();
  await database.query('CREATE TABLE numbers (n integer NOT NULL)');
});
beforeEach(async () => {
  client = await openClient(database.url);
});
afterEach(() => client.end().catch(() => undefined));
afterAll(() => database.drop());

const copyNumbers = 'COPY numbers FROM STDIN';
const count = async () =>
  (await database.query<{ count: string }>('SELECT count(*) FROM numbers'))[0]!.count;

async function* forever(onChunk: (n: number) => void | Promise<void>) {
  for (let n = 1; ; n++) {
    await onChunk(n);
    yield Buffer.from('7\n'.repeat(50_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('copyIn', () => {
  it('loads chunks that are cut anywhere and counts the rows', async () => {
    expect(await copyIn(client, copyNumbers, ['1\n2', '2\n3', Buffer.from('3\n')])).toBe(3);
    expect(await count()).toBe('3');
    expect(await copyIn(client, copyNumbers, [])).toBe(0);
  });

  it('trap 29: a bad row ends in an error, loads nothing, and leaves the client usable', async () => {
    await expect(
      copyIn(client, copyNumbers, ['8\n'.repeat(100_000), 'eight\n', '8\n'.repeat(5_000_000)]),
    ).rejects.toThrow(/invalid input syntax/);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await count()).toBe('3');
  });

  it('trap 29: a connection that the server ends settles at once', async () => {
    const pid = (client as unknown as { processID: number }).processID;
    const loading = copyIn(
      client,
      copyNumbers,
      forever((n) =>
        n === 5 ? void database.query('SELECT pg_terminate_backend($1)', [pid]) : undefined,
      ),
    );
    await expect(loading).rejects.toThrow();
    expect(await count()).toBe('3');
  });

  it('trap 29: a connection that breaks while the source pauses settles at once', async () => {
    const loading = copyIn(
      client,
      copyNumbers,
      forever((n) => {
        if (n !== 3) return;
        setTimeout(
          () =>
            (
              client as unknown as { connection: { stream: { destroy(): void } } }
            ).connection.stream.destroy(),
          50,
        );
        return new Promise<void>(() => undefined);
      }),
    );
    await expect(loading).rejects.toThrow();
  });

  it('an error of the source reaches the caller, and nothing is loaded', async () => {
    const loading = copyIn(
      client,
      copyNumbers,
      forever((n) => {
        if (n === 4) throw new Error('the file ends here');
      }),
    );
    await expect(loading).rejects.toThrow('the file ends here');
    expect(await count()).toBe('3');
  });

  it('an abort ends it', async () => {
    const abort = new AbortController();
    const loading = copyIn(
      client,
      copyNumbers,
      forever((n) => (n === 4 ? abort.abort() : undefined)),
      abort.signal,
    );
    await expect(loading).rejects.toThrow();
    expect(await count()).toBe('3');
  });
});

describe('copyOut', () => {
  it('streams rows to a function, and passes on its error', async () => {
    let text = '';
    await copyOut(client, 'COPY (SELECT n FROM numbers ORDER BY n) TO STDOUT', async (chunks) => {
      for await (const chunk of chunks) text += chunk.toString();
    });
    expect(text).toBe('1\n22\n33\n');
    const failing = copyOut(
      client,
      'COPY (SELECT generate_series(1, 3000000)) TO STDOUT',
      async (chunks) => {
        for await (const chunk of chunks) throw new Error(`no room for ${chunk.length > 0}`);
      },
    );
    await expect(failing).rejects.toThrow('no room for true');
  });
});
