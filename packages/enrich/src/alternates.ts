/** Alternates: other names of library artists, and which artist each belongs to, as decisions read them (`--alternates`). */
import { basename, dirname, extname, join } from 'node:path';
import { encodeRow } from '@wxyc/csv';
import { compareCodePoints, isCompilationArtist } from '@wxyc/text';
import { trimmedName } from './name-list.js';

/** A name as a source gives it. */
export interface SourceName {
  name: string | null;
  /** The library artist whose other name it is; null or absent if the source ties it to none. */
  artist?: string | null | undefined;
}

/** Header of the file. */
const columns = ['artist', 'name'] as const;

export class Alternates {
  private readonly names = new Map<string, Set<string>>();
  /** Pairs of artist and name. */
  size = 0;

  /** Takes a name that is tied to an artist; anything else, names that mean a compilation, and the artist's own name are left out. */
  add({ name, artist }: SourceName): void {
    const [alternate, own] = [trimmedName(name), trimmedName(artist)];
    if (
      alternate === '' ||
      own === '' ||
      alternate === own ||
      isCompilationArtist(alternate) ||
      isCompilationArtist(own)
    )
      return;
    let known = this.names.get(own);
    if (!known) this.names.set(own, (known = new Set()));
    if (known.has(alternate)) return;
    known.add(alternate);
    this.size += 1;
  }

  /** The file's text: header, then a row for each name, sorted by code point. */
  toCsv(): string {
    let text = encodeRow(columns);
    for (const artist of [...this.names.keys()].sort(compareCodePoints)) {
      for (const name of [...this.names.get(artist)!].sort(compareCodePoints))
        text += encodeRow([artist, name]);
    }
    return text;
  }
}

/** Where the alternates go by default: for `artists.txt`, to `artists.alternates.csv`. */
export function alternatesPathOf(list: string): string {
  return join(dirname(list), `${basename(list, extname(list))}.alternates.csv`);
}
