/**
 * The present content of a SQLite database in WAL mode, taken without SQLite's locks and files: the pages of the file, replaced
 * by those of the committed transactions in its write-ahead log (https://www.sqlite.org/fileformat2.html#walformat).
 */

import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { BadInputError } from '@wxyc/step';

const versionOffset = 18;
const walVersion = 2;
const walHeaderSize = 32;
const frameHeaderSize = 24;
/** The last bit gives the byte order of the checksums. */
const walMagic = 0x377f0682;
const attempts = 200;
const pauseMs = 25;
/** Both files are held in memory; a library has some MB. */
const largest = 128 * 1024 * 1024;

/** Whether the file's header says that it is in WAL mode. */
export function isInWalMode(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(versionOffset + 2);
    readSync(descriptor, header, 0, header.length, 0);
    return (
      header.toString('latin1', 0, 15) === 'SQLite format 3' &&
      header[versionOffset + 1] === walVersion
    );
  } finally {
    closeSync(descriptor);
  }
}

/**
 * An image of the database that SQLite can open from memory.
 *
 * @throws BadInputError if the file is too large for that, or never at rest for as long as it takes to read it.
 */
export function walSnapshot(file: string): Buffer {
  // The log is beside the file itself, not beside a link to it.
  const path = realpathSync(file);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = stateOf(path);
    if (before.size + before.walSize > largest) {
      throw new BadInputError(
        `${file}: too large to be read in WAL mode; leave that mode with: sqlite3 ${file} "PRAGMA journal_mode = DELETE"`,
      );
    }
    const log = readLog(path);
    const image = readFileSync(path);
    const after = stateOf(path);
    // Transactions that are added to the log meanwhile do no harm: they are not seen. One that is moved from the log to the file does.
    const moved =
      before.size !== after.size ||
      before.changed !== after.changed ||
      before.walStart !== after.walStart;
    if (!moved) return merge(image, log);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
  throw new BadInputError(
    `${file}: being written to all the time; give a copy of it: sqlite3 ${file} ".backup library-copy.db"`,
  );
}

interface FileState {
  size: number;
  changed: bigint;
  walSize: number;
  /** The header of the log, which changes when the log is begun anew. */
  walStart: string;
}

function stateOf(path: string): FileState {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const state: FileState = { size: Number(size), changed: mtimeNs, walSize: 0, walStart: '' };
  try {
    const descriptor = openSync(`${path}-wal`, 'r');
    try {
      const header = Buffer.alloc(walHeaderSize);
      readSync(descriptor, header, 0, header.length, 0);
      state.walStart = header.toString('hex');
      state.walSize = statSync(`${path}-wal`).size;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return state;
}

function readLog(path: string): Buffer {
  try {
    return readFileSync(`${path}-wal`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** The image with the log's committed pages, marked as a database without a log. */
function merge(image: Buffer, log: Buffer): Buffer {
  const { pages, pageSize, pageCount } = committedPages(log);
  let merged = image;
  if (pageCount > 0) {
    merged = Buffer.alloc(pageCount * pageSize);
    image.copy(merged, 0, 0, merged.length);
    for (const [page, offset] of pages)
      if (page <= pageCount) log.copy(merged, (page - 1) * pageSize, offset, offset + pageSize);
  }
  merged[versionOffset] = 1;
  merged[versionOffset + 1] = 1;
  return merged;
}

/** The offset of the last committed content of each page in the log, by page number, and how many pages the database then has. */
function committedPages(log: Buffer): {
  pages: Map<number, number>;
  pageSize: number;
  pageCount: number;
} {
  const pages = new Map<number, number>();
  let pageCount = 0;
  const none = { pages, pageSize: 0, pageCount };
  if (log.length < walHeaderSize || (log.readUInt32BE(0) & ~1) >>> 0 !== walMagic) return none;
  const bigEndian = (log.readUInt32BE(0) & 1) === 1;
  const pageSize = log.readUInt32BE(8);
  let sums: Checksum = checksum(log, 0, 24, [0, 0], bigEndian);
  if (sums[0] !== log.readUInt32BE(24) || sums[1] !== log.readUInt32BE(28)) return none;
  const pending = new Map<number, number>();
  for (
    let at = walHeaderSize;
    at + frameHeaderSize + pageSize <= log.length;
    at += frameHeaderSize + pageSize
  ) {
    // Frames of an earlier round of the log have other salts.
    if (log.compare(log, 16, 24, at + 8, at + 16) !== 0) break;
    sums = checksum(log, at, 8, sums, bigEndian);
    sums = checksum(log, at + frameHeaderSize, pageSize, sums, bigEndian);
    if (sums[0] !== log.readUInt32BE(at + 16) || sums[1] !== log.readUInt32BE(at + 20)) break;
    pending.set(log.readUInt32BE(at), at + frameHeaderSize);
    const committed = log.readUInt32BE(at + 4);
    if (committed === 0) continue;
    for (const [page, offset] of pending) pages.set(page, offset);
    pending.clear();
    pageCount = committed;
  }
  return { pages, pageSize, pageCount };
}

type Checksum = [number, number];

function checksum(
  bytes: Buffer,
  from: number,
  length: number,
  [first, second]: Checksum,
  bigEndian: boolean,
): Checksum {
  for (let p = from; p < from + length; p += 8) {
    first = (first + (bigEndian ? bytes.readUInt32BE(p) : bytes.readUInt32LE(p)) + second) >>> 0;
    second =
      (second + (bigEndian ? bytes.readUInt32BE(p + 4) : bytes.readUInt32LE(p + 4)) + first) >>> 0;
  }
  return [first, second];
}
