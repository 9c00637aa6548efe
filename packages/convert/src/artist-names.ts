// Finds other names of artists on Discogs that are names in the library: from an artists dump, in one pass before the releases.
import { csvKind, encodeRow, writeWhole } from '@wxyc/csv';
import { aliasesColumns, NameScreen, type LibraryIndex } from '@wxyc/matching';
import type { StepContext } from '@wxyc/step';
import { compareCodePoints, looseArtist, normalizeArtist, pythonStrip } from '@wxyc/text';
import { readArtistNames, type ArtistNames } from './artist-record.js';
import type { DumpInput } from './dump-feed.js';
import { scanDump } from './dump-scan.js';
import { frameKinds } from './frame-table.js';
import { child, items, readRecord, RecordError } from './record-tree.js';
import { noRepairs, repairedText } from './repair.js';

/** How a file of aliases is recognised. */
export const aliasesKind = csvKind('a file of other artists\u2019 names', [...aliasesColumns]);

/** What an artists dump knows. */
export interface FoundAliases {
  /** Artist id to other names of that artist, each of which equals a library artist's in loose form. */
  names: Map<number, string[]>;
  /** Artists in the dump. */
  read: number;
}

/** {@link FoundAliases} in numbers, for a file that was written. */
export interface AliasesResult {
  /** The CSV file that was written. */
  file: string;
  /** Artists in the dump. */
  read: number;
  /** Artists with another name that the library has. */
  artists: number;
  /** How many such names. */
  names: number;
}

/** Bytes of names that can be looked up as they stand: letters, digits, spaces, and brackets round a Discogs number. */
const plain = new Uint8Array(256);
for (let byte = 0; byte < 0x7b; byte++)
  if (/[A-Za-z0-9 ()]/.test(String.fromCharCode(byte))) plain[byte] = 1;
const entity = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g;
const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads an artists dump once. Memory grows with what the library can meet, not with the dump.
 *
 * @throws BadInputError if it is not an artists dump, or damaged.
 */
export async function findAliases(
  input: DumpInput,
  index: LibraryIndex,
  context?: Partial<StepContext>,
): Promise<FoundAliases> {
  const found = new AliasFinder(index);
  const read = await scanDump(
    input,
    'artist',
    'read aliases',
    (records, start, end, kind) => found.look(records, start, end, kind),
    context,
  );
  return { names: found.names(), read };
}

/** Writes {@link findAliases} to a CSV file `artist_id,name`, which appears only when it is whole. */
export async function collectAliases(
  input: DumpInput,
  index: LibraryIndex,
  output: string,
  context?: Partial<StepContext>,
): Promise<AliasesResult> {
  const found = await findAliases(input, index, context);
  await writeWhole(output, aliasesKind, aliasesCsv(found));
  return aliasesResult(found, output);
}

/** The file's text. */
export function aliasesCsv({ names }: FoundAliases): Buffer {
  const rows = [...names].flatMap(([id, others]) => others.map((name) => encodeRow([id, name])));
  return Buffer.from(encodeRow(aliasesColumns) + rows.join(''));
}

export function aliasesResult({ names, read }: FoundAliases, file: string): AliasesResult {
  return {
    file,
    read,
    artists: names.size,
    names: [...names.values()].reduce((sum, { length }) => sum + length, 0),
  };
}

/** Looks at artists one by one and keeps what the library may meet. */
class AliasFinder {
  private readonly screen: NameScreen;
  private readonly found = new Map<number, Set<string>>();
  private readonly record: ArtistNames = { id: 0, nameStart: 0, nameEnd: 0, others: [] };

  constructor(private readonly index: LibraryIndex) {
    this.screen = new NameScreen(
      { looseHashes: index.names.looseHashes, bagSums: [], meets: ({ raw }) => this.knows(raw) },
      { isExact: true },
    );
  }

  /** @param kind One of {@link frameKinds}; what is not a record is left out. */
  look(bytes: Buffer, start: number, end: number, kind: number): void {
    if (kind === frameKinds.marked) return this.strict(bytes.subarray(start, end));
    if (kind !== frameKinds.plain) return;
    const { record } = this;
    if (!readArtistNames(bytes, start, end, record)) return;
    const { id, nameStart, nameEnd, others } = record;
    // Most artists have only one name, and that is in their releases' credits.
    if (others.length === 0) return;
    let own: string | undefined;
    const ownName = (): string => (own ??= textOf(bytes, nameStart, nameEnd));
    for (let at = 0; at < others.length; at += 3) {
      if (!this.mayKnow(bytes, others[at]!, others[at + 1]!)) continue;
      this.add(id, textOf(bytes, others[at]!, others[at + 1]!), ownName());
    }
    if (
      !others.some((value, at) => at % 3 === 2 && value > 0) ||
      !this.mayKnow(bytes, nameStart, nameEnd)
    )
      return;
    // The other way round: a release may be credited to the alias.
    for (let at = 0; at < others.length; at += 3) {
      if (others[at + 2]! > 0)
        this.add(others[at + 2]!, ownName(), textOf(bytes, others[at]!, others[at + 1]!));
    }
  }

  /** Ids ascending, names in code point order: the same whatever the order of the records. */
  names(): Map<number, string[]> {
    return new Map(
      [...this.found]
        .sort(([a], [b]) => a - b)
        .map(([id, names]) => [id, [...names].sort(compareCodePoints)]),
    );
  }

  private strict(bytes: Buffer): void {
    let record;
    try {
      record = readRecord(repairedText(bytes, noRepairs()));
    } catch (error) {
      // Convert puts it in rejects.jsonl; for aliases there is nothing to learn from it.
      if (error instanceof RecordError) return;
      throw error;
    }
    const id = Number(child(record, 'id')?.text);
    if (!(id > 0)) return;
    const own = pythonStrip(child(record, 'name')?.text ?? '');
    for (const { text } of items(record, 'namevariations', 'name'))
      this.add(id, pythonStrip(text), own);
    for (const { text, attributes } of items(record, 'aliases', 'name')) {
      this.add(id, pythonStrip(text), own);
      if (Number(attributes['id']) > 0) this.add(Number(attributes['id']), own, pythonStrip(text));
    }
  }

  /** False only if the library certainly has no such artist. */
  private mayKnow(bytes: Buffer, start: number, end: number): boolean {
    for (let p = start; p < end; p++)
      if (plain[bytes[p]!] === 0) return this.knows(textOf(bytes, start, end));
    return (this.screen.look(bytes, start, end) & 1) !== 0;
  }

  private knows(name: string): boolean {
    const loose = looseArtist(normalizeArtist(name));
    return loose !== '' && this.index.hasLoose(loose);
  }

  /** Notes a name of the artist with this id, unless it reads as the one that releases are credited to. */
  private add(id: number, name: string, credited: string): void {
    if (
      !this.knows(name) ||
      looseArtist(normalizeArtist(name)) === looseArtist(normalizeArtist(credited))
    )
      return;
    const known = this.found.get(id);
    if (known) known.add(name);
    else this.found.set(id, new Set([name]));
  }
}

function textOf(bytes: Buffer, start: number, end: number): string {
  const text = pythonStrip(bytes.toString('utf8', start, end));
  if (!text.includes('&')) return text;
  return pythonStrip(
    text.replace(entity, (whole, name?: string, decimal?: string, hexadecimal?: string) => {
      if (name !== undefined) return named[name]!;
      const code = decimal === undefined ? parseInt(hexadecimal!, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }),
  );
}
