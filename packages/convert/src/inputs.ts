// Which dumps a call means: files and directories, recognised by their content.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dumps, type DumpKind } from '@wxyc/dataset';
import { BadInputError, refuseSpecialInput, UsageError } from '@wxyc/step';
import type { ArrivingFile } from '@wxyc/step';
import { isStream, nameOf, type DumpInput } from './dump-feed.js';
import { readHead, type DumpHead } from './dump-head.js';
import { damageText, DumpSource } from './dump-source.js';

/** A dump as its first bytes show it. */
export interface DumpInfo {
  /** The file's path, or `stdin` or `the stream`. */
  path: string;
  kind: DumpKind;
  /** Size of the file in bytes, as it is on the disk (compressed or not); unknown for some that are still arriving. */
  size: number | undefined;
  /** Id of the first record, null if it is not in the first megabyte. */
  firstId: string | null;
  /** Set for a file that is still arriving. */
  arriving?: ArrivingFile;
}

/** A dump that is being read, whose beginning has been looked at. */
export interface OpenDump extends DumpInfo {
  source: DumpSource;
}

const headBytes = 1024 * 1024;

/**
 * Looks at the beginning of a dump: its kind, by the root element, and its first record's id. Reads a megabyte; a stream is
 * destroyed.
 *
 * If it is not a dump, throws a BadInputError that says what the file looks like.
 *
 * @example
 * (await inspectDump('discogs_20260901_releases.xml.gz')).kind // 'release'
 */
export async function inspectDump(input: DumpInput): Promise<DumpInfo> {
  const { source, ...info } = await openDump(input);
  await source.close();
  return info;
}

/** Like {@link inspectDump}, but reading goes on from there, so that every byte is read once. The caller closes the source. */
export async function openDump(input: DumpInput, signal?: AbortSignal): Promise<OpenDump> {
  const source = await DumpSource.open(input);
  try {
    const { path, size } = source;
    const beginning = await source.peek(headBytes, signal);
    const head = headOf(source, beginning);
    const { kind } = head.dump;
    const text = beginning.toString('latin1', head.end, head.end + headBytes);
    const pattern =
      kind === 'release' || kind === 'master'
        ? new RegExp(`<${kind}\\s[^>]*?\\bid\\s*=\\s*["'](\\d+)["']`)
        : /<id>\s*(\d+)\s*<\/id>/;
    const firstId = pattern.exec(text)?.[1] ?? null;
    const arriving = typeof input === 'string' || isStream(input) ? {} : { arriving: input };
    return { path, kind, size, firstId, ...arriving, source };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function headOf({ path, damage }: DumpSource, beginning: Buffer): DumpHead {
  try {
    return readHead(path, beginning, true)!;
  } catch (error) {
    // If most of the file is lost, what is there says little.
    if (!damage) throw error;
    throw new BadInputError(damageText(path, damage), { code: 'INPUT_TRUNCATED', cause: error });
  }
}

/** See {@link OpenDumps.find}. */
export async function findDumps(
  inputs: readonly DumpInput[],
  exports?: readonly DumpKind[],
): Promise<DumpInfo[]> {
  const opened = new OpenDumps();
  try {
    return (await opened.find(inputs, exports)).map(({ source: _, ...info }) => info);
  } finally {
    await opened.close();
  }
}

/** The dumps of a call, each opened once. */
export class OpenDumps {
  readonly #sources: DumpSource[] = [];

  /**
   * The dumps in files and directories (`.xml` and `.xml.gz` in those), one of each kind, in the order release, artist, label,
   * master. With `exports`, only these kinds.
   *
   * Throws a UsageError for two dumps of one kind, a BadInputError if there is none or a wanted kind is missing.
   */
  async find(
    inputs: readonly DumpInput[],
    exports?: readonly DumpKind[],
    signal?: AbortSignal,
  ): Promise<OpenDump[]> {
    const given = new Set<DumpInput>();
    for (const input of inputs)
      for (const one of typeof input === 'string' ? await filesOf(input) : [input]) given.add(one);
    const found = new Map<DumpKind, OpenDump>();
    for (const input of given) {
      const dump = await openDump(input, signal);
      this.#sources.push(dump.source);
      if (exports && !exports.includes(dump.kind)) continue;
      const other = found.get(dump.kind);
      if (other)
        throw new UsageError(
          `Two ${dump.kind} dumps, ${other.path} and ${dump.path}: give one of them`,
        );
      found.set(dump.kind, dump);
    }
    const missing = exports?.filter((kind) => !found.has(kind)) ?? [];
    if (missing.length > 0)
      throw new BadInputError(
        `No ${missing.join(' and no ')} dump in ${inputs.map(nameOf).join(', ')}`,
      );
    return (Object.keys(dumps) as DumpKind[]).flatMap((kind) => found.get(kind) ?? []);
  }

  async close(): Promise<void> {
    for (const source of this.#sources) await source.close();
  }
}

/** Whether a directory's file counts as a dump. */
export const isDumpName = (name: string): boolean => /\.xml(\.gz)?$/i.test(name);

async function filesOf(input: string): Promise<string[]> {
  const entry = await stat(input).catch((cause: unknown) => {
    throw new BadInputError(`${input} does not exist`, { cause });
  });
  refuseSpecialInput(input, 'give its bytes as a stream, or - on the command line for stdin');
  if (!entry.isDirectory()) return [input];
  const names = (await readdir(input)).filter(isDumpName).sort();
  if (names.length === 0)
    throw new BadInputError(`${input} holds no dump: none of its files ends in .xml or .xml.gz`);
  return names.map((name) => join(input, name));
}
