// The simple reader, for small files: one object per row, by papaparse.
import { on } from 'node:events';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { ParseResult } from 'papaparse';
import { BadInputError, noteInput, refuseGrowing, refuseSpecialInput } from '@wxyc/step';

/** The parser looks at an unfinished row again with every chunk, and keeps it as text: no name or title is nearly as long. */
const longestRecord = 8 * 1024 * 1024;

/**
 * Reads CSV or TSV with a header as one object per row, keyed by the header's names. For files of up to some million
 * rows where convenience counts; {@link openCsv} is many times faster.
 *
 * Throws a {@link BadInputError} when the file cannot be read, and for a quoted field without an end.
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
  const input = createReadStream(path, 'utf8');
  const parsed = on(input, 'parsed', { ...options, close: ['whole'] }) as AsyncIterable<
    [ParseResult<Record<string, string>>]
  >;
  Papa.parse<Record<string, string>>(input, {
    header: true,
    skipEmptyLines: true,
    delimiter: options.delimiter ?? '',
    beforeFirstChunk: (text) => text.replace(/^\uFEFF/, ''),
    transformHeader: (name) => name.trim(),
    // Each chunk's rows are taken before the next is read.
    chunk(rows) {
      input.pause();
      input.emit('parsed', rows);
    },
    complete: () => void input.emit('whole'),
    error: (error) => void input.destroy(error),
  });
  let count = 0;
  let begun = 0;
  try {
    for await (const [{ data, errors }] of parsed) {
      count += data.length;
      if (errors.some(({ code }) => code === 'MissingQuotes'))
        throw new BadInputError(
          `${path}: a quoted field in ${count > 0 ? `row ${count} (not counting the header)` : 'the header'} is never closed`,
        );
      yield* data;
      if (data.length > 0) begun = input.bytesRead;
      if (input.bytesRead - begun > longestRecord)
        throw new BadInputError(
          `${path}: row ${count + 1} (not counting the header) is longer than 8 MB: a quoted field in it is never closed, or the file is not CSV`,
        );
      input.resume();
    }
  } finally {
    input.destroy();
  }
  await refuseGrowing(path, wasWritten);
}
