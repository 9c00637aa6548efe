// Where a dump's bytes come from, compressed or not: a complete file, one that is still arriving, or a stream.
import { open, type FileHandle } from 'node:fs/promises';
import { BadInputError, InterruptedError, noteInput, stillWritten, UsageError } from '@wxyc/step';
import type { ArrivingFile } from '@wxyc/step';
import { gzipMark } from './inflater.js';

/** A dump: the path of a file, a file that is still arriving, or the bytes themselves, as `process.stdin` gives them. */
export type DumpInput = string | ArrivingFile | AsyncIterable<Uint8Array>;

/** Bytes that are read at a time: some 1.5 MB of XML. */
const pieceSize = 256 * 1024;
/**
 * Bytes of a stream that are read at a time. A stream cannot be read again, so when zlib finds damage in a piece, what it has
 * already inflated of that piece is lost: small pieces lose little.
 */
const streamPiece = 16 * 1024;

export interface Feed {
  /** For messages. */
  readonly name: string;
  /** Bytes in all, if that is known. */
  readonly size: number | undefined;
  /** The next bytes; none at the end. */
  next(signal: AbortSignal | undefined): Promise<Buffer>;
  /** The bytes at an offset; a stream cannot go back. */
  readonly readAt?: (position: number, length: number) => Promise<Buffer>;
  /** What to do if it ends too early. */
  advice(): Promise<string>;
  close(): Promise<void>;
}

export const isStream = (input: unknown): input is AsyncIterable<Uint8Array> =>
  typeof input === 'object' && input !== null && Symbol.asyncIterator in input;

/** What an input is called in messages. */
export function nameOf(input: DumpInput): string {
  if (typeof input === 'string') return input;
  if (!isStream(input)) return input.name;
  return (input as { fd?: unknown }).fd === 0 ? 'stdin' : 'the stream';
}

/** @throws BadInputError if there is no such file, or it cannot be read. */
export async function openFeed(input: DumpInput): Promise<Feed> {
  if (isStream(input)) return new StreamFeed(input);
  const arriving = typeof input === 'string' ? undefined : input;
  const name = nameOf(input);
  const wasWritten = arriving ? undefined : noteInput(name);
  let file: FileHandle | undefined;
  try {
    file = await (arriving ? openArriving(arriving) : open(name, 'r'));
    const size = arriving ? arriving.size : (await file.stat()).size;
    return new FileFeed(name, file, size, arriving, wasWritten);
  } catch (error) {
    await file?.close();
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new BadInputError(
      missing ? `${name} does not exist` : `${name} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

class FileFeed implements Feed {
  #position = 0;

  constructor(
    readonly name: string,
    private readonly file: FileHandle,
    readonly size: number | undefined,
    private readonly arriving: ArrivingFile | undefined,
    private readonly wasWritten: (() => Promise<boolean>) | undefined,
  ) {}

  async next(signal: AbortSignal | undefined): Promise<Buffer> {
    // A network brings a few kB at a time, and each read and inflate has its cost: so this waits for a whole piece.
    const there = this.arriving
      ? (await this.arriving.waitBeyond(this.#position + pieceSize - 1, signal)) - this.#position
      : pieceSize;
    if (there <= 0) return Buffer.alloc(0);
    const bytes = await this.#read(Math.min(pieceSize, there), null);
    this.#position += bytes.length;
    return bytes;
  }

  readonly readAt = (position: number, length: number): Promise<Buffer> =>
    this.#read(length, position);

  async #read(length: number, position: number | null): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  async advice(): Promise<string> {
    return (await this.wasWritten?.()) ? stillWritten : 'fetch the file again';
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** The file may get its final name at any moment. */
async function openArriving({ path, name }: ArrivingFile): Promise<FileHandle> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? open(name, 'r') : Promise.reject(error),
  );
}

class StreamFeed implements Feed {
  readonly name: string;
  readonly size = undefined;
  readonly #stream: AsyncIterable<Uint8Array>;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the next piece at least: the first one shows whether it is gzipped. */
  #least = gzipMark;
  #ended = false;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.name = nameOf(stream);
    this.#stream = stream;
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  async next(signal: AbortSignal | undefined): Promise<Buffer> {
    while (this.#rest.length < this.#least && !this.#ended) {
      const chunk = await this.#chunk(signal);
      this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    }
    this.#least = 1;
    const piece = this.#rest.subarray(0, streamPiece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  async #chunk(signal: AbortSignal | undefined): Promise<Buffer> {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await unlessAborted(this.#iterator.next(), signal);
    } catch (cause) {
      if (cause instanceof InterruptedError) throw cause;
      throw new BadInputError(`${this.name} cannot be read: ${(cause as Error).message}`, {
        cause,
      });
    }
    if (next.done) {
      this.#ended = true;
      return Buffer.alloc(0);
    }
    const bytes = next.value as Uint8Array | string;
    if (typeof bytes === 'string')
      throw new UsageError(
        `${this.name} yields text where bytes are needed: set no encoding on it`,
      );
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  advice(): Promise<string> {
    return Promise.resolve('see what the program that writes it reports');
  }

  /** Tells whoever writes into a pipe that nobody reads any more. */
  async close(): Promise<void> {
    const { destroy } = this.#stream as { destroy?: () => void };
    // An iterator that still awaits a piece would not end before that comes.
    if (destroy) destroy.call(this.#stream);
    else if (!this.#ended) void this.#iterator.return?.().catch(() => undefined);
  }
}

/** The promise's outcome, or an InterruptedError as soon as the signal fires: a pipe may bring nothing for hours. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(interruption(signal));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort!);
  }
}

const interruption = ({ reason }: AbortSignal): InterruptedError =>
  reason instanceof InterruptedError ? reason : new InterruptedError(undefined, { cause: reason });
