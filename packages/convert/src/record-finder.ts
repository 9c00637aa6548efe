// Finds the records of the stream: by walking from one release to the next, and by searching for tags where that fails.
import type { DumpKind } from '@wxyc/dataset';
import { frameFields, frameKinds, frameSize, type FrameTable } from './frame-table.js';
import { Framer, isSpace, longestRecord, wholeTags } from './framing.js';
import { createListWalk, PlainListWalk, type ListWalk } from './list-walk.js';
import { ReleaseWalk } from './release-walk.js';

const lessThan = 0x3c;

export class RecordFinder {
  readonly #framer: Framer;
  readonly #lists: ListWalk;
  readonly #walk: ReleaseWalk | undefined;

  /** @param walks whether to walk, which is possible only for releases; the frames are the same. */
  constructor(kind: DumpKind, walks: boolean) {
    this.#framer = new Framer(kind);
    this.#lists = walks && kind === 'release' ? createListWalk() : new PlainListWalk();
    if (walks && kind === 'release') this.#walk = new ReleaseWalk(this.#lists);
  }

  /** Memory for the stream's bytes; another one after {@link reserve}. */
  get bytes(): Buffer {
    return this.#lists.bytes;
  }

  /** Makes the memory at least so large, its content kept. */
  reserve(size: number): void {
    this.#lists.reserve(size);
  }

  /**
   * Adds the frames of `bytes[0, to)` to the table, at most `limit` of them, and returns the offset up to which
   * everything is dealt with, as {@link Framer.frames} does.
   */
  frames(to: number, table: FrameTable, ended: boolean, limit: number): number {
    const { bytes } = this;
    const walk = this.#walk;
    bytes[to] = lessThan;
    let done = 0;
    while (walk && table.count < limit) {
      let start = done;
      while (isSpace(bytes[start]!)) start++;
      const end = walk.walk(start, to);
      if (end < 0) break;
      table.push(
        start,
        end,
        end - start > longestRecord ? frameKinds.tooLong : frameKinds.walked,
        walk.tracks,
        walk.artists,
        walk.extraArtists,
        walk.title,
      );
      done = end;
    }
    const walked = table.count;
    done = this.#framer.frames(bytes, done, to, table, ended, limit);
    // If one record is unusual, those after it need not be.
    for (let frame = walked; walk && frame < table.count; frame++) {
      const start = table.values[frame * frameSize]!;
      const end = table.values[frame * frameSize + frameFields.end]!;
      if (table.values[frame * frameSize + frameFields.kind] !== frameKinds.plain) continue;
      if (walk.walk(start, end) === end)
        table.setWalked(frame, walk.artists, walk.extraArtists, walk.title);
    }
    return done;
  }

  /**
   * After an endless record: how many of the bytes `[0, to)` still belong to it, whether it ends there, and the track
   * elements among them.
   */
  skipEndless(to: number): { length: number; found: boolean; tracks: number } {
    const { bytes } = this;
    const end = this.#framer.behindEndless(bytes, to);
    const length = end >= 0 ? end : wholeTags(bytes, to);
    return { length, found: end >= 0, tracks: this.#framer.tracksOf(bytes.subarray(0, length)) };
  }

  /** See {@link Framer.rest}. */
  rest(from: number, end: number, table: FrameTable): number {
    return this.#framer.rest(this.bytes, from, end, table);
  }
}
