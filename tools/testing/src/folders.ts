/** Folders that tests write to: all below one folder per jest run, removed when the run ends. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const runFolderVariable = 'WXYC_TEST_RUN_FOLDER';

let holders = 0;

/**
 * Makes the folder of this run; workers inherit its name through the environment. Returns what removes it: the last
 * holder's call does, since the projects of one run share the folder.
 */
export function makeRunFolder(): () => void {
  const folder = (process.env[runFolderVariable] ??= openFolder(join(tmpdir(), 'wxyc-test-')));
  holders += 1;
  return () => {
    holders -= 1;
    if (holders > 0) return;
    delete process.env[runFolderVariable];
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/**
 * A new empty folder. Nobody has to remove it: it goes when the jest run ends. Other users may pass through it, because
 * an embedded server started by root runs as another user.
 *
 * @example
 * const folder = temporaryFolder();
 * writeFileSync(join(folder, 'library_artists.txt'), 'Stereolab\n');
 */
export function temporaryFolder(prefix = 't-'): string {
  return openFolder(join(process.env[runFolderVariable] ?? tmpdir(), prefix));
}

function openFolder(prefix: string): string {
  const folder = mkdtempSync(prefix);
  chmodSync(folder, 0o755);
  return folder;
}
