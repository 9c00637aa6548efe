// The bytes of a CSV file, gzipped or plain, recognised by how they begin; and where a directory has a file.
import { createReadStream, existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { BadInputError, noteInput, refuseGrowing, stillWritten } from '@wxyc/step';

const inflatedChunk = 256 * 1024;

/** Other ways of compressing the same files, and the command that makes them readable. */
const otherEndings: readonly (readonly [string, string])[] = [
  ['bz2', 'bunzip2'],
  ['xz', 'unxz'],
  ['zst', 'unzstd'],
  ['zip', 'unzip'],
];

/**
 * The path of a CSV file in a directory: `NAME.csv`, or `NAME.csv.gz` if only that exists. Undefined if neither does.
 *
 * @throws BadInputError if the file is there in an unsupported form, with the command that converts it.
 */
export function findCsv(directory: string, name: string): string | undefined {
  const path = join(directory, `${name}.csv`);
  if (existsSync(path)) return path;
  if (existsSync(`${path}.gz`)) return `${path}.gz`;
  for (const [ending, command] of otherEndings) {
    if (existsSync(`${path}.${ending}`))
      throw new BadInputError(
        `${path}.${ending} is compressed in an unsupported format; run ${command} ${path}.${ending} first, or compress it with gzip`,
      );
  }
  return undefined;
}

/** A file being read from its beginning. */
export interface CsvInput {
  /** Whether more bytes come out than the file has. */
  readonly inflates: boolean;
  /** Fills the buffer from an offset on with at most this many bytes; returns 0 at the end. */
  read(buffer: Buffer, offset: number, length: number): Promise<number>;
  /** Bytes of the file that were read, compressed or not. */
  position(): number;
  close(): Promise<void>;
}

/**
 * Takes over the open file, of which nothing has been read yet.
 *
 * Its end throws a {@link BadInputError} if somebody is writing to the file: what has been read is then not all of it.
 */
export async function csvInput(path: string, file: FileHandle): Promise<CsvInput> {
  const wasWritten = noteInput(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  if (bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b) {
    await file.close();
    return gzipInput(path, wasWritten);
  }
  let position = 0;
  return {
    inflates: false,
    async read(into, offset, length) {
      const { bytesRead: count } = await file.read(into, offset, length, position);
      position += count;
      if (count === 0) await refuseGrowing(path, wasWritten);
      return count;
    },
    position: () => position,
    close: () => file.close(),
  };
}

function gzipInput(path: string, wasWritten: () => Promise<boolean>): CsvInput {
  const source = createReadStream(path);
  const gunzip = createGunzip({ chunkSize: inflatedChunk });
  source.on('error', (error) => gunzip.destroy(error));
  const chunks = source.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let left: Buffer = Buffer.alloc(0);
  return {
    inflates: true,
    async read(into, offset, length) {
      while (left.length === 0) {
        const next = await chunks.next().catch(async (error: Error) => {
          const advice = (await wasWritten()) ? stillWritten : 'download or create it again';
          throw new BadInputError(`${path} is damaged gzip (${error.message}); ${advice}`, {
            cause: error,
          });
        });
        if (next.done) {
          await refuseGrowing(path, wasWritten);
          return 0;
        }
        left = next.value;
      }
      const count = left.copy(into, offset, 0, length);
      left = left.subarray(count);
      return count;
    },
    position: () => source.bytesRead,
    close: () => {
      source.destroy();
      gunzip.destroy();
      return Promise.resolve();
    },
  };
}
