// The uncompressed bytes of a dump, read one chunk ahead: inflating runs on another thread meanwhile.
import { throwIfInterrupted } from '@wxyc/step';
import { openFeed, type DumpInput, type Feed } from './dump-feed.js';
import { gzipMark, Inflater, strayBytes } from './inflater.js';

/** Bytes read at a time up to the damaged piece; and the size of the parts in which that piece is then searched. */
const inputSize = 256 * 1024;
const partSize = 512;

/** How the bytes ended too early: at which uncompressed byte, and why, in words. */
export interface DumpDamage {
  offset: number;
  reason: string;
}

export const damageText = (path: string, { offset, reason }: DumpDamage): string =>
  `${path} is damaged at byte ${offset} of the uncompressed data (${reason})`;

/**
 * A dump, gzipped (in any number of members) or plain, told apart by the first bytes. Damage is not thrown but
 * left in {@link damage} after the last good byte was handed out: whatever came before it is still worth reading. A file that
 * is still arriving is followed to its end.
 */
export class DumpSource {
  readonly path: string;
  /** Size of the file, if known, and how much of it has been read: the measure of progress. */
  readonly size: number | undefined;
  bytesRead = 0;
  /** Uncompressed bytes so far. */
  length = 0;
  damage: DumpDamage | undefined;
  readonly #feed: Feed;
  readonly #inflater = new Inflater();
  /** What {@link peek} has read, to be handed out first. */
  #peeked: Buffer[] = [];
  #signal: AbortSignal | undefined;
  #closed = false;
  /** Where the piece that is being inflated begins in the file. */
  #pieceStart = 0;

  private constructor(feed: Feed) {
    this.#feed = feed;
    this.path = feed.name;
    this.size = feed.size;
  }

  static async open(input: DumpInput): Promise<DumpSource> {
    return new DumpSource(await openFeed(input));
  }

  /** Whether it can be read only once. */
  get passing(): boolean {
    return this.#feed.readAt === undefined;
  }

  /** What to do about a dump that ends too early. */
  advice(): Promise<string> {
    return this.#feed.advice();
  }

  /** The first uncompressed bytes, at least this many unless there are fewer; {@link chunks} will hand them out, too. */
  async peek(least: number, signal?: AbortSignal): Promise<Buffer> {
    this.#signal = signal;
    let length = 0;
    while (length < least) {
      const chunks = await this.#step();
      if (!chunks) break;
      if (signal) throwIfInterrupted(signal);
      this.#peeked.push(...chunks);
      for (const chunk of chunks) length += chunk.length;
    }
    return Buffer.concat(this.#peeked);
  }

  /** For callers that do not iterate over {@link chunks} to the end. May be called repeatedly. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#inflater.close();
    await this.#feed.close();
  }

  /** The uncompressed bytes in order. Closes the file at the end, however the iteration ends. */
  async *chunks(signal?: AbortSignal): AsyncGenerator<Buffer, void, void> {
    // One step ahead, so that the next bytes are read and inflated while the caller works on these.
    let ahead: Promise<Buffer[] | undefined> | undefined;
    this.#signal = signal;
    try {
      ahead = Promise.resolve(this.#peeked);
      this.#peeked = [];
      for (;;) {
        const chunks = await ahead;
        if (signal) throwIfInterrupted(signal);
        if (!chunks) return;
        ahead = this.#step();
        // Its failure is handled when its turn comes; until then it must not count as unhandled.
        ahead.catch(() => undefined);
        for (const chunk of chunks) {
          this.length += chunk.length;
          yield chunk;
        }
      }
    } finally {
      // A file is closed once nobody reads it any more; a stream may bring nothing for a long time, so this does not wait for it.
      if (!this.passing) await ahead?.catch(() => undefined);
      await this.close();
    }
  }

  /** Reads and inflates the next piece, or continues with one that inflates to much; undefined at the end. */
  async #step(): Promise<Buffer[] | undefined> {
    const inflater = this.#inflater;
    if (inflater.ended) return undefined;
    let chunks: Buffer[];
    if (inflater.holdsMore) chunks = await inflater.more();
    else {
      const piece = await this.#feed.next(this.#signal);
      this.#pieceStart = this.bytesRead;
      this.bytesRead += piece.length;
      chunks = await inflater.inflate(piece);
    }
    if (inflater.failure !== undefined) {
      const { readAt } = this.#feed;
      // At the end of the file there was nothing to drop.
      if (!readAt || this.bytesRead === this.#pieceStart) {
        this.damage = { offset: inflater.length, reason: inflater.failure };
        return chunks;
      }
      const { bytes, reason } = await this.#salvage(readAt, this.#pieceStart, inflater);
      chunks.push(bytes);
      // This runs ahead of the reader, so what the reader has been given so far does not show where the damage is.
      this.damage = { offset: inflater.length + bytes.length, reason };
    }
    return chunks;
  }

  /**
   * The bytes that `failed` did not hand out, up to the damaged place, which is after byte `from` of the file: when zlib finds
   * damage in a piece, it drops what it has already inflated of that piece. So the file is inflated once more, by two, since
   * damage ends an inflater: the first finds the part that is damaged, the second approaches the place byte by byte. That also
   * shows where in the file the damage is.
   */
  async #salvage(
    readAt: NonNullable<Feed['readAt']>,
    from: number,
    failed: Inflater,
  ): Promise<{ bytes: Buffer; reason: string }> {
    const scout = new Inflater();
    const inflater = new Inflater();
    const saved: Buffer[] = [];
    const save = (chunks: readonly Buffer[]): void => {
      // In order, so that only what comes after the known bytes is kept.
      for (const chunk of chunks) {
        passed += chunk.length;
        const fresh = passed - failed.length;
        if (fresh > 0) saved.push(chunk.subarray(Math.max(0, chunk.length - fresh)));
      }
    };
    let passed = 0;
    for (let p = 0; p < from;) {
      const bytes = await readAt(p, Math.min(inputSize, from - p));
      if (bytes.length === 0) break;
      p += bytes.length;
      await Promise.all([inflateAll(scout, bytes), inflateAll(inflater, bytes, save)]);
    }
    const piece = await readAt(from, this.bytesRead - from);
    let sound = 0;
    for (let end = 0; scout.failure === undefined && end < piece.length;) {
      sound = end;
      end += partSize;
      await inflateAll(scout, piece.subarray(sound, end));
    }
    if (sound > 0) await inflateAll(inflater, piece.subarray(0, sound), save);
    let end = sound;
    while (inflater.failure === undefined && end < piece.length) {
      // The first bytes show whether it is gzipped.
      const next = Math.max(end + 1, gzipMark - from);
      await inflateAll(inflater, piece.subarray(end, next), save);
      end = next;
    }
    scout.close();
    inflater.close();
    return {
      bytes: Buffer.concat(saved),
      reason: damageReason(inflater.failure ?? failed.failure!, from + end, inflater.length),
    };
  }
}

async function inflateAll(
  inflater: Inflater,
  bytes: Buffer,
  take: (chunks: readonly Buffer[]) => void = () => undefined,
): Promise<void> {
  take(await inflater.inflate(bytes));
  while (inflater.holdsMore) take(await inflater.more());
}

/** What zlib says, put plainly where it is about what follows a whole gzip file. */
function damageReason(failure: string, end: number, inflated: number): string {
  if (failure === strayBytes) return `${strayBytes} at byte ${end - 1} of the file`;
  // The first member's mark was seen before: this is where another member could begin, and its first two bytes have been read.
  if (failure === 'incorrect header check' && inflated > 0)
    return `${strayBytes} at byte ${end - gzipMark} of the file`;
  return failure;
}
