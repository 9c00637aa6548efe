// The uncompressed bytes of a dump, read ahead by a chunk: inflating runs on another thread meanwhile.
import { open, type FileHandle } from 'node:fs/promises';
import { BadInputError, throwIfInterrupted } from '@wxyc/step';
import type { ArrivingFile } from './arriving-file.js';
import { gzipMark, Inflater, strayBytes } from './inflater.js';

/** Compressed bytes read at a time: some 1.5 MB of XML. */
const inputSize = 256 * 1024;
/** The same where damage is being looked for. */
const salvageStep = 1;

/** How the bytes ended too early: where (uncompressed), and in words. */
export interface DumpDamage {
  offset: number;
  reason: string;
}

/**
 * A dump file, gzipped (in any number of members) or plain, told apart by the first bytes. Damage is not thrown but
 * left in {@link damage} after the last good byte was handed out: what came before it is still worth reading. A file that
 * is still arriving is followed to its end.
 */
export class DumpSource {
  readonly path: string;
  /** Size of the file if it is known, and how much of it is read: the measure of progress. */
  readonly size: number | undefined;
  bytesRead = 0;
  /** Uncompressed bytes so far. */
  length = 0;
  damage: DumpDamage | undefined;
  readonly #file: FileHandle;
  readonly #arriving: ArrivingFile | undefined;
  #signal: AbortSignal | undefined;
  /** Where the piece that is being inflated begins in the file. */
  #pieceStart = 0;

  private constructor(
    path: string,
    file: FileHandle,
    size: number | undefined,
    arriving: ArrivingFile | undefined,
  ) {
    this.path = path;
    this.#file = file;
    this.size = size;
    this.#arriving = arriving;
  }

  static async open(input: string | ArrivingFile): Promise<DumpSource> {
    const arriving = typeof input === 'string' ? undefined : input;
    const path = arriving?.name ?? (input as string);
    try {
      const file = await (arriving ? openArriving(arriving) : open(path, 'r'));
      const { size } = await file.stat();
      return new DumpSource(path, file, arriving ? arriving.size : size, arriving);
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new BadInputError(
        missing ? `${path} does not exist` : `${path} cannot be read: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  /** The uncompressed bytes in order. Closes the file at the end, however the iteration ends. */
  async *chunks(signal?: AbortSignal): AsyncGenerator<Buffer, void, void> {
    const inflater = new Inflater();
    // One step ahead, so that the next bytes are read and inflated while the caller works on these.
    let ahead: Promise<Buffer[] | undefined> | undefined;
    this.#signal = signal;
    try {
      ahead = this.#step(inflater);
      for (;;) {
        const chunks = await ahead;
        if (signal) throwIfInterrupted(signal);
        if (!chunks) return;
        ahead = this.#step(inflater);
        // Its failure is met when its turn comes; until then it must not count as nobody's.
        ahead.catch(() => undefined);
        for (const chunk of chunks) {
          this.length += chunk.length;
          yield chunk;
        }
      }
    } finally {
      await ahead?.catch(() => undefined);
      inflater.close();
      await this.#file.close();
    }
  }

  /** Reads and inflates the next piece, or goes on with one that inflates to much; undefined at the end. */
  async #step(inflater: Inflater): Promise<Buffer[] | undefined> {
    if (inflater.ended) return undefined;
    let bytesRead = 0;
    let chunks: Buffer[];
    if (inflater.holdsMore) chunks = await inflater.more();
    else {
      const there = this.#arriving ? await this.#waitForMore(this.#arriving) : inputSize;
      const buffer = Buffer.allocUnsafe(Math.min(inputSize, there));
      if (there > 0) ({ bytesRead } = await this.#file.read(buffer, 0, buffer.length, null));
      this.bytesRead += bytesRead;
      this.#pieceStart = this.bytesRead - bytesRead;
      chunks = await inflater.inflate(buffer.subarray(0, bytesRead));
    }
    if (inflater.failure !== undefined) {
      const { bytes, reason } = await this.#salvage(this.#pieceStart, inflater);
      chunks.push(bytes);
      // This runs ahead of the reader: what it has been handed so far says nothing about where the damage is.
      this.damage = { offset: inflater.length + bytes.length, reason };
    }
    return chunks;
  }

  /** Bytes that may be read now: a whole piece, or what is left. A network brings a few kB at a time, and each read and inflate takes its turn. */
  async #waitForMore(arriving: ArrivingFile): Promise<number> {
    return (
      (await arriving.waitBeyond(this.bytesRead + inputSize - 1, this.#signal)) - this.bytesRead
    );
  }

  /**
   * The bytes that `failed` did not hand out, up to the damaged place, which lies behind byte `from` of the file: zlib
   * drops what it has inflated of a piece when it finds damage further on in it. So the file is inflated once more, and
   * there byte by byte (some seconds). That also tells where in the file the damage is.
   */
  async #salvage(from: number, failed: Inflater): Promise<{ bytes: Buffer; reason: string }> {
    const inflater = new Inflater();
    const saved: Buffer[] = [];
    const keep = (chunks: readonly Buffer[]): void => {
      // In order, so that only what comes after the known bytes is kept.
      for (const chunk of chunks) {
        passed += chunk.length;
        const fresh = passed - failed.length;
        if (fresh > 0) saved.push(chunk.subarray(Math.max(0, chunk.length - fresh)));
      }
    };
    let passed = 0;
    let p = 0;
    while (inflater.failure === undefined) {
      const buffer = Buffer.allocUnsafe(
        p < from ? Math.min(inputSize, from - p) : Math.max(salvageStep, gzipMark - p),
      );
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, p);
      if (bytesRead === 0) break;
      p += bytesRead;
      keep(await inflater.inflate(buffer.subarray(0, bytesRead)));
      while (inflater.holdsMore) keep(await inflater.more());
    }
    inflater.close();
    return {
      bytes: Buffer.concat(saved),
      reason: damageReason(inflater.failure ?? failed.failure!, p, inflater.length),
    };
  }
}

/** It may get its name at any moment. */
async function openArriving({ path, name }: ArrivingFile): Promise<FileHandle> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? open(name, 'r') : Promise.reject(error),
  );
}

/** What zlib says, put plainly where it is about what follows a whole gzip file. */
function damageReason(failure: string, end: number, inflated: number): string {
  if (failure === strayBytes) return `${strayBytes} at byte ${end - 1} of the file`;
  // The first member's mark was seen before: this is the place where another one could begin, and its two bytes were read.
  if (failure === 'incorrect header check' && inflated > 0)
    return `${strayBytes} at byte ${end - gzipMark} of the file`;
  return failure;
}
