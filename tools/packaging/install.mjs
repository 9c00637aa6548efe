// npm install, without scripts and without a word unless something is wrong.
import { execFileSync } from 'node:child_process';

/** Installs what the folder's package.json names. */
export function npmInstall(folder, ...options) {
  execFileSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...options],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}
