// What a file holds as a short text that two runs can compare.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { findCsv } from './csv-input.js';

/** A large file such as a dump of 10 GB is fingerprinted by its size and by pieces of this many bytes at its beginning, middle and end. */
const pieceBytes = 1 << 20;

/** Size and content of a file: all of the content if it is small, otherwise pieces. The path does not count: a file that was moved is the same. */
export async function fileFingerprint(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256');
    const starts =
      size <= 4 * pieceBytes
        ? [0, 1, 2, 3].map((i) => i * pieceBytes)
        : [0, Math.floor((size - pieceBytes) / 2), size - pieceBytes];
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(size, pieceBytes)));
    for (const start of starts) {
      if (start >= size && start > 0) continue;
      const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return `${size} bytes, ${hash.digest('hex').slice(0, 16)}`;
  } finally {
    await file.close();
  }
}

/** The fingerprint of those of the named CSV files that a directory holds. */
export async function csvFingerprint(directory: string, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of names) {
    const path = findCsv(directory, name);
    if (path !== undefined) hash.update(`${name} ${await fileFingerprint(path)}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
