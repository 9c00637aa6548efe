/** Small file systems for tests of full disks and of read-only directories. */
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@wxyc/testing';

export interface SmallDisk {
  path: string;
  /** Uses up the free space. */
  fill(): void;
  /** Gives back what {@link fill} took, and makes the disk larger if asked to. */
  free(megabytes?: number): void;
  readOnly(): void;
  unmount(): void;
}

function mount(words: string[]): void {
  try {
    execFileSync('mount', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    // Never skipped in silence: what a full disk does is part of what is promised.
    throw new Error(
      `No small disk for this test: mount says "${stderr?.toString().trim() ?? String(error)}". Run it as root (a container with --cap-add SYS_ADMIN will do), or leave it out by name: --testPathIgnorePatterns disk`,
      { cause: error },
    );
  }
}

/** A disk of this many MiB in memory. Unmount it when done. */
export function smallDisk(megabytes: number): SmallDisk {
  const path = join(temporaryFolder('disk-'), 'disk');
  mkdirSync(path);
  mount(['-t', 'tmpfs', '-o', `size=${Math.round(megabytes * 1024)}k,mode=755`, 'wxyc-test', path]);
  chmodSync(path, 0o755);
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      rmSync(filler, { force: true });
      const file = openSync(filler, 'w');
      try {
        // Others may be writing too: go on until the system refuses.
        for (const block = Buffer.alloc(64 * 1024); ;) writeSync(file, block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free(larger) {
      rmSync(filler, { force: true });
      if (larger) mount(['-o', `remount,size=${larger}m`, path]);
    },
    readOnly: () => mount(['-o', 'remount,ro', path]),
    unmount: () => void execFileSync('umount', ['-l', path]),
  };
}
