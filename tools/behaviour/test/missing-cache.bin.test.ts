/** A bin that needs a cache does not create one: `embedded:DIR` may be mistyped. */
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { BinHost, runBin, temporaryFolder } from '@wxyc/testing';
import { databaseCalls, makeInputs } from './commands.js';

/** These build a cache; doctor says that a run would. */
const builds = (words: readonly string[]): boolean =>
  words[0] === 'create' || words[0] === 'doctor';

it('every bin but those that build one refuses a directory without a database, and leaves it as it was', async () => {
  const cwd = temporaryFolder();
  mkdirSync(`${cwd}/empty`);
  const calls = [
    ...databaseCalls(await makeInputs(20)),
    ['wxyc-schema', (url: string) => ['undo', url]] as const,
    ['wxyc-schema', (url: string) => ['status', url]] as const,
  ].filter(([bin, words]) => bin !== 'wxyc-pipeline' && !builds(words('')));
  for (const [bin, words] of calls) {
    for (const directory of ['cahce', 'empty']) {
      const argv = words(`embedded:${directory}`);
      const { code, stdout, stderr } = await runBin(bin, argv, {
        cwd,
        env: { DISCOGS_TOKEN: 'none' },
      });
      expect({ bin, argv, code, stdout, stderr }).toEqual({
        bin,
        argv,
        code: 4,
        stdout: '',
        stderr: expect.stringMatching(
          new RegExp(`There is no embedded database in .*/${directory}; give the DIR`),
        ),
      });
    }
    expect({ bin, left: readdirSync(cwd) }).toEqual({ bin, left: ['empty'] });
    expect(readdirSync(`${cwd}/empty`)).toEqual([]);
  }
}, 120_000);

it('a directory that this user may not enter is not said to be missing', async () => {
  const cwd = temporaryFolder();
  mkdirSync(`${cwd}/closed/cache`, { recursive: true });
  chmodSync(`${cwd}/closed`, 0o000);
  // Root may enter any directory.
  const host = new BinHost(process.getuid?.() === 0 ? { user: 65_534 } : {});
  try {
    const { code, stderr } = await host.run(
      'wxyc-vacuum',
      ['--database-url', `embedded:${cwd}/closed/cache`],
      { cwd },
    );
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('this user may not write to'),
    });
  } finally {
    await host.end();
    chmodSync(`${cwd}/closed`, 0o755);
  }
});
