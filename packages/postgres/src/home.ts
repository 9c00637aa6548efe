/** The user's home, for the files that libpq looks for there. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** HOME, else what the system's list of users says; undefined for a user id that is not on it, as is common in containers. */
export function homeOf(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** Names `~/.pgpass` for the driver, which knows only HOME, and system services run without that. */
export function namePasswordFile(env: NodeJS.ProcessEnv = process.env): void {
  const home = homeOf();
  if (env['HOME'] === undefined && home !== undefined) env['PGPASSFILE'] ??= join(home, '.pgpass');
}
