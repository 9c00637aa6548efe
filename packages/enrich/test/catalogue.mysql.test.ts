/** enrich against a real server with the catalogue's tables. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrich } from '@wxyc/enrich';
import {
  libraryFile,
  mysqlDatabase,
  runBin,
  temporaryFolder,
  type MysqlDatabase,
} from '@wxyc/testing';

const library = libraryFile([['Stereolab', 'Dots and Loops']]);

/** The catalogue, each table in the character set given. */
async function catalogue(
  charset: 'latin1' | 'utf8mb4',
  inTable: string = charset,
): Promise<MysqlDatabase> {
  const database = await mysqlDatabase(charset);
  const options = `CHARACTER SET ${inTable}`;
  await database.run(
    `CREATE TABLE LIBRARY_CODE (ID INT PRIMARY KEY, PRESENTATION_NAME VARCHAR(200)) ${options}`,
    `CREATE TABLE LIBRARY_RELEASE (ID INT AUTO_INCREMENT PRIMARY KEY, ALTERNATE_ARTIST_NAME VARCHAR(200) NULL, LIBRARY_CODE_ID INT NULL) ${options}`,
    `CREATE TABLE LIBRARY_CODE_CROSS_REFERENCE (ID INT AUTO_INCREMENT PRIMARY KEY, CROSS_REFERENCING_ARTIST_ID INT, CROSS_REFERENCED_LIBRARY_CODE_ID INT) ${options}`,
    `CREATE TABLE RELEASE_CROSS_REFERENCE (ID INT AUTO_INCREMENT PRIMARY KEY, CROSS_REFERENCING_ARTIST_ID INT, CROSS_REFERENCED_RELEASE_ID INT NULL) ${options}`,
  );
  return database;
}

const open: MysqlDatabase[] = [];
const made = async (promise: Promise<MysqlDatabase>): Promise<MysqlDatabase> => {
  const database = await promise;
  open.push(database);
  return database;
};
afterAll(() => Promise.all(open.map((database) => database.drop())));

async function names(wxycDbUrl: string): Promise<string[]> {
  const output = join(temporaryFolder(), 'artists.txt');
  await enrich({ libraryDb: library, output, wxycDbUrl });
  return readFileSync(output, 'utf8').trimEnd().split('\n');
}

