/** Dumps to serve: gzipped bytes that do not repeat, and what a directory must hold afterwards. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A gzipped file of about this many bytes. */
export const dump = (bytes: number): Buffer => gzipSync(randomBytes(bytes), { level: 1 });

export const nameOf = (stamp: string, kind = 'releases'): string =>
  `discogs_${stamp}_${kind}.xml.gz`;

/** All four dumps of a month, small except the releases. */
export function month(stamp: string, releases: Buffer = dump(500)): Record<string, Buffer> {
  return {
    [nameOf(stamp)]: releases,
    ...Object.fromEntries(
      ['artists', 'labels', 'masters'].map((kind) => [nameOf(stamp, kind), dump(100)]),
    ),
  };
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The files in a directory, hidden ones included, and the digest of each. */
export function contentOf(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, sha256(readFileSync(join(directory, name)))]),
  );
}
