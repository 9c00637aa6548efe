import { fileURLToPath } from 'node:url';
import { runCommand } from '@wxyc/testing';

const bin = fileURLToPath(new URL('fixtures/program.mjs', import.meta.url));

test.each([
  ['plain', 'postgresql://me:Zq9marked@host/db'],
  ['percent-encoded', 'postgresql://me:Zq9%40mar%2Fked@host/db'],
  ['with an @ that should have been encoded', 'postgresql://me:Zq9@marked@host/db'],
  ['with a slash that should have been encoded', 'postgresql://me:Zq9/marked@host/db'],
  ['query parameter', 'postgresql://host/db?user=me&password=Zq9marked'],
  ['MySQL', 'mysql://me:Zq9marked@host/db'],
])(
  'trap 27: a password is neither printed nor logged (%s)',
  async (_name, url) => {
    for (const words of [
      ['x', url, '--log-format', 'json'],
      [`--database-url=${url}`, 'x'],
      ['x', url, '--nonsense'],
    ]) {
      const { stdout, stderr } = await runCommand(process.execPath, [bin, ...words]);
      expect(stdout + stderr).not.toMatch(/Zq9|marked|mar%2Fked/);
    }
    const { stdout, stderr } = await runCommand(process.execPath, [bin, 'x'], {
      env: { DATABASE_URL: url },
    });
    expect(stdout + stderr).not.toMatch(/Zq9|marked/);
  },
  30_000,
);

test('a password that is also the user name does not blank the rest of the message', async () => {
  const { stderr } = await runCommand(process.execPath, [
    bin,
    'x',
    'postgresql://postgres:postgres@localhost/discogs',
  ]);
  expect(stderr).toContain('postgresql://postgres:***@localhost/discogs');
});
