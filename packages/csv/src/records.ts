// The simple reader, for small files: one object per row, by papaparse.
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { PassThrough, Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BadInputError, noteInput, refuseGrowing, refuseSpecialInput } from '@wxyc/step';

/** The parser looks at an unfinished row again with every chunk, and keeps it as text: no name or title is nearly as long. */
const longestRecord = 8 * 1024 * 1024;

/**
 * Reads CSV or TSV with a header as one object per row, keyed by the header's names. For files of up to some million
 * rows where convenience counts; {@link openCsv} is many times faster.
 *
 * Throws a {@link BadInputError} when the file cannot be read, and for a row without an end.
 *
 * @example
 * for await (const { artist } of readRecords('alternates.csv')) console.log(artist);
 */
export async function* readRecords(
  path: string,
  options: { delimiter?: string; signal?: AbortSignal } = {},
): AsyncGenerator<Record<string, string>, void, void> {
  try {
    await access(path);
  } catch (error) {
    throw new BadInputError(`${path} does not exist`, { cause: error });
  }
  refuseSpecialInput(path);
  const wasWritten = noteInput(path);
  // Loaded when needed: few who import this package read small files.
  const { default: Papa } = await import('papaparse');
  const parser: Duplex = Papa.parse(Papa.NODE_STREAM_INPUT, {
    header: true,
    skipEmptyLines: true,
    delimiter: options.delimiter ?? '',
    transformHeader: (name) => name.replace(/^\uFEFF/, '').trim(),
  });
  const rows = new PassThrough({ objectMode: true });
  let count = 0;
  let unfinished = 0;
  const bounded = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      unfinished += chunk.length;
      if (unfinished > longestRecord)
        throw new BadInputError(
          `${path}: row ${count + 1} (not counting the header) is longer than 8 MB: a quoted field in it is never closed, or the file is not CSV`,
        );
      yield chunk;
    }
  };
  const counted = async function* (
    parsed: AsyncIterable<Record<string, string>>,
  ): AsyncGenerator<Record<string, string>> {
    for await (const row of parsed) {
      count++;
      unfinished = 0;
      yield row;
    }
  };
  const done = pipeline(
    createReadStream(path),
    bounded,
    parser,
    counted,
    rows,
    options.signal ? { signal: options.signal } : {},
  );
  done.catch(() => undefined); // reported by the iteration below
  yield* Readable.from(rows) as AsyncIterable<Record<string, string>>;
  await done;
  await refuseGrowing(path, wasWritten);
}
