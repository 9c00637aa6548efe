import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, temporaryFolder } from '@wxyc/testing';

describe('runCommand', () => {
  it('gives both streams and the exit code', async () => {
    const script = join(temporaryFolder(), 'script.mjs');
    writeFileSync(
      script,
      'process.stdout.write(process.argv[2]); process.stderr.write(process.cwd()); process.exitCode = 5;',
    );
    const cwd = temporaryFolder();
    expect(await runCommand(process.execPath, [script, 'é'], { cwd })).toEqual({
      code: 5,
      signal: null,
      stdout: 'é',
      stderr: cwd,
    });
  });

  it('keeps the developer’s own settings away from the process', async () => {
    process.env['DATABASE_URL'] = 'postgresql://elsewhere';
    const print = ['-p', 'process.env.DATABASE_URL + " " + process.env.ADDED'];
    const { stdout } = await runCommand(process.execPath, print, { env: { ADDED: 'yes' } });
    delete process.env['DATABASE_URL'];
    expect(stdout).toBe('undefined yes\n');
  });
});
