// Where the records of a batch are, and what is known about them before they are read.

export const frameKinds = {
  /** A release in its usual shape, with the places of its credits and title. */
  walked: 0,
  /** A record without comments, CDATA sections and the like. */
  plain: 1,
  /** A record with one of them: for the strict reader. */
  marked: 2,
  /** Rejected: the next record, or the end of the dump, comes before its end. */
  unended: 3,
  /** Rejected: text between the records. */
  stray: 4,
  /** Rejected: no end within the length of the longest record. What follows up to its end belongs to it. */
  endless: 5,
  /** Rejected: longer than the longest record. */
  tooLong: 6,
} as const;

/** Numbers of a frame in {@link FrameTable.values}; those after `kind` are set only in walked frames. */
export const frameSize = 7;
export const frameFields = {
  /** Offset of the first byte, and of the byte after the last. */
  start: 0,
  end: 1,
  /** Track elements before it in the batch. */
  tracksBefore: 2,
  kind: 3,
  /** Offsets of the children `<artists>`, `<extraartists>` and `<title>`; 0 for none. */
  artists: 4,
  extraArtists: 5,
  title: 6,
} as const;

/** The frames of a batch, in order. The table is reused for the next batch. */
export class FrameTable {
  count = 0;
  values = new Uint32Array(frameSize * 512);
  /** Track elements in all frames. */
  tracks = 0;

  clear(): void {
    this.count = 0;
    this.tracks = 0;
  }

  /** Adds a frame with this many track elements. */
  push(
    start: number,
    end: number,
    kind: number,
    tracks: number,
    artists = 0,
    extraArtists = 0,
    title = 0,
  ): void {
    const at = this.count * frameSize;
    if (at === this.values.length) {
      const larger = new Uint32Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    const { values } = this;
    values[at] = start;
    values[at + 1] = end;
    values[at + 2] = this.tracks;
    values[at + 3] = kind;
    values[at + 4] = artists;
    values[at + 5] = extraArtists;
    values[at + 6] = title;
    this.count++;
    this.tracks += tracks;
  }

  /** Turns a plain frame into a walked one. */
  setWalked(frame: number, artists: number, extraArtists: number, title: number): void {
    this.values.set(
      [frameKinds.walked, artists, extraArtists, title],
      frame * frameSize + frameFields.kind,
    );
  }
}
