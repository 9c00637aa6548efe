// What an output file looks like, so that only a file of its own kind is ever replaced by it.
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { UsageError } from '@wxyc/step';

/** A kind of output, and how a file of this kind is recognised by its first bytes. */
export interface OutputKind {
  /** For messages, with its article: `a decisions file`. */
  name: string;
  /** `start` is the file's beginning, at most {@link startBytes}; never called for an empty file. */
  recognises(start: Buffer): boolean;
}

/** Enough for any header, and for the first keys of a JSON file. */
const startBytes = 64 * 1024;

/**
 * A CSV file whose header has these columns, among others and in any order: a file of an earlier version with fewer
 * columns is recognised by those that it must have.
 *
 * @example
 * csvKind('a decisions file', ['release_id', 'decision'])
 */
export function csvKind(name: string, columns: readonly string[]): OutputKind {
  return {
    name,
    recognises(start) {
      const text = start.toString('utf8').replace(/^\uFEFF/, '');
      const end = text.search(/\r?\n/);
      // We never write a header that is longer than what was read, or without a line end.
      if (end < 0) return false;
      const header = text
        .slice(0, end)
        .split(',')
        .map((field) => field.replaceAll('"', ''));
      return columns.every((column) => header.includes(column));
    },
  };
}

/** A CSV file with the same columns as one whose first bytes are given. */
export function csvKindLike(name: string, start: Buffer): OutputKind {
  const [header = ''] = start
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/, 1);
  return csvKind(
    name,
    header.split(',').map((field) => field.replaceAll('"', '')),
  );
}

/** A file of an export, recognised by its first columns: the others differ between layouts. */
export function exportKind({
  name,
  columns,
}: {
  name: string;
  columns: readonly string[];
}): OutputKind {
  return csvKind(`the ${name}.csv of an export`, columns.slice(0, columns[0] === 'id' ? 2 : 1));
}

/** A JSON file that begins with an object or is lines of objects, with all of these keys near its start. */
export function jsonKind(name: string, keys: readonly string[]): OutputKind {
  return {
    name,
    recognises(start) {
      const text = start.toString('utf8');
      return /^\s*\{/.test(text) && keys.every((key) => text.includes(`"${key}"`));
    },
  };
}

/** A text file that begins with this text, white space aside. */
export function textKind(name: string, beginning: string): OutputKind {
  return { name, recognises: (start) => start.toString('utf8').trimStart().startsWith(beginning) };
}

/** A list of names as enrich writes it: one per line, each once, in the order of code points. Hardly any other text looks like that. */
export const nameListKind: OutputKind = {
  name: 'a list of artists as wxyc-enrich writes it (one a line, sorted)',
  recognises(start) {
    const whole = start.subarray(0, start.lastIndexOf(0x0a) + 1);
    if (whole.length === 0 || whole.includes(0) || !isUtf8(whole)) return false;
    const lines = whole
      .toString('utf8')
      .slice(0, -1)
      .split('\n')
      .map((line) => Buffer.from(line));
    return lines.every((line, at) => at === 0 || Buffer.compare(lines[at - 1]!, line) < 0);
  },
};

/**
 * Refuses to replace an existing file of another kind. Empty and missing files may be replaced.
 *
 * @param what names the output in the message: the flag and the path, or the path.
 * @throws UsageError
 */
export async function refuseOtherKind(path: string, kind: OutputKind, what = path): Promise<void> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    const { bytesRead, buffer } = (await file?.read(
      Buffer.alloc(startBytes),
      0,
      startBytes,
      0,
    )) ?? { bytesRead: 0, buffer: Buffer.alloc(0) };
    if (bytesRead === 0 || kind.recognises(buffer.subarray(0, bytesRead))) return;
  } finally {
    await file?.close();
  }
  throw new UsageError(
    `${what} exists and is not ${kind.name}: it is not replaced; choose another name, or remove it yourself`,
  );
}
