/** The OS user that the server runs as: PostgreSQL refuses to run as root. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { StepError } from '@wxyc/step';

/** Absent: the user of this process. */
export interface ServerUser {
  uid: number;
  gid: number;
  name: string;
}

const userName = 'postgres';
/** The id that Linux reserves for whoever owns nothing. */
const nobody = 65534;

function find(name: string): ServerUser | undefined {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [found, , uid, gid] = line.split(':');
    if (found === name && uid && gid) return { uid: Number(uid), gid: Number(gid), name };
  }
  return undefined;
}

/** Who runs the server: this process's user, or, if that is root, the user `postgres`, which is created if missing. */
export function serverUser(): ServerUser | undefined {
  return userWith(() => {
    const made = useradd(
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      userName,
    );
    return find(userName) ?? refuseMissing(made);
  });
}

/** Who would run the server, without creating anybody: for the user `postgres`, if it is missing, another one who owns nothing stands in. */
export function futureServerUser(): ServerUser | undefined {
  return userWith(() => {
    const asked = useradd('--help');
    if (asked.error) refuseMissing(asked);
    return { uid: nobody, gid: nobody, name: userName };
  });
}

function userWith(missing: () => ServerUser): ServerUser | undefined {
  if (process.getuid?.() !== 0) {
    refuseNameless();
    return undefined;
  }
  return find(userName) ?? missing();
}

const useradd = (...words: string[]): SpawnSyncReturns<string> =>
  spawnSync('useradd', words, { encoding: 'utf8' });

function refuseMissing({ error, stderr }: SpawnSyncReturns<string>): never {
  const why = error ? error.message : stderr.trim();
  throw new StepError(
    `PostgreSQL does not run as root, and the user ${userName} could not be created (${why}); create it, or run as an ordinary user.`,
  );
}

/** `initdb` asks the system for its user's name, and containers may run as a user id without one. */
function refuseNameless(): void {
  try {
    userInfo();
  } catch {
    throw new StepError(
      `The embedded PostgreSQL server needs a user with a name, but the user id ${process.getuid?.()} has no line in /etc/passwd: add one, run as another user, or give --database-url the URL of a server`,
    );
  }
}

/** Settings for child_process that make a child run as the server's user. */
export const asUser = (user: ServerUser | undefined): { uid?: number; gid?: number } =>
  user ? { uid: user.uid, gid: user.gid } : {};

/** Makes the server's user the owner of a path. */
export function giveTo(path: string, user: ServerUser | undefined): void {
  if (user) chownSync(path, user.uid, user.gid);
}

/** Whether the user can enter a directory, as the system sees it. */
export function canEnter(directory: string, user: ServerUser | undefined): boolean {
  if (!user) return true;
  return (
    spawnSync('/bin/sh', ['-c', 'cd "$1" 2>/dev/null', 'sh', directory], {
      ...asUser(user),
      cwd: '/',
    }).status === 0
  );
}

/**
 * Refuses a directory that the server's user cannot enter, naming the parent that is closed to it.
 *
 * @param there the deepest part of `directory` that exists.
 */
export function checkReach(directory: string, there: string, user: ServerUser | undefined): void {
  if (!user || canEnter(there, user)) return;
  let closed = there;
  for (let path = there; path !== dirname(path); path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if (!(mode & bit)) closed = path;
  }
  throw new StepError(
    `The PostgreSQL server runs as user ${user.name}, who cannot reach ${directory} because ${closed} is closed to others; choose a directory elsewhere, such as embedded:/var/tmp/discogs-cache, or open it with chmod o+x ${closed}.`,
  );
}
