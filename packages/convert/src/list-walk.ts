// Looks for the end of a list in a release (`<tracklist>` to `</tracklist>`), counting tracks on the way. Nearly every byte
// of a dump goes through here, and most releases are not read any further.
//
// With sixteen bytes at a time, in WebAssembly (`list-walk.wat`), that is three times as fast as byte by byte; the plain loop
// is the test's oracle, and runs where WebAssembly or its vectors are missing.
import { word } from './elements.js';
import { listWalkWasm } from './list-walk-wasm.js';
import { standsAt } from './text-scan.js';

const lessThan = 0x3c;
const greaterThan = 0x3e;
const slash = 0x2f;
const exclamation = 0x21;
const question = 0x3f;
const letterR = 0x72;
const letterT = 0x74;

const track = word('<track');
const releaseStart = word('<release');
const releaseEnd = word('</releas');

/** The end tag of a list, and parts of it for the fast search. */
export interface ListEnd {
  tag: Uint8Array;
  initial: number;
  /** The last eight bytes, as little-endian numbers. */
  low: number;
  high: number;
}

/** @param name a list's name, of at least five letters */
export function listEnd(name: string): ListEnd {
  const tag = Buffer.from(`</${name}>`);
  return {
    tag: new Uint8Array(tag),
    initial: name.charCodeAt(0),
    low: tag.readUInt32LE(tag.length - 8),
    high: tag.readUInt32LE(tag.length - 4),
  };
}

export interface ListWalk {
  /** Track elements passed by the last {@link find} that found something. */
  tracks: number;
  /** The memory for the bytes that are walked; {@link reserve} may replace it. */
  readonly bytes: Buffer;
  /** Makes the memory at least so large, its content kept. */
  reserve(size: number): void;
  /**
   * Offset of the end tag in `bytes[p, to)`; `bytes[to]` must be a `<`, where every search for one ends. -1 if there is
   * none, or if anything unusual comes before it: comments and the like, a release's start or end tag, tracks with attributes
   * or without content.
   */
  find(p: number, to: number, end: ListEnd): number;
}

/** Looks byte by byte. */
export class PlainListWalk implements ListWalk {
  tracks = 0;
  bytes: Buffer = Buffer.alloc(0);

  reserve(size: number): void {
    if (this.bytes.length > size) return;
    const larger = Buffer.alloc(size + 1);
    this.bytes.copy(larger);
    this.bytes = larger;
  }

  find(p: number, to: number, { tag }: ListEnd): number {
    const { bytes } = this;
    let tracks = 0;
    for (;;) {
      while (bytes[p] !== lessThan) p++;
      if (p >= to) return -1;
      switch (bytes[p + 1]!) {
        case slash:
          if (standsAt(bytes, p, tag)) {
            this.tracks = tracks;
            return p;
          }
          if (bytes[p + 2] === letterR && standsAt(bytes, p, releaseEnd)) return -1;
          break;
        case letterT: {
          if (!standsAt(bytes, p, track)) break;
          const behind = bytes[p + track.length]!;
          if (behind === greaterThan) tracks++;
          else if (behind <= 0x20 || behind === slash) return -1;
          break;
        }
        case letterR:
          if (standsAt(bytes, p, releaseStart)) return -1;
          break;
        case exclamation:
        case question:
          return -1;
      }
      p++;
    }
  }
}

type Find = (
  p: number,
  to: number,
  initial: number,
  length: number,
  low: number,
  high: number,
) => number;

const page = 64 * 1024;
/** The address of the first byte; the number of tracks is before it. */
const base = 64;
/** How far the search reads beyond its end. */
const slack = 64;

/** Looks at sixteen bytes at a time. */
export class VectorListWalk implements ListWalk {
  tracks = 0;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #find: Find;
  readonly #plain = new PlainListWalk();
  bytes: Buffer;
  #tracks: Uint32Array;

  constructor(module: WebAssembly.Module) {
    const instance = new WebAssembly.Instance(module, { convert: { memory: this.#memory } });
    this.#find = instance.exports['find'] as Find;
    this.bytes = Buffer.from(this.#memory.buffer, base);
    this.#tracks = new Uint32Array(this.#memory.buffer, 0, 1);
  }

  reserve(size: number): void {
    const missing = size + slack - this.bytes.length;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(missing / page));
    this.bytes = Buffer.from(this.#memory.buffer, base);
    this.#tracks = new Uint32Array(this.#memory.buffer, 0, 1);
  }

  find(p: number, to: number, end: ListEnd): number {
    const found = this.#find(p, to, end.initial, end.tag.length, end.low, end.high);
    if (found < 0) return -1;
    if (standsAt(this.bytes, found, end.tag)) {
      this.tracks = this.#tracks[0]!;
      return found;
    }
    // Only the end of a tag was compared; the rest can differ in damaged dumps.
    this.#plain.bytes = this.bytes;
    const behind = this.#plain.find(p, to, end);
    this.tracks = this.#plain.tracks;
    return behind;
  }
}

/** The fastest way that this machine knows. */
export function createListWalk(): ListWalk {
  const wasm = Buffer.from(listWalkWasm, 'base64');
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(wasm)) return new PlainListWalk();
  try {
    return new VectorListWalk(new WebAssembly.Module(wasm));
  } catch {
    // WebAssembly's memory reserves gigabytes of addresses, which a limit (ulimit -v) may refuse.
    return new PlainListWalk();
  }
}
