// Libraries in WAL mode: read where nothing can be written, while their owner writes, and without a file left beside them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readLibrary } from '@wxyc/library';
import { root, runCommand, temporaryFolder } from '@wxyc/testing';

const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');

/** A library in WAL mode with `rows` rows, some of them in its log only; the connection is still open. */
function walLibrary(folder: string, rows: number, pageSize = 4096): Database.Database {
  const database = new Database(join(folder, 'library.db'));
  database.pragma(`page_size = ${pageSize}`);
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE library (artist, title)');
  const insert = database.prepare('INSERT INTO library VALUES (?, ?)');
  for (let row = 0; row < rows; row++) {
    insert.run(`Artist ${row}`, `Title ${row}`);
    if (row === rows >> 1) database.pragma('wal_checkpoint(TRUNCATE)');
  }
  return database;
}

test.each([512, 4096, 65_536])(
  'what is only in the log is read, with pages of %d bytes; an uncommitted change is not',
  (pageSize) => {
    const folder = temporaryFolder();
    const owner = walLibrary(folder, 300, pageSize);
    owner.pragma('cache_size = 2');
    owner.exec('BEGIN');
    for (let row = 0; row < 3000; row++)
      owner.prepare('INSERT INTO library VALUES (?, ?)').run('Nobody', `x${row}`);
    const rows = readLibrary(join(folder, 'library.db'));
    expect(rows).toHaveLength(300);
    expect(rows[299]).toEqual({ artist: 'Artist 299', title: 'Title 299' });
    owner.exec('ROLLBACK');
    owner.close();
  },
);

test('nothing is left beside a library that nobody has open', () => {
  const folder = temporaryFolder();
  walLibrary(folder, 10).close();
  expect(readLibrary(join(folder, 'library.db'))).toHaveLength(10);
  expect(readdirSync(folder)).toEqual(['library.db']);
});

test('the log of a killed owner is read, behind a link too, and left as it is', () => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  const owner = walLibrary(folder, 10);
  for (const name of ['library.db', 'library.db-wal'])
    copyFileSync(join(folder, name), join(elsewhere, name));
  owner.close();
  symlinkSync(join(elsewhere, 'library.db'), join(folder, 'link.db'));
  expect(readLibrary(join(folder, 'link.db'))).toHaveLength(10);
  expect(readdirSync(elsewhere).sort()).toEqual(['library.db', 'library.db-wal']);
});

test('a log that ends in the middle of a transaction counts up to the one before', () => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  const owner = walLibrary(folder, 10);
  copyFileSync(join(folder, 'library.db'), join(elsewhere, 'library.db'));
  const log = readFileSync(join(folder, 'library.db-wal'));
  owner.close();
  writeFileSync(join(elsewhere, 'library.db-wal'), log.subarray(0, log.length - 100));
  expect(readLibrary(join(elsewhere, 'library.db'))).toHaveLength(9);
});

test('a user who may not write to the folder reads it', async () => {
  const folder = temporaryFolder();
  const place = join(folder, 'data');
  mkdirSync(place);
  const owner = walLibrary(place, 10);
  // As in a snapshot of a mounted volume: no -shm.
  const mounted = join(folder, 'mounted');
  mkdirSync(mounted);
  for (const name of ['library.db', 'library.db-wal'])
    copyFileSync(join(place, name), join(mounted, name));
  owner.close();
  chmodSync(mounted, 0o555);
  const out = join(folder, 'out');
  mkdirSync(out, { mode: 0o777 });
  chmodSync(out, 0o777);
  const words = [
    `${root}packages/enrich/bin/wxyc-enrich.js`,
    '--library-db',
    join(mounted, 'library.db'),
    '--output',
    join(out, 'artists.txt'),
  ];
  const user =
    process.getuid?.() === 0
      ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath]
      : [process.execPath];
  const { code, stderr } = await runCommand(user[0]!, [...user.slice(1), ...words], { cwd: out });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  expect(existsSync(join(out, 'artists.txt'))).toBe(true);
  expect(readdirSync(mounted).sort()).toEqual(['library.db', 'library.db-wal']);
  chmodSync(mounted, 0o755);
});

test('while its owner writes and moves the log into the file, every read sees it at one moment', async () => {
  const folder = temporaryFolder();
  walLibrary(folder, 2).close();
  const script = join(folder, 'owner.mjs');
  // Two rows per transaction, and one title for all rows.
  writeFileSync(
    script,
    `import { createRequire } from 'node:module';
     const Database = createRequire(import.meta.url)(${JSON.stringify(sqlite)});
     const database = new Database(${JSON.stringify(join(folder, 'library.db'))});
     database.pragma('wal_autocheckpoint = 20');
     const insert = database.prepare('INSERT INTO library VALUES (?, ?)');
     const update = database.prepare('UPDATE library SET title = ?');
     let n = 0;
     const change = database.transaction(() => { insert.run('A' + n, ''); insert.run('B' + n, ''); update.run('T' + n++); if (n % 50 === 0) database.exec('DELETE FROM library WHERE rowid > 20'); });
     console.log('ready');
     const end = Date.now() + 5000;
     setInterval(() => { if (Date.now() > end) process.exit(); for (let i = 0; i < 3; i++) change(); }, 10);`,
  );
  const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(owner.stdout, 'data');
  const ended = once(owner, 'exit');
  const titles = new Set<string>();
  for (let reading = 0; reading < 60; reading++) {
    const rows = readLibrary(join(folder, 'library.db'));
    expect(rows.length % 2).toBe(0);
    const seen = new Set(rows.map(({ title }) => title));
    if (!seen.has('Title 0')) expect(seen.size).toBe(1);
    for (const title of seen) titles.add(title);
    await new Promise((settle) => setTimeout(settle, 20));
  }
  owner.kill();
  await ended;
  expect(titles.size).toBeGreaterThan(5);
}, 60_000);
