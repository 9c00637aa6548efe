/** Which column of a CSV file holds what, by its header. */

import { BadInputError, UsageError } from '@wxyc/step';
import type { Field } from './survey.js';

/** Names without case, spaces and punctuation. Of each line, only one column may be there; lines are in order of preference. */
const synonyms: Readonly<Record<Field, readonly string[]>> = {
  artist: [
    'albumartist albumartistname albumartists',
    'artist artists artistname band performer interpret kunstler artiste artista',
  ],
  title: ['title album albumtitle albumname releasetitle recordtitle titel titre titulo titolo'],
  alternates: [
    'alternates alternateartistname alternatenames alternatename artistalias aliases aka',
  ],
  trackArtists: ['compilationtrackartist trackartists'],
  releaseId: ['releaseid discogsreleaseid discogsid discogsalbumid discogsrelease'],
  masterId: ['masterid discogsmasterid discogsmaster'],
  label: ['label labels recordlabel labelname'],
  format: ['format formats formatname media medium'],
  catno: ['catno catalog catalogno catalognumber catalognum catalogue catalogueno cataloguenumber'],
  year: ['year', 'released releaseyear releasedate', 'date jahr annee ano'],
};

/** What `--library-columns` calls the fields. */
const optionNames: Readonly<Record<string, Field>> = {
  artist: 'artist',
  title: 'title',
  alternate_artist_name: 'alternates',
  alternates: 'alternates',
  label: 'label',
  format: 'format',
  catno: 'catno',
  year: 'year',
  release_id: 'releaseId',
  master_id: 'masterId',
};

/** Places of the fields among the columns; an artist may be in one column or, where that is empty, in the next. */
export type Layout = ReadonlyMap<Field, readonly number[]>;

const key = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** How many of the names are known: most with the right delimiter. */
export function knownColumns(header: readonly string[]): number {
  const known = new Set(
    Object.values(synonyms).flatMap((lines) => lines.flatMap((line) => line.split(' '))),
  );
  return header.filter((name) => known.has(key(name))).length;
}

/**
 * @param named Columns that the user names, by the words of `--library-columns`.
 * @throws BadInputError if a column is missing, or two could be the same one; UsageError for an unknown word.
 */
export function layoutOf(
  file: string,
  header: readonly string[],
  named: Readonly<Record<string, string>> = {},
): Layout {
  const found = `found ${header.map((name) => (name.trim() === '' ? '(unnamed)' : name)).join(', ')}`;
  const layout = new Map<Field, number[]>();
  for (const [word, column] of Object.entries(named)) {
    const field = optionNames[word];
    if (field === undefined)
      throw new UsageError(
        `--library-columns does not know ${word}; it takes ${Object.keys(optionNames).join(', ')}.`,
      );
    const exact = header.findIndex((name) => name.trim() === column.trim());
    const place = exact >= 0 ? exact : header.findIndex((name) => key(name) === key(column));
    if (place < 0)
      throw new BadInputError(
        `${file}: no column ${column}, which --library-columns names for ${word}; ${found}`,
      );
    layout.set(field, [place]);
  }
  const taken = new Set([...layout.values()].flat());
  for (const field of Object.keys(synonyms) as Field[]) {
    if (layout.has(field)) continue;
    const places = synonyms[field]
      .map((line) =>
        header.flatMap((name, at) =>
          !taken.has(at) && line.split(' ').includes(key(name)) ? [at] : [],
        ),
      )
      .filter((line) => line.length > 0);
    if (places.length === 0) continue;
    const [first] = places;
    if (first!.length > 1) {
      const names = first!.map((at) => header[at]);
      const word = Object.entries(optionNames).find(([, of]) => of === field)?.[0];
      throw new BadInputError(
        `${file}: the columns ${names.join(' and ')} could both be the ${field === 'title' ? "album's title" : field}; ${word ? `say which it is: --library-columns ${word}=${names[0]}` : 'rename one of them'}`,
      );
    }
    // If the album artist is empty, the artist counts; for other fields, only the best column does.
    layout.set(field, field === 'artist' ? places.map((line) => line[0]!) : [...first!]);
  }
  const missing = (['artist', 'title'] as const).filter((field) => !layout.has(field));
  if (missing.length > 0) {
    throw new BadInputError(
      `${file}: no column for ${missing.map((field) => (field === 'title' ? "the album's title" : 'the artist')).join(' and ')}; ${found}; name ${missing.length > 1 ? 'them' : 'it'}: --library-columns ${missing.map((field) => `${field}=COLUMN`).join(',')}`,
    );
  }
  return layout;
}
