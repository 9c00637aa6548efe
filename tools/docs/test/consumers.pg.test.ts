import { spawnSync } from 'node:child_process';
import { ensureIndexes, createSchema } from '@wxyc/cache';
import { connect } from '@wxyc/postgres';
import { readRelease } from '@wxyc/search';
import { root, testDatabase, type TestDatabase } from '@wxyc/testing';
import { blocks } from './markdown.ts';

const all = blocks('docs/consumers.md');
const sql = all.filter(({ language }) => language === 'sql');
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await createSchema({ databaseUrl: database.url, schema: 'public' });
  await ensureIndexes({ databaseUrl: database.url, schema: 'public' });
  // The rows that the page's own writing example makes are those that its searches find.
  await database.query(sql.find(({ note }) => note === 'write')!.code);
  await database.query("UPDATE release_track SET title = 'All Is Full of Love'");
  await database.query("INSERT INTO release (id, title) VALUES (1, 'Aerial Ballet')");
  // On so few rows the planner would read tables whole, or walk along the keys.
  for (const way of ['enable_seqscan', 'enable_indexscan', 'enable_indexonlyscan'])
    await database.query(`ALTER DATABASE ${database.name} SET ${way} = off`);
});
afterAll(() => database.drop());

describe('docs/consumers.md', () => {
  test.each(sql.filter(({ note }) => note.startsWith('uses:')))(
    'finds something, by its index: $note',
    async ({ note, code }) => {
      expect(await database.query(code)).toHaveLength(1);
      const plan = JSON.stringify(await database.query(`EXPLAIN (FORMAT JSON) ${code}`));
      // With two predicates the planner may take either's index.
      expect(
        note
          .replace('uses: ', '')
          .split(' ')
          .filter((index) => plan.includes(index)),
      ).not.toEqual([]);
    },
  );

  test('every other statement runs', async () => {
    // Roles belong to all databases of a server: one that is there stands for the reader.
    for (const { note, code } of sql)
      if (!note.startsWith('uses:') && note !== 'write full')
        await database.query(note === 'grants' ? code.replaceAll('reader', 'pg_monitor') : code);
  });

  test('a full cache: what is written, again and again, is what the searches find', async () => {
    const full = await testDatabase();
    await createSchema({ databaseUrl: full.url, schema: 'public', profile: 'full' });
    await ensureIndexes({ databaseUrl: full.url, schema: 'public' });
    const write = sql.find(({ note }) => note === 'write full')!.code;
    const client = await connect(full.url);
    for (const time of [1, 2]) {
      await full.query(write);
      const { title, released, artists, genres } = (await readRelease(client, 249504))!;
      const roles = artists.map(({ role }) => role);
      expect({ time, title, released, roles, genres }).toEqual({
        time,
        title: 'Homogenic',
        released: '1997-09-22',
        roles: [null, 'Producer'],
        genres: ['Electronic'],
      });
    }
    await client.end();
    for (const { note, code } of sql)
      if (!note.startsWith('write') && note !== 'grants') await full.query(code);
    await full.drop();
  });

  test('the statements of the Python program can be prepared', async () => {
    const python = all
      .filter(({ language }) => language === 'python')
      .map(({ code }) => code)
      .join('\n');
    const statements = [...python.matchAll(/"""([\s\S]*?)"""/g)].map(([, text]) => text!);
    expect(statements).toHaveLength(1);
    await database.query(
      "PREPARE called AS SELECT * FROM discogs.search_releases($1, $2, $3); EXECUTE called('bjork', 'homogenik', 5)",
    );
    expect(python).toContain('SELECT * FROM discogs.search_releases($1, $2, $3)');
    for (const [number, statement] of statements.entries()) {
      await database.query(
        `PREPARE p${number} AS ${statement}; EXECUTE p${number}('bjork', 'homogenik', 5); DEALLOCATE p${number}`,
      );
    }
    expect(
      spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
        input: python,
        encoding: 'utf8',
      }),
    ).toMatchObject(
      // Without Python it cannot be checked.
      spawnSync('python3', ['--version']).error ? {} : { status: 0, stderr: '' },
    );
  });

  test('a threshold is taken from the connection', async () => {
    const url = new URL(database.url);
    const options = { ...process.env, DATABASE_URL_DISCOGS: url.href };
    const program = `import postgres from 'postgres';
      const sql = postgres(process.env.DATABASE_URL_DISCOGS, { connection: { 'pg_trgm.similarity_threshold': '0.4' } });
      await sql\`SELECT 'a' % 'b'\`;
      console.log((await sql\`SHOW pg_trgm.similarity_threshold\`)[0]);
      await sql.end();`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: root,
      encoding: 'utf8',
      env: options,
    });
    expect(stdout).toContain("'0.4'");
  });

  test.each(all.filter(({ note }) => note === 'run'))(
    'the Node program finds the album',
    ({ code }) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '-e', code],
        {
          cwd: root,
          encoding: 'utf8',
          env: { ...process.env, DATABASE_URL_DISCOGS: database.url },
        },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('Homogenic');
    },
  );
});
