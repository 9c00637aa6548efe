/**
 * The mappings file: what a person has settled about artists.
 * `{"keep": {"discogs artist": "library artist" or null}, "prune": {"discogs artist": null}}`
 */

import { isUtf8 } from 'node:buffer';
import { existsSync } from 'node:fs';
import { jsonKind, writeWhole } from '@wxyc/csv';
import { BadInputError, readWholeInput } from '@wxyc/step';
import { compareCodePoints, mappingKey, normalizeArtist } from '@wxyc/text';

/** Names as a person wrote them; they are compared by `mappingKey`. Plain data: it can be sent to a worker thread. */
export interface Mappings {
  /** Discogs artist to the library artist that it is, or to null: keep everything. */
  keep: Map<string, string | null>;
  prune: Set<string>;
}

const emptyMappings = (): Mappings => ({ keep: new Map(), prune: new Set() });

/** Keys of the entries that were not met, in code point order. */
export function unmetKeys(mappings: Mappings | undefined, met: ReadonlySet<string>): string[] {
  const keys = new Set(
    [...(mappings?.keep.keys() ?? []), ...(mappings?.prune ?? [])].map(mappingKey),
  );
  return [...keys].filter((key) => !met.has(key)).sort(compareCodePoints);
}

/**
 * Reads a mappings file.
 *
 * @param options.missing `'empty'` treats a file that does not exist yet as an empty one.
 * @throws BadInputError if the file is missing, is not a mappings file, or contradicts itself about an artist.
 */
export function readMappings(
  file: string,
  options: { missing?: 'empty' | 'error' } = {},
): Mappings {
  if (options.missing === 'empty' && !existsSync(file)) return emptyMappings();
  const data = parse(file);
  const mappings = emptyMappings();
  for (const [artist, target] of entries(data, 'keep', file)) {
    if (target !== null && typeof target !== 'string') {
      throw new BadInputError(`${file}: keep "${artist}" must be a library artist or null`);
    }
    refuseEmpty(target ?? artist, file);
    refuseEmpty(artist, file);
    mappings.keep.set(artist, target);
  }
  for (const [artist] of entries(data, 'prune', file)) {
    refuseEmpty(artist, file);
    mappings.prune.add(artist);
  }
  refuseContradictions(mappings, file);
  return mappings;
}

function refuseEmpty(artist: string, file: string): void {
  if (normalizeArtist(artist) === '')
    throw new BadInputError(
      `${file}: "${artist}" is no artist; give a name, or leave the entry out`,
    );
}

/** Spellings of one artist count as one entry. */
function refuseContradictions({ keep, prune }: Mappings, file: string): void {
  const kept = new Map<string, [artist: string, target: string | null]>();
  for (const [artist, target] of keep) {
    const key = mappingKey(artist);
    const known = kept.get(key);
    if (known && known[1] !== target)
      throw new BadInputError(
        `${file}: keep has ${both(known[0], artist)} with two targets; leave one of them out`,
      );
    kept.set(key, [artist, target]);
  }
  for (const artist of prune) {
    const known = kept.get(mappingKey(artist));
    if (known)
      throw new BadInputError(
        `${file}: ${both(known[0], artist)} is under both keep and prune; leave it under one of them`,
      );
  }
}

const both = (a: string, b: string): string => (a === b ? `"${a}"` : `"${a}" ("${b}")`);

/** How a mappings file is recognised. */
export const mappingsKind = jsonKind('a mappings file', []);

/** Writes a mappings file: a crash leaves either the old or the new one. */
export async function writeMappings(file: string, mappings: Mappings): Promise<void> {
  const byName = (a: [string, unknown], b: [string, unknown]): number =>
    compareCodePoints(a[0], b[0]);
  const text = JSON.stringify(
    {
      keep: Object.fromEntries([...mappings.keep].sort(byName)),
      prune: Object.fromEntries(
        [...mappings.prune].map((artist): [string, null] => [artist, null]).sort(byName),
      ),
    },
    null,
    2,
  );
  await writeWhole(file, mappingsKind, `${text}\n`);
}

function parse(file: string): Record<string, unknown> {
  const advice = 'give a mappings file, or leave --mappings-file out';
  const bytes = readWholeInput(file, advice);
  const text = bytes.toString('utf8');
  // If it were read as UTF-8 anyway, `Björk` would silently match nothing.
  if (!isUtf8(bytes)) {
    const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
    throw new BadInputError(`${file}: not UTF-8 (line ${line}); save it as UTF-8`);
  }
  let data: unknown;
  try {
    data = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    throw new BadInputError(`${file}: not JSON (${(error as Error).message})`, { cause: error });
  }
  if (!isObject(data)) throw new BadInputError(`${file}: expected {"keep": {..}, "prune": {..}}`);
  refuseRepeated(text, file);
  const unknown = Object.keys(data).filter((key) => key !== 'keep' && key !== 'prune');
  if (unknown.length > 0)
    throw new BadInputError(`${file}: expected only "keep" and "prune", but found "${unknown[0]}"`);
  return data;
}

/** Of two values under one name, JSON.parse drops the first: an artist that a person has settled. */
function refuseRepeated(json: string, file: string): void {
  /** The values of the objects and lists that are open, by name. */
  const open: Map<string, string>[] = [];
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[^\s"]/g) ?? [];
  for (const [at, token] of tokens.entries()) {
    if (token === '{' || token === '[') open.push(new Map());
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"') && tokens[at + 1] === ':') {
      const name = JSON.parse(token) as string;
      const value = tokens[at + 2]!;
      const known = open.at(-1)!.get(name);
      if (known !== undefined && (known !== value || value === '{'))
        throw new BadInputError(`${file}: "${name}" is there twice; leave one of them out`);
      open.at(-1)!.set(name, value);
    }
  }
}

function entries(
  data: Record<string, unknown>,
  key: 'keep' | 'prune',
  file: string,
): [string, unknown][] {
  const section = data[key] ?? {};
  if (!isObject(section))
    throw new BadInputError(`${file}: "${key}" must be an object of artist names`);
  return Object.entries(section);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