describe('enrich with the MySQL catalogue', () => {
  it('adds alternates and both sides of the cross-references, and says how many came from where', async () => {
    const database = await made(catalogue('utf8mb4'));
    await database.run(
      "INSERT INTO LIBRARY_CODE VALUES (1, 'Laika'), (2, 'Moonshake'), (3, 'Pram'), (4, 'Never Referred To'), (5, NULL)",
      "INSERT INTO LIBRARY_RELEASE (ALTERNATE_ARTIST_NAME) VALUES ('Stereo Lab'), (NULL), (''), ('  '), (' Groop '), ('Various'), ('Groop')",
      'INSERT INTO LIBRARY_CODE_CROSS_REFERENCE (CROSS_REFERENCING_ARTIST_ID, CROSS_REFERENCED_LIBRARY_CODE_ID) VALUES (1, 2), (1, 5), (99, 2)',
      'INSERT INTO RELEASE_CROSS_REFERENCE (CROSS_REFERENCING_ARTIST_ID) VALUES (3), (NULL)',
    );
    const output = join(temporaryFolder(), 'artists.txt');
    const result = await enrich({ libraryDb: library, output, wxycDbUrl: database.url });
    expect(readFileSync(output, 'utf8')).toBe(
      'Groop\nLaika\nMoonshake\nPram\nStereo Lab\nStereolab\n',
    );
    expect(result.sources).toEqual([
      { source: 'library', names: 1, added: 1 },
      { source: 'catalogue alternates', names: 7, added: 2 },
      { source: 'catalogue code cross-references', names: 5, added: 2 },
      { source: 'catalogue release cross-references', names: 1, added: 1 },
    ]);
    expect(result.read).toBe(
      result.written + Object.values(result.dropped).reduce((sum, count) => sum + count, 0),
    );
  });

  it('says which artist each name belongs to, in a file beside the list', async () => {
    const database = await made(catalogue('utf8mb4'));
    await database.run(
      "INSERT INTO LIBRARY_CODE VALUES (1, 'Ice-T'), (2, 'Eric Bachmann'), (3, 'Crooked Fingers'), (4, 'Remixer'), (5, 'Various Artists - Rock'), (6, NULL)",
      `INSERT INTO LIBRARY_RELEASE (ID, ALTERNATE_ARTIST_NAME, LIBRARY_CODE_ID) VALUES (10, 'Body Count', 1), (11, 'Body Count', 1), (12, 'Ice-T', 1), (13, 'NULL', 1),
        (14, NULL, 2), (15, 'Of No Code', 99), (16, 'Of A Nameless Code', 6), (17, 'On A Compilation', 5), (18, 'Of Nobody', NULL)`,
      'INSERT INTO LIBRARY_CODE_CROSS_REFERENCE (CROSS_REFERENCING_ARTIST_ID, CROSS_REFERENCED_LIBRARY_CODE_ID) VALUES (2, 3), (2, 99), (2, 2)',
      'INSERT INTO RELEASE_CROSS_REFERENCE (CROSS_REFERENCING_ARTIST_ID, CROSS_REFERENCED_RELEASE_ID) VALUES (4, 14), (4, 99), (4, NULL)',
    );
    const output = join(temporaryFolder(), 'artists.txt');
    const { alternates } = await enrich({ libraryDb: library, output, wxycDbUrl: database.url });
    expect(alternates).toEqual({ file: output.replace('.txt', '.alternates.csv'), names: 4 });
    expect(readFileSync(alternates.file, 'utf8').split('\r\n')).toEqual([
      'artist,name',
      'Crooked Fingers,Eric Bachmann',
      'Eric Bachmann,Crooked Fingers',
      'Eric Bachmann,Remixer',
      'Ice-T,Body Count',
      '',
    ]);
    const list = readFileSync(output, 'utf8').trimEnd().split('\n');
    expect(list).toEqual(
      expect.arrayContaining([
        'Body Count',
        'Of No Code',
        'Of A Nameless Code',
        'On A Compilation',
        'Of Nobody',
        'Remixer',
      ]),
    );
    expect(list).not.toContain('NULL');
  });

  it('lists the names of a catalogue that does not tie them to artists, and says so', async () => {
    const database = await made(catalogue('utf8mb4'));
    await database.run(
      'ALTER TABLE LIBRARY_RELEASE DROP COLUMN LIBRARY_CODE_ID',
      'ALTER TABLE RELEASE_CROSS_REFERENCE DROP COLUMN CROSS_REFERENCED_RELEASE_ID',
      "INSERT INTO LIBRARY_CODE VALUES (1, 'Pram')",
      "INSERT INTO LIBRARY_RELEASE (ALTERNATE_ARTIST_NAME) VALUES ('Groop')",
      'INSERT INTO RELEASE_CROSS_REFERENCE (CROSS_REFERENCING_ARTIST_ID) VALUES (1)',
    );
    const cwd = temporaryFolder();
    const { code, stderr } = await runBin(
      'wxyc-enrich',
      ['--library-db', library, '--output', 'artists.txt', '--wxyc-db-url', database.url],
      { cwd },
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /does not say which artists these names belong to[^]*does not say/,
      ),
    });
    expect(readFileSync(join(cwd, 'artists.txt'), 'utf8')).toBe('Groop\nPram\nStereolab\n');
    expect(readFileSync(join(cwd, 'artists.alternates.csv'), 'utf8')).toBe('artist,name\r\n');
  });

  it('keeps names apart that the server’s collation takes for equal', async () => {
    const database = await made(catalogue('utf8mb4'));
    await database.run(
      "INSERT INTO LIBRARY_RELEASE (ALTERNATE_ARTIST_NAME) VALUES ('Bjork'), ('Björk'), ('björk')",
    );
    expect(await names(database.url)).toEqual(['Bjork', 'Björk', 'Stereolab', 'björk']);
  });

  it('reads non-Latin names', async () => {
    const database = await made(catalogue('utf8mb4'));
    await database.run(
      "INSERT INTO LIBRARY_RELEASE (ALTERNATE_ARTIST_NAME) VALUES ('坂本龍一'), ('Аквариум'), ('فيروز'), ('😀 Band')",
    );
    expect(await names(database.url)).toEqual([
      'Stereolab',
      'Аквариум',
      'فيروز',
      '坂本龍一',
      '😀 Band',
    ]);
  });

  it('trap 30: reads latin1 and utf8 tables as what they say, whatever the server’s default is', async () => {
    const latin1 = await made(catalogue('latin1'));
    await latin1.run(
      "INSERT INTO LIBRARY_RELEASE (ALTERNATE_ARTIST_NAME) VALUES ('Sigur Rós'), ('Mötley Crüe')",
    );
    expect(await names(latin1.url)).toEqual(['Mötley Crüe', 'Sigur Rós', 'Stereolab']);
    const utf8 = await made(catalogue('latin1', 'utf8'));
    await utf8.run(
      "INSERT INTO LIBRARY_RELEASE (ALTERNATE_ARTIST_NAME) VALUES ('Dvořák'), ('東京')",
    );
    expect(await names(utf8.url)).toEqual(['Dvořák', 'Stereolab', '東京']);
  });

  it('trap 30: explains a login method that is too old', async () => {
    const database = await made(catalogue('utf8mb4'));
    const user = `old_${database.name.slice(-8)}`;
    await database.run(
      `CREATE USER '${user}'@'%' IDENTIFIED VIA mysql_old_password USING '606727496645bcba'`,
    );
    const url = new URL(database.url);
    url.username = user;
    url.password = 'test';
    await expect(names(url.href)).rejects.toThrow(
      /login method that is too old .* use --alternates FILE/,
    );
    await database.run(`DROP USER '${user}'@'%'`);
  });

  it('logs in with a password full of special characters', async () => {
    const database = await made(catalogue('utf8mb4'));
    expect(await names(await database.reader('p@ss/w:rd#%?é'))).toEqual(['Stereolab']);
  });

  it('trap 27: refuses wrong credentials without showing the password', async () => {
    const database = await made(catalogue('utf8mb4'));
    const url = new URL(await database.reader('right'));
    url.password = 'wr0ng-s3cret';
    const args = ['--library-db', library, '--output', 'artists.txt', '--wxyc-db-url', url.href];
    const { code, stderr, stdout } = await runBin('wxyc-enrich', args, { cwd: temporaryFolder() });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`refuses user ${url.username}: wrong name or password`));
    expect(stderr + stdout).not.toContain('wr0ng-s3cret');
  });

  it('names the missing table, column or database, and what exists instead', async () => {
    const database = await made(catalogue('utf8mb4'));
    await database.run('ALTER TABLE LIBRARY_CODE RENAME COLUMN PRESENTATION_NAME TO NAME');
    await expect(names(database.url)).rejects.toThrow(
      /lacks a column .*PRESENTATION_NAME.*it has LIBRARY_CODE\.ID, LIBRARY_CODE\.NAME/,
    );
    await database.run('DROP TABLE LIBRARY_RELEASE');
    await expect(names(database.url)).rejects.toThrow(
      /lacks a table .*LIBRARY_RELEASE.*it has LIBRARY_CODE, LIBRARY_CODE_CROSS_REFERENCE, RELEASE_CROSS_REFERENCE/,
    );
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    await expect(names(url.href)).rejects.toThrow(/has no database no_such_database/);
  });
});
