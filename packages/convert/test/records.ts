// Records as rows, so that what is read as objects can be compared with what convert writes.
import type {
  DumpArtist,
  DumpCredit,
  DumpImage,
  DumpLabel,
  DumpMaster,
  DumpRelease,
  DumpTrack,
} from '@wxyc/convert';
import type { DumpKind } from '@wxyc/dataset';

type Value = string | number | null;
export type Rows = Record<string, string[][]>;

/** Rows by file; the one column that records lack, the track_id that counts through the whole dump, is left empty. */
export function rowsOf(kind: DumpKind, records: readonly object[]): Rows {
  const rows: Rows = {};
  for (const record of records) {
    const add = (file: string, ...values: Value[]): void =>
      void (rows[file] ??= []).push(
        [(record as DumpRelease).id, ...values].map((value) => String(value ?? '')),
      );
    if (kind === 'release') release(record as DumpRelease, add);
    else if (kind === 'artist') artist(record as DumpArtist, add);
    else if (kind === 'label') label(record as DumpLabel, add);
    else master(record as DumpMaster, add);
  }
  return rows;
}

type Add = (file: string, ...values: Value[]) => void;

function release(record: DumpRelease, add: Add): void {
  const { title, released, country, notes, dataQuality, masterId, status } = record;
  add('release', title, released, country, notes, dataQuality, masterId, status);
  credits('release_artist', [], record, add);
  for (const { id, name, catalogNumber } of record.labels)
    add('release_label', id, name, catalogNumber);
  for (const genre of record.genres) add('release_genre', genre);
  for (const style of record.styles) add('release_style', style);
  for (const { name, quantity, text, descriptions } of record.formats)
    add('release_format', name, quantity, text, descriptions.join('; '));
  for (const { id, name, entityType, entityTypeName, resourceUrl } of record.companies)
    add('release_company', id, name, entityType, entityTypeName, resourceUrl);
  for (const { description, type, value } of record.identifiers)
    add('release_identifier', description, type, value);
  for (const { duration, title: called, description, uri, embed } of record.videos)
    add('release_video', duration, called, description, uri, embed ? 'true' : '');
  tracks(record.tracks, null, add);
  images('release_image', record.images, add);
}

function tracks(list: readonly DumpTrack[], parent: number | null, add: Add): void {
  for (const track of list) {
    const { sequence, position, title, duration, subTracks } = track;
    add('release_track', sequence, position, parent, title, duration, '');
    credits('release_track_artist', [sequence, ''], track, add);
    tracks(subTracks, sequence, add);
  }
}

function credits(
  file: string,
  before: Value[],
  { artists, extraArtists }: { artists: DumpCredit[]; extraArtists: DumpCredit[] },
  add: Add,
): void {
  for (const [extra, list] of [artists, extraArtists].entries())
    list.forEach(({ artistId, name, nameVariation, join, role, tracks: on }, index) =>
      add(file, ...before, artistId, name, extra, nameVariation, index + 1, join, role, on),
    );
}

function images(file: string, list: readonly DumpImage[], add: Add): void {
  for (const { type, width, height } of list) add(file, type, width, height);
}

function artist(record: DumpArtist, add: Add): void {
  const { name, realName, profile, dataQuality } = record;
  add('artist', name, realName, profile, dataQuality);
  for (const alias of record.aliases) add('artist_alias', alias.name, alias.id);
  for (const variation of record.nameVariations) add('artist_namevariation', variation);
  for (const url of record.urls) add('artist_url', url);
  images('artist_image', record.images, add);
  for (const member of record.members) add('group_member', member.id, member.name);
}

function label(record: DumpLabel, add: Add): void {
  const { name, contactInfo, profile, dataQuality, parentLabel } = record;
  if (name === '') return;
  add('label', name, contactInfo, profile, parentLabel?.name ?? '', dataQuality);
  for (const url of record.urls) add('label_url', url);
  images('label_image', record.images, add);
}

function master(record: DumpMaster, add: Add): void {
  const { title, year, mainRelease, dataQuality } = record;
  add('master', title, year, mainRelease, dataQuality);
  record.artists.forEach(({ artistId, name, nameVariation, join, role }, index) =>
    add('master_artist', artistId, name, nameVariation, index + 1, join, role),
  );
  for (const { duration, title: called, description, uri } of record.videos)
    add('master_video', duration, called, description, uri);
  for (const genre of record.genres) add('master_genre', genre);
  for (const style of record.styles) add('master_style', style);
  images('master_image', record.images, add);
}

/** Columns in which 0 means none. */
const ids =
  /^(?:artist_id|label_id|company_id|master_id|alias_id|member_artist_id|main_release|year)$/;
const integers = /^(?:duration|entity_type|width|height)$/;

/** convert's rows as {@link rowsOf} gives them: 0 is no id, numbers are JavaScript's. */
export function asRecordsHaveThem(
  file: string,
  columns: readonly string[],
  rows: readonly string[][],
): string[][] {
  return rows.map((row) =>
    row.map((value, index) => {
      const column = columns[index]!;
      if (column === 'track_id') return '';
      if (column === 'embed') return value === 'true' ? 'true' : '';
      if (index > 0 && ids.test(column)) return value === '' ? '' : String(Number(value) || '');
      const isNumber = integers.test(column) && !(file === 'release_track');
      return isNumber && value !== '' ? String(Number(value)) : value;
    }),
  );
}
