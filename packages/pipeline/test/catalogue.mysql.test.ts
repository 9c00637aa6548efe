/** A catalogue in MySQL that people change while a run is interrupted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbedded } from '@wxyc/postgres';
import {
  mysqlDatabase,
  runBin,
  startBin,
  succeeded,
  temporaryFolder,
  withSession,
  type MysqlDatabase,
} from '@wxyc/testing';
import { contentOf } from './inputs.ts';

const release = (id: number, artist: string): string =>
  `<release id="${id}" status="Accepted"><artists><artist><id>${id}</id><name>${artist}</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>Album ${id}</title><country>US</country><tracklist><track><position>1</position><title>One</title><duration>3:00</duration></track></tracklist></release>`;

let catalogue: MysqlDatabase;
beforeAll(async () => {
  catalogue = await mysqlDatabase();
  await catalogue.run(
    'CREATE TABLE LIBRARY_CODE (ID INT PRIMARY KEY, PRESENTATION_NAME VARCHAR(200))',
    'CREATE TABLE LIBRARY_RELEASE (ID INT AUTO_INCREMENT PRIMARY KEY, ALTERNATE_ARTIST_NAME VARCHAR(200) NULL, LIBRARY_CODE_ID INT NULL)',
    'CREATE TABLE LIBRARY_CODE_CROSS_REFERENCE (ID INT AUTO_INCREMENT PRIMARY KEY, CROSS_REFERENCING_ARTIST_ID INT, CROSS_REFERENCED_LIBRARY_CODE_ID INT)',
    'CREATE TABLE RELEASE_CROSS_REFERENCE (ID INT AUTO_INCREMENT PRIMARY KEY, CROSS_REFERENCING_ARTIST_ID INT, CROSS_REFERENCED_RELEASE_ID INT NULL)',
    "INSERT INTO LIBRARY_CODE VALUES (1, 'Ice-T')",
  );
});
afterAll(() => catalogue.drop());

const name = (text: string): Promise<void> =>
  catalogue.run(
    'DELETE FROM LIBRARY_RELEASE',
    `INSERT INTO LIBRARY_RELEASE (ALTERNATE_ARTIST_NAME, LIBRARY_CODE_ID) VALUES ('${text}', 1)`,
  );

test.each([
  { then: 'Body Count', now: 'Body Count', repeated: false },
  { then: 'Body Count', now: 'Tracy', repeated: true },
])(
  'interrupted before the tracks, with the name $then then and $now now: every release has its tracks',
  async ({ then, now, repeated }) => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'releases.xml'),
      `<releases>\n${[release(1, 'Ice-T'), release(2, 'Body Count'), release(3, 'Tracy'), release(4, 'Nobody')].join('\n')}\n</releases>\n`,
    );
    writeFileSync(
      join(cwd, 'library.csv'),
      'artist,album\nIce-T,Album 1\nIce-T,Album 2\nIce-T,Album 3\n',
    );
    const words = [
      ...['--xml', 'releases.xml', '--library', 'library.csv', '--wxyc-db-url', catalogue.url],
      ...['--database-url', 'embedded:cache', '--target-db-url', 'embedded:target'],
    ];
    await name(then);
    const run = startBin('wxyc-pipeline', words, { cwd });
    await run.until(/step 7 of \d+: import the tracks/);
    run.child.kill('SIGTERM');
    expect((await run.finished).code).toBe(130);
    await name(now);
    const resumed = await runBin('wxyc-pipeline', [...words, '--resume'], { cwd });
    succeeded(resumed);
    for (const folder of ['cache', 'target']) {
      const server = await startEmbedded(join(cwd, folder));
      try {
        const content = await contentOf(server.url);
        const ids = content['release']!.map((line) => Number(/\d+/.exec(line)![0]));
        expect({ folder, ids }).toEqual({ folder, ids: [1, repeated ? 3 : 2] });
        const bare = await withSession(server.url, (client) =>
          client.query(
            'SELECT id FROM release r WHERE NOT EXISTS (SELECT FROM release_track t WHERE t.release_id = r.id)',
          ),
        );
        expect({ folder, bare: bare.rows }).toEqual({ folder, bare: [] });
      } finally {
        await server.stop();
      }
    }
    expect(/the names in the catalogue have changed/.test(resumed.stderr)).toBe(repeated);
    expect(/step 4 of \d+, .*already done/.test(resumed.stderr)).toBe(!repeated);
  },
  180_000,
);
