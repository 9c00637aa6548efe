// Which dumps a call means: files and directories told apart by what they hold.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dumps, type DumpKind } from '@wxyc/dataset';
import { BadInputError, refuseSpecialInput, UsageError } from '@wxyc/step';
import type { ArrivingFile } from './arriving-file.js';
import { readHead } from './dump-head.js';
import { DumpSource } from './dump-source.js';

/** A dump as its first bytes show it. */
export interface DumpInfo {
  path: string;
  kind: DumpKind;
  /** Size of the file in bytes, as it lies there (compressed or not); unknown for some that are still arriving. */
  size: number | undefined;
  /** Id of the first record, null if it is not in the first megabyte. */
  firstId: string | null;
  /** Set for a file that is still arriving. */
  arriving?: ArrivingFile;
}

/**
 * Looks at the beginning of a dump: its kind, told by the root element, and its first record's id. Reads a megabyte.
 *
 * Throws a BadInputError that says what the file looks like if it is no dump.
 *
 * @example
 * (await inspectDump('discogs_20260901_releases.xml.gz')).kind // 'release'
 */
export async function inspectDump(input: string | ArrivingFile): Promise<DumpInfo> {
  const source = await DumpSource.open(input);
  const { path } = source;
  let beginning = Buffer.alloc(0);
  for await (const chunk of source.chunks()) {
    beginning = Buffer.concat([beginning, chunk]);
    if (beginning.length >= 1024 * 1024) break;
  }
  const head = readHead(path, beginning, true)!;
  const { kind } = head.dump;
  const text = beginning.toString('latin1', head.end, head.end + 1024 * 1024);
  const pattern =
    kind === 'release' || kind === 'master'
      ? new RegExp(`<${kind}\\s[^>]*?\\bid\\s*=\\s*["'](\\d+)["']`)
      : /<id>\s*(\d+)\s*<\/id>/;
  return {
    path,
    kind,
    size: source.size,
    firstId: pattern.exec(text)?.[1] ?? null,
    ...(typeof input === 'string' ? {} : { arriving: input }),
  };
}

/**
 * The dumps in files and directories (`.xml` and `.xml.gz` in those), one a kind, in the order release, artist, label,
 * master. With `exports`, only these kinds.
 *
 * Throws a UsageError for two dumps of one kind, a BadInputError if there is none or a wanted kind is missing.
 */
export async function findDumps(
  inputs: readonly (string | ArrivingFile)[],
  exports?: readonly DumpKind[],
): Promise<DumpInfo[]> {
  const paths = new Set<string | ArrivingFile>();
  for (const input of inputs)
    for (const path of typeof input === 'string' ? await filesOf(input) : [input]) paths.add(path);
  const found = new Map<DumpKind, DumpInfo>();
  for (const path of paths) {
    const info = await inspectDump(path);
    if (exports && !exports.includes(info.kind)) continue;
    const other = found.get(info.kind);
    if (other)
      throw new UsageError(
        `Two ${info.kind} dumps in one call, ${other.path} and ${path}: give one of them`,
      );
    found.set(info.kind, info);
  }
  const missing = exports?.filter((kind) => !found.has(kind)) ?? [];
  if (missing.length > 0)
    throw new BadInputError(
      `No ${missing.join(' and no ')} dump in ${inputs.map((input) => (typeof input === 'string' ? input : input.name)).join(', ')}`,
    );
  return (Object.keys(dumps) as DumpKind[]).flatMap((kind) => found.get(kind) ?? []);
}

async function filesOf(input: string): Promise<string[]> {
  const entry = await stat(input).catch((cause: unknown) => {
    throw new BadInputError(`${input} does not exist`, { cause });
  });
  refuseSpecialInput(input);
  if (!entry.isDirectory()) return [input];
  const names = (await readdir(input)).filter((name) => /\.xml(\.gz)?$/i.test(name)).sort();
  if (names.length === 0)
    throw new BadInputError(`${input} holds no dump: no file in it ends with .xml or .xml.gz`);
  return names.map((name) => join(input, name));
}
