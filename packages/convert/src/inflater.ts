// Inflates a gzip file piece by piece: nothing before a damaged place is lost, and a piece that inflates to a thousand times
// its size comes in portions. Plain bytes pass through.
import { createGunzip, type Gunzip } from 'node:zlib';

/** Length of the mark that gzip files begin with. */
export const gzipMark = 2;
/** The failure of a file that has something else after its gzip data. Zeros that tapes and block copies add do not count. */
export const strayBytes = 'bytes that are not gzip data follow its end';

/** Approximate inflated bytes of one chunk, and of the chunks that are handed out together. */
const chunkSize = 1024 * 1024;
const portion = 4 * chunkSize;

export class Inflater {
  /** No more bytes come out. */
  ended = false;
  failure: string | undefined;
  /** Bytes handed out or about to be. */
  length = 0;
  #gunzip: Gunzip | undefined;
  #begun = false;
  /** Whether the gzip data have ended; only zeros may follow. */
  #over = false;
  #fed = 0;
  #output: Buffer[] = [];
  #held = 0;
  /** The piece that zlib works on. */
  #piece: Promise<void> | undefined;
  /** Settles when zlib takes no more input. */
  #stopped: Promise<void> = Promise.resolve();
  #full: (() => void) | undefined;

  /** Whether the last piece inflates to more than was handed out; call {@link more} for the rest before the next piece. */
  get holdsMore(): boolean {
    return this.#piece !== undefined && !this.ended;
  }

  /** What the next compressed bytes inflate to, or the first part of it; no bytes mean the end of the file. */
  inflate(bytes: Buffer): Promise<Buffer[]> {
    if (!this.#begun) {
      this.#begun = true;
      if (bytes[0] === 0x1f && bytes[1] === 0x8b) this.#start();
    }
    if (!this.#gunzip) {
      if (bytes.length > 0) this.#take(bytes);
      else this.ended = true;
      return Promise.resolve(this.#handOut());
    }
    if (this.#over) {
      this.#pad(bytes);
      return Promise.resolve([]);
    }
    this.#piece = this.#feed(this.#gunzip, bytes);
    return this.more();
  }

  /** The next part of what the last piece inflates to. */
  async more(): Promise<Buffer[]> {
    const full = new Promise<void>((resolve) => (this.#full = resolve));
    this.#gunzip?.resume();
    const done = this.#piece?.then(() => (this.#piece = undefined));
    await Promise.race([done, full]);
    this.#full = undefined;
    return this.#handOut();
  }

  close(): void {
    this.#gunzip?.destroy();
  }

  #start(): void {
    const gunzip = createGunzip({ chunkSize });
    this.#gunzip = gunzip;
    // A listener, not an iterator, which would lose what comes before an error.
    gunzip.on('data', (chunk: Buffer) => {
      this.#take(chunk);
      if (this.#held < portion || !this.#full) return;
      gunzip.pause();
      this.#full();
    });
    this.#stopped = new Promise((resolve) => {
      gunzip.on('error', (error: Error) => {
        this.#fail(error.message);
        resolve();
      });
      // Comes before the end of the file if zeros follow the gzip data: from then on zlib ignores what it is given.
      gunzip.on('end', () => {
        this.#over = true;
        resolve();
      });
      gunzip.on('close', resolve);
    });
  }

  #take(chunk: Buffer): void {
    this.length += chunk.length;
    this.#held += chunk.length;
    this.#output.push(chunk);
  }

  #handOut(): Buffer[] {
    const output = this.#output;
    this.#output = [];
    this.#held = 0;
    return output;
  }

  #fail(reason: string): void {
    this.failure ??= reason;
    this.ended = true;
  }

  async #feed(gunzip: Gunzip, bytes: Buffer): Promise<void> {
    const before = this.#fed;
    this.#fed += bytes.length;
    const taken = new Promise<void>((resolve) => {
      if (bytes.length > 0) gunzip.write(bytes, () => resolve());
      else gunzip.end();
    });
    // After an error or an early end, the write's callback never comes.
    await Promise.race([taken, this.#stopped]);
    if (this.#over && !this.ended) this.#pad(bytes.subarray(gunzip.bytesWritten - before));
    if (bytes.length === 0) this.ended = true;
  }

  #pad(bytes: Buffer): void {
    if (bytes.some((byte) => byte !== 0)) this.#fail(strayBytes);
    if (bytes.length === 0) this.ended = true;
  }
}
