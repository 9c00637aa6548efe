// A file that is still arriving, such as a dump that is being downloaded: what a reader needs to know to follow it.

/** What a reader sees of a file that is still arriving. */
export interface ArrivingFile {
  /** The name that it will have. */
  readonly name: string;
  /** Where its bytes are until it gets its name, which may happen at any moment. A file that is open stays open. */
  readonly path: string;
  /** Its size when complete, if known. */
  readonly size: number | undefined;
  /**
   * Resolves with the number of bytes that may be read, once there are more than `position`; with `position` itself when
   * the file has come to its end there. Rejects with the reason when it never will.
   */
  waitBeyond(position: number, signal?: AbortSignal): Promise<number>;
}
