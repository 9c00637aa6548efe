// The uncompressed bytes of a dump, read ahead by a chunk: inflating runs on another thread meanwhile.
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { BadInputError, throwIfInterrupted } from '@wxyc/step';

/** Compressed bytes inflated at a time: some 1.5 MB of XML. */
const inputSize = 256 * 1024;
const outputSize = 1024 * 1024;
/** Compressed bytes at a time where damage is being looked for. */
const salvageStep = 1;
/** Length of the mark that gzip files begin with. */
const gzipMark = 2;

/** How the bytes ended too early: where (uncompressed), and in words. */
export interface DumpDamage {
  offset: number;
  reason: string;
}

/**
 * A dump file, gzipped (in any number of members) or plain, told apart by the first bytes. Damage is not thrown but
 * left in {@link damage} after the last good byte was handed out: what came before it is still worth reading.
 */
export class DumpSource {
  readonly path: string;
  /** Size of the file, and how much of it is read: the measure of progress. */
  readonly size: number;
  bytesRead = 0;
  /** Uncompressed bytes so far. */
  length = 0;
  damage: DumpDamage | undefined;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path;
    this.#file = file;
    this.size = size;
  }

  static async open(path: string): Promise<DumpSource> {
    try {
      const file = await open(path, 'r');
      const { size } = await file.stat();
      return new DumpSource(path, file, size);
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new BadInputError(missing ? `${path} does not exist` : `${path} cannot be read: ${(error as Error).message}`, { cause: error });
    }
  }

  /** The uncompressed bytes in order. Closes the file at the end, however the iteration ends. */
  async *chunks(signal?: AbortSignal): AsyncGenerator<Buffer, void, void> {
    const inflater = new Inflater();
    // One step ahead, so that the next bytes are read and inflated while the caller works on these.
    let ahead: Promise<Buffer[] | undefined> | undefined;
    try {
      ahead = this.#step(inflater);
      for (;;) {
        const chunks = await ahead;
        if (signal) throwIfInterrupted(signal);
        if (!chunks) return;
        ahead = this.#step(inflater);
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

  /** Reads and inflates the next piece; undefined at the end. */
  async #step(inflater: Inflater): Promise<Buffer[] | undefined> {
    if (inflater.ended) return undefined;
    const buffer = Buffer.allocUnsafe(inputSize);
    const { bytesRead } = await this.#file.read(buffer, 0, inputSize, null);
    this.bytesRead += bytesRead;
    const chunks = await inflater.inflate(buffer.subarray(0, bytesRead));
    if (inflater.failure !== undefined) {
      const saved = bytesRead > 0 ? await this.#salvage(this.bytesRead - bytesRead, inflater.length) : [];
      chunks.push(...saved);
      // This runs ahead of the reader: what it has been handed so far says nothing about where the damage is.
      this.damage = { offset: saved.reduce((sum, chunk) => sum + chunk.length, inflater.length), reason: inflater.failure };
    }
    return chunks;
  }

  /**
   * The bytes from `known` (uncompressed) on up to the damaged place, which lies behind byte `from` of the file: zlib
   * drops what it has inflated of a piece when it finds damage further on in it. So the file is inflated once more, and
   * there byte by byte (some seconds).
   */
  async #salvage(from: number, known: number): Promise<Buffer[]> {
    const inflater = new Inflater();
    const saved: Buffer[] = [];
    for (let p = 0; inflater.failure === undefined; ) {
      const buffer = Buffer.allocUnsafe(p < from ? Math.min(inputSize, from - p) : Math.max(salvageStep, gzipMark - p));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, p);
      if (bytesRead === 0) break;
      p += bytesRead;
      for (const chunk of await inflater.inflate(buffer.subarray(0, bytesRead))) {
        const fresh = inflater.length - known;
        if (fresh > 0) saved.push(chunk);
      }
    }
    inflater.close();
    const all = Buffer.concat(saved);
    return [all.subarray(Math.max(0, all.length - (inflater.length - known)))];
  }
}

/** Inflates piece by piece, so that no byte before a damaged place is lost. Plain bytes pass through. */
class Inflater {
  ended = false;
  failure: string | undefined;
  length = 0;
  #gunzip: Gunzip | undefined;
  #begun = false;
  #output: Buffer[] = [];
  #closed: Promise<void> | undefined;

  /** What becomes of the next compressed bytes; none mean the end of the file. */
  async inflate(bytes: Buffer): Promise<Buffer[]> {
    if (!this.#begun) {
      this.#begun = true;
      if (bytes[0] === 0x1f && bytes[1] === 0x8b) this.#start();
    }
    if (this.#gunzip) await this.#feed(this.#gunzip, bytes);
    else if (bytes.length > 0) this.#take(bytes);
    if (bytes.length === 0) this.ended = true;
    const output = this.#output;
    this.#output = [];
    return output;
  }

  close(): void {
    this.#gunzip?.destroy();
  }

  #start(): void {
    this.#gunzip = createGunzip({ chunkSize: outputSize });
    // A listener (and no back-pressure: pieces are small) keeps all bytes that come before an error.
    this.#gunzip.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#closed = new Promise((resolve) => {
      this.#gunzip!.on('error', (error: Error) => {
        this.failure = error.message;
        this.ended = true;
        resolve();
      });
    });
  }

  #take(chunk: Buffer): void {
    this.length += chunk.length;
    this.#output.push(chunk);
  }

  async #feed(gunzip: Gunzip, bytes: Buffer): Promise<void> {
    // After an error the write's callback may never come; the stream is closed then.
    const over = bytes.length > 0 ? new Promise<void>((resolve) => gunzip.write(bytes, () => resolve())) : once(gunzip, 'end');
    if (bytes.length === 0) gunzip.end();
    await Promise.race([over.catch(() => undefined), this.#closed]);
  }
}
