// Gets one file from the server to the disk, however often the connection breaks, and says whether it is the right one.
import { createHash, type Hash } from 'node:crypto';
import { backOff, NetworkError, retryAfter, statusError, wait, type Exchange } from '@wxyc/http';
import { formatBytes } from '@wxyc/cli';
import { StepError, throwIfInterrupted, type ProgressTask, type StepContext } from '@wxyc/step';
import type { GrowingFile } from './arriving-file.js';
import { ask, defaultRetries, type SiteOptions } from './site.js';

export interface DownloadOptions {
  site: SiteOptions;
  url: URL;
  /** In lower-case hexadecimal. */
  sha256: string;
  file: GrowingFile;
  /** Tells the server from which version of the file the bytes on disk come: an ETag or a date from an earlier answer. */
  validator: string | undefined;
  /** Called with the validator of every answer, before its bytes are written. */
  onValidator: (validator: string | undefined) => Promise<void>;
}

export interface Downloaded {
  /** Bytes that came over the network, repeated ones included. */
  fetched: number;
  /** Connections that broke or were refused. */
  broken: number;
}

/** The first byte of a gzipped file. */
const gzipMark = 0x1f;

/**
 * Continues until the bytes on disk have the checksum. The file is left as it is when that fails, except that what is known
 * to be wrong is cut off.
 *
 * @throws StepError when the server has nothing that fits the checksum, or no longer answers; InterruptedError.
 */
export async function download(
  options: DownloadOptions,
  context: StepContext,
): Promise<Downloaded> {
  return new Download(options, context).run();
}

class Download {
  readonly #options: DownloadOptions;
  readonly #context: StepContext;
  readonly #file: GrowingFile;
  readonly #result: Downloaded = { fetched: 0, broken: 0 };
  #validator: string | undefined;
  /** Most bytes that were ever on disk, or were left when wrong ones were cut off. */
  #best = 0;
  /** Do not ask for ranges: the server answers them wrongly, or everything has to be fetched again. */
  #fromStart = false;
  /** Hash of all bytes on disk. */
  #hash: Hash = createHash('sha256');
  #task: ProgressTask | undefined;

  constructor(options: DownloadOptions, context: StepContext) {
    this.#options = options;
    this.#context = context;
    this.#file = options.file;
    this.#validator = options.validator;
  }

  async run(): Promise<Downloaded> {
    const { logger, signal, progress } = this.#context;
    const name = this.#file.name;
    if (this.#file.length > 0) {
      logger.info({ bytes: this.#file.length }, `${name}: continuing an earlier download`);
      this.#hash = await hashBytes(this.#file, this.#context);
      if (this.#fits()) return this.#result;
    }
    const { retries = defaultRetries, firstPause } = this.#options.site;
    this.#task = progress.start(`fetch ${name.slice(name.lastIndexOf('/') + 1)}`, {
      unit: 'bytes',
      total: this.#file.size,
    });
    let fruitless = 0;
    this.#best = this.#file.length;
    /** An answer has ended, but the checksum is still wrong: the server is asked whether there is more. */
    let doubt = false;
    /** How often all of the server's bytes were there and wrong. */
    let wrong = 0;
    try {
      for (;;) {
        let failure: NetworkError;
        try {
          const end = await this.#attempt();
          if (this.#fits()) return this.#result;
          const grew = this.#grew();
          if (grew) fruitless = 0;
          if (this.#isAllThatWasAnnounced()) {
            if (grew || !(doubt || end === 'nothing')) {
              doubt = true;
              continue;
            }
            wrong += 1;
            if (wrong > 1) throw this.#mismatch();
            logger.warn(
              `${name}: wrong checksum; downloading it all again and keeping what is the same`,
            );
            this.#fromStart = true;
            doubt = true;
            continue;
          }
          const { length, size } = this.#file;
          failure = new NetworkError(
            `${name}: the connection ended after ${formatBytes(length)} of ${formatBytes(size!)}`,
            { retryable: true },
          );
        } catch (error) {
          if (!(error instanceof NetworkError)) throw error;
          // All bytes may have come before the connection broke.
          if (this.#fits()) return this.#result;
          if (!error.retryable) throw error;
          failure = error;
          if (this.#grew()) fruitless = 0;
        }
        this.#result.broken += 1;
        fruitless += 1;
        if (fruitless > retries) {
          throw new StepError(
            `${failure.message}; ${retries} more attempts got no further. What has arrived is kept: run again to continue at ${formatBytes(this.#file.length)}`,
            { cause: failure },
          );
        }
        const pause = failure.retryAfter ?? backOff(fruitless, firstPause);
        logger.warn(
          `${failure.message}; continuing at ${formatBytes(this.#file.length)} in ${(pause / 1000).toFixed(pause < 9500 ? 1 : 0)} s`,
        );
        await wait(pause, signal);
      }
    } finally {
      this.#task.end();
    }
  }

  /** Whether there are more bytes than ever before; called once after each attempt. */
  #grew(): boolean {
    const { length } = this.#file;
    if (length <= this.#best) return false;
    this.#best = length;
    return true;
  }

  /** A server that says nothing about the length may have ended early; so may one that says too little. */
  #isAllThatWasAnnounced(): boolean {
    const { length, size } = this.#file;
    return size === undefined || length >= size;
  }

  #fits(): boolean {
    return this.#hash.copy().digest('hex') === this.#options.sha256;
  }

  #mismatch(): StepError {
    const { file, sha256 } = this.#options;
    return new WrongChecksumError(
      `${file.name}: its SHA-256 is ${this.#hash.copy().digest('hex')} instead of ${sha256}, even after a second download: the server's file or its checksum is wrong. Nothing is kept; try again later`,
    );
  }

  /** One request and what comes of it: `some` bytes, or `nothing`, since the server has no more. */
  async #attempt(): Promise<'some' | 'nothing'> {
    const { site, url } = this.#options;
    const { signal } = this.#context;
    const from = this.#fromStart ? 0 : this.#file.length;
    const range: Record<string, string> =
      from === 0
        ? {}
        : {
            range: `bytes=${from}-`,
            ...(this.#validator === undefined ? {} : { 'if-range': this.#validator }),
          };
    const answer = await ask(site, url, signal, range);
    try {
      if (answer.status === 416 && from > 0) {
        const total = /^bytes \*\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1];
        if (total !== undefined) this.#file.size = Number(total);
        return 'nothing';
      }
      if (answer.status !== 200 && answer.status !== 206)
        throw statusError(answer.status, this.#file.name, retryAfter(answer.headers));
      this.#refuseEncoding(answer);
      if (answer.status === 206) await this.#appendPart(answer, from);
      else await this.#compareAll(answer);
      return 'some';
    } finally {
      answer.drop();
    }
  }

  #refuseEncoding({ headers }: Exchange): void {
    const encoding = headers.get('content-encoding');
    if (encoding === null || encoding === 'identity') return;
    throw new StepError(
      `${this.#file.name}: the server sends it in an encoding that was not requested (${encoding}), to which no checksum applies; is there a proxy in between?`,
    );
  }

