// A dump that is still being downloaded: what a reader has to know to follow it.

/** A file whose bytes come while it is read. */
export interface ArrivingFile {
  /** The name that it will have: for messages. */
  readonly name: string;
  /** Where its bytes are until it gets its name, which may happen at any moment. */
  readonly path: string;
  /** Its size in bytes when whole, as far as is known. */
  readonly size: number | undefined;
  /**
   * Resolves with the number of bytes that may be read, once there are more than `position`; with `position` itself at the
   * file's end. Rejects when the rest will not come.
   */
  waitBeyond(position: number, signal?: AbortSignal): Promise<number>;
}
