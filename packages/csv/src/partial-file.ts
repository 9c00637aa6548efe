// An output that exists under its name only when it is whole: written as NAME.partial, renamed at the end.
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { noteComplete } from '@wxyc/step';
import { makeDirectory } from './directory.js';
import { refuseOtherKind, type OutputKind } from './output-kind.js';
import { refuseSpecialPlace } from './output-place.js';

/** Large enough to turn many small writes into few calls; twelve files are open at once. */
const bufferSize = 256 * 1024;

/**
 * A file in the making. Exactly one of {@link finish}, {@link keep} and {@link discard} ends it.
 *
 * @example
 * const file = await PartialFile.create('out/release.csv', csvKind('a file of releases', ['id']));
 * try {
 *   await file.write(Buffer.from('id,title\r\n'));
 *   await file.finish();
 * } catch (error) {
 *   await file.discard();
 *   throw error;
 * }
 */
export class PartialFile {
  /** The name the file gets when it is whole. */
  readonly path: string;
  /** The name it has until then. */
  readonly partialPath: string;
  /** Bytes written so far. */
  bytes = 0;
  #synced = -1;
  #buffer: Buffer | undefined;
  #filled = 0;
  #file: FileHandle | undefined;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.partialPath = partialPathOf(path);
    this.#file = file;
  }

  /**
   * Creates the directory if need be and an empty `NAME.partial`, replacing an older one.
   *
   * @param kind what the file will be: an existing file of another kind is not replaced.
   * @param options.mode its permissions, less the process's umask.
   * @throws UsageError if either name belongs to something else.
   */
  static async create(
    path: string,
    kind: OutputKind,
    { mode = 0o666 }: { mode?: number } = {},
  ): Promise<PartialFile> {
    await makeDirectory(dirname(path));
    if (await refuseSpecialPlace(path)) await refuseOtherKind(path, kind);
    const partial = partialPathOf(path);
    // Removed, not emptied: it may be a hard link to a file that matters. Created anew, so that no link is followed.
    if (await refuseSpecialPlace(partial)) await rm(partial);
    return new PartialFile(path, await open(partial, 'wx', mode));
  }

  /**
   * Appends the bytes, which the caller may use again afterwards. Await it before the next call. Small pieces are put
   * together before they go to the operating system.
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#file) throw new Error(`${this.partialPath} is closed`);
    const large = bytes.length > bufferSize / 2;
    if (large || bytes.length > bufferSize - this.#filled) await this.#flush();
    if (large) await this.#writeOut(bytes);
    else {
      this.#buffer ??= Buffer.allocUnsafeSlow(bufferSize);
      this.#buffer.set(bytes, this.#filled);
      this.#filled += bytes.length;
    }
    this.bytes += bytes.length;
  }

  async #flush(): Promise<void> {
    const length = this.#filled;
    this.#filled = 0;
    if (length > 0) await this.#writeOut(this.#buffer!.subarray(0, length));
  }

  async #writeOut(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    try {
      while (offset < bytes.length) {
        const { bytesWritten } = await this.#file!.write(
          bytes,
          offset,
          bytes.length - offset,
          null,
        );
        offset += bytesWritten;
      }
    } catch (error) {
      // The system does not say which disk is full.
      throw Object.assign(error as Error, { path: this.partialPath });
    }
  }

  /** Syncs the file to disk. {@link finish} does it too; files that get their names together are synced first, then finished. */
  async sync(): Promise<void> {
    if (this.#synced === this.bytes) return;
    await this.#flush();
    await this.#file?.sync();
    this.#synced = this.bytes;
  }

  /** Finishes a complete file: syncs it to disk, then gives it its name. */
  async finish(): Promise<void> {
    await this.sync();
    await this.keep();
    await rename(this.partialPath, this.path);
    noteComplete(this.path);
  }

  /** Ends writing and leaves `NAME.partial` for inspection. */
  async keep(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    // A full disk has been reported before; what is whole was flushed by sync.
    await this.#flush().catch(() => undefined);
    this.#file = undefined;
    this.#buffer = undefined;
    await file.close();
  }

  /** Ends writing and removes the partial file. */
  async discard(): Promise<void> {
    this.#filled = 0;
    await this.keep();
    await rm(this.partialPath, { force: true });
  }
}

/**
 * Writes a file in one go, so that a crash, a full disk or a failure among the pieces leaves either the old or the new one.
 *
 * @example
 * await writeWhole('mappings.json', jsonKind('a mappings file', []), JSON.stringify(mappings));
 */
export async function writeWhole(
  path: string,
  kind: OutputKind,
  content: string | Uint8Array | Iterable<string>,
  options: { mode?: number } = {},
): Promise<void> {
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  const file = await PartialFile.create(path, kind, options);
  try {
    for (const piece of pieces)
      await file.write(typeof piece === 'string' ? Buffer.from(piece) : piece);
    await file.finish();
  } catch (error) {
    await file.discard().catch(() => undefined);
    throw error;
  }
}

/** The name that an output has until it is whole. */
export function partialPathOf(path: string): string {
  return `${path}.partial`;
}