  async #note(answer: Exchange, size: number | undefined): Promise<void> {
    if (size !== undefined && size >= this.#file.length) this.#file.size = size;
    const etag = answer.headers.get('etag');
    // A weak ETag says nothing about bytes.
    const validator =
      etag && !etag.startsWith('W/') ? etag : (answer.headers.get('last-modified') ?? undefined);
    if (validator !== this.#validator) {
      this.#validator = validator;
      await this.#options.onValidator(validator);
    }
  }

  async #appendPart(answer: Exchange, from: number): Promise<void> {
    const [, first, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '') ?? [];
    if (Number(first) !== from) {
      this.#fromStart = true;
      throw new NetworkError(
        `${this.#file.name}: the server was asked for the bytes from ${from} and sent those from ${first ?? 'somewhere else'}`,
        { retryable: true },
      );
    }
    await this.#note(answer, total === undefined || total === '*' ? undefined : Number(total));
    for await (const bytes of answer.body()) await this.#append(bytes);
  }

  /**
   * The whole file from its beginning: the server does not support ranges, or has another version. What is already on disk is
   * compared, so that a reader can stay where it is, and is cut off from the first byte that differs.
   */
  async #compareAll(answer: Exchange): Promise<void> {
    const announced = answer.headers.get('content-length');
    await this.#note(answer, announced === null ? undefined : Number(announced));
    const seen = createHash('sha256');
    let position = 0;
    for await (const bytes of answer.body()) {
      if (position === 0) this.#refuseOtherContent(answer, bytes);
      const known = await this.#file.read(position, bytes.length);
      const same = commonLength(known, bytes);
      seen.update(bytes.subarray(0, same));
      position += same;
      if (same < known.length) {
        await this.#file.cut(position);
        this.#hash = seen.copy();
        this.#best = position;
      }
      if (same < bytes.length) {
        await this.#append(bytes.subarray(same));
        seen.update(bytes.subarray(same));
        position += bytes.length - same;
      } else {
        this.#result.fetched += bytes.length;
        throwIfInterrupted(this.#context.signal);
      }
    }
    // Bytes beyond the server's end, if those before it are what is wanted.
    if (position < this.#file.length && seen.copy().digest('hex') === this.#options.sha256) {
      await this.#file.cut(position);
      this.#hash = seen;
    }
  }

  /** A page where a gzipped file belongs: the server wants a browser, or is out of order. */
  #refuseOtherContent(answer: Exchange, bytes: Uint8Array): void {
    if (!this.#file.name.endsWith('.gz') || bytes[0] === gzipMark) return;
    const page =
      /html/i.test(answer.headers.get('content-type') ?? '') ||
      /^\s*</.test(Buffer.from(bytes.subarray(0, 40)).toString('latin1'));
    throw new StepError(
      `${this.#file.name}: the server sends ${page ? 'a page for browsers' : 'something else'} instead of the gzipped file; open ${this.#options.url.origin} in a browser`,
    );
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#file.append(bytes);
    this.#hash.update(bytes);
    this.#result.fetched += bytes.length;
    this.#task?.update(
      this.#file.length,
      this.#result.broken > 0 ? `${this.#result.broken} connections broke` : undefined,
    );
    throwIfInterrupted(this.#context.signal);
  }
}

/** The server has no bytes that fit the checksum: those on disk are of no use. */
export class WrongChecksumError extends StepError {}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  if (Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0) return length;
  let i = 0;
  while (a[i] === b[i]) i += 1;
  return i;
}

/** Bytes hashed at a time. */
const hashStep = 1 << 20;

/** SHA-256 of what is on disk so far. */
export async function hashBytes(
  file: { name: string; length: number; read(position: number, length: number): Promise<Buffer> },
  { signal, progress }: StepContext,
): Promise<Hash> {
  const hash = createHash('sha256');
  const task = progress.start(`verify ${file.name.slice(file.name.lastIndexOf('/') + 1)}`, {
    unit: 'bytes',
    total: file.length,
  });
  try {
    for (let position = 0; position < file.length;) {
      throwIfInterrupted(signal);
      const bytes = await file.read(position, hashStep);
      if (bytes.length === 0) break;
      hash.update(bytes);
      position += bytes.length;
      task.update(position);
    }
  } finally {
    task.end();
  }
  return hash;
}
