import { fileURLToPath } from 'node:url';
import { runCommand } from '@wxyc/testing';
import { redactorFor } from '../dist/secrets.js';

const bin = fileURLToPath(new URL('fixtures/program.mjs', import.meta.url));

// Passwords stay remembered in this process, so each form has its own.
test.each<[string, string, (password: string) => string]>([
  ['plain', '', (password) => `postgresql://me:${password}@host/db`],
  ['percent-encoded', '/@', (password) => `postgresql://me:${encodeURIComponent(password)}@host`],
  ['with an @ that should have been encoded', '@z', (password) => `mysql://me:${password}@host`],
  ['with a slash that should have been encoded', '/z', (password) => `mysql://me:${password}@host`],
  ['with a ? that should have been encoded', '?z', (password) => `mysql://me:${password}@host/db`],
  ['query parameter', '', (password) => `postgresql://host/db?password=${password}&port=1`],
  ['without a scheme', '', (password) => `me:${password}@host/db`],
  ['key and value', " '", (password) => `host=h password = '${password.replace("'", "\\'")}'`],
])('trap 27: a password is found wherever a call has it (%s)', (name, tail, urlOf) => {
  const check = (id: string, callOf: (url: string) => [string[], NodeJS.ProcessEnv]): void => {
    const password = `Zq${name.replace(/\W/g, '')}${id}${tail}`;
    const url = urlOf(password);
    const texts = [password, encodeURIComponent(password), url].map(redactorFor(...callOf(url)));
    expect(texts.join('\n')).not.toContain('Zq');
  };
  check('1', (url) => [['x', url], {}]);
  check('2', (url) => [[`--database-url=${url}`, 'x'], {}]);
  for (const variable of ['DATABASE_URL', 'DATABASE_URL_TEST', 'STATION_DSN', 'OTHER_URI'])
    check(variable, (url) => [[], { [variable]: url }]);
});

test('trap 27: variables that hold nothing but a password', () => {
  for (const variable of ['PGPASSWORD', 'MYSQL_PWD', 'POSTGRES_PASSWORD', 'DISCOGS_TOKEN'])
    expect(redactorFor([], { [variable]: `Zq ${variable}` })(`Zq ${variable}!`)).toBe('***!');
  expect(redactorFor([], { PGPASSWORD: '', EDITOR: 'me:Zqvi@host' })('Zqvi')).toBe('Zqvi');
});

test('trap 27: a password is neither printed nor logged', async () => {
  const url = 'postgresql://me:Zq9%40mar%2Fked@host/db';
  for (const words of [
    ['x', url, '--log-format', 'json'],
    ['x', url, '--nonsense'],
  ]) {
    const { stdout, stderr } = await runCommand(process.execPath, [bin, ...words]);
    expect(stdout + stderr).not.toMatch(/Zq9|marked|mar%2Fked/);
  }
  const { stdout, stderr } = await runCommand(process.execPath, [bin, 'x'], {
    env: { DATABASE_URL: url },
  });
  expect(stdout + stderr).not.toMatch(/Zq9|mar.{1,3}ked/);
}, 30_000);

test('a password that is also the user name does not blank the rest of the message', async () => {
  const { stderr } = await runCommand(process.execPath, [
    bin,
    'x',
    'postgresql://postgres:postgres@localhost/discogs',
  ]);
  expect(stderr).toContain('postgresql://postgres:***@localhost/discogs');
});
