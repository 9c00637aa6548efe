// A file that others may read while it grows: the bytes on disk, and the readers that wait for more.
import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { partialPathOf } from '@wxyc/csv';
import { StepError, throwIfInterrupted, type ArrivingFile } from '@wxyc/step';

/** A reader has read bytes that turned out to be wrong. */
export class ChangedFileError extends StepError {}

/** A file that has not earned its name yet. It grows only at its end. */
export class GrowingFile implements ArrivingFile {
  readonly name: string;
  readonly path: string;
  size: number | undefined;
  /** Bytes on disk. */
  length: number;
  readonly #file: FileHandle;
  #state: 'growing' | 'ended' | { failure: Error } = 'growing';
  #handedOut = 0;
  #waiting: (() => void)[] = [];

  private constructor(name: string, file: FileHandle, length: number) {
    this.name = name;
    this.path = partialPathOf(name);
    this.#file = file;
    this.length = length;
  }

  /** Opens `NAME.partial` with whatever an earlier try left in it. */
  static async open(name: string): Promise<GrowingFile> {
    const file = await open(
      partialPathOf(name),
      constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW,
      0o666,
    );
    return new GrowingFile(name, file, (await file.stat()).size);
  }

  async waitBeyond(position: number, signal?: AbortSignal): Promise<number> {
    for (;;) {
      if (signal) throwIfInterrupted(signal);
      if (typeof this.#state === 'object') throw this.#state.failure;
      if (this.length > position || this.#state === 'ended') {
        this.#handedOut = Math.max(this.#handedOut, this.length);
        return this.length;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.push(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#file.write(
          bytes,
          done,
          bytes.length - done,
          this.length,
        );
        done += bytesWritten;
        this.length += bytesWritten;
      }
    } catch (error) {
      // The system does not say which disk is full.
      throw Object.assign(error as Error, { path: this.path });
    }
    this.#wake();
  }

  /** Bytes at a place, at most `length` of them. */
  async read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(length, Math.max(0, this.length - position)));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(
        buffer,
        filled,
        buffer.length - filled,
        position + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** Truncates the file, since what follows is not what the server has. A reader that was beyond that point can only start again. */
  async cut(length: number): Promise<void> {
    if (length < this.#handedOut)
      this.fail(
        new ChangedFileError(
          `${this.name} has changed on the server, or arrived damaged, while it was being read; run again, with --resume in the pipeline`,
        ),
      );
    await this.#file.truncate(length);
    this.length = length;
  }

  /** Finishes a complete file: syncs it to disk, then gives it its name. */
  async finish(): Promise<void> {
    await this.#file.sync();
    await rename(this.path, this.name);
    const directory = await open(dirname(resolve(this.name)), 'r').catch(() => undefined);
    await directory?.sync().catch(() => undefined);
    await directory?.close();
    this.#state = this.#state === 'growing' ? 'ended' : this.#state;
    this.#wake();
    await this.#file.close();
  }

  /** The file will not be completed by this process; what is there stays for the next one. */
  async leave(reason: Error): Promise<void> {
    this.fail(reason);
    await this.#file.close().catch(() => undefined);
  }

  /** The file is of no use. */
  async discard(reason: Error): Promise<void> {
    await this.leave(reason);
    await rm(this.path, { force: true });
  }

  /** Readers get the reason instead of more bytes. */
  fail(reason: Error): void {
    if (this.#state === 'growing') this.#state = { failure: reason };
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
