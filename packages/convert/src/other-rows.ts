// The rows of artists, labels and masters, from their trees.
import type { Profile } from '@wxyc/dataset';
import { child, items, type Element } from './record-tree.js';
import { imageRows, textRows, videoRows, type EmitRow } from './release-rows.js';
import {
  integer,
  integerAttribute,
  integerText,
  ownText,
  recordId,
  reference,
  text,
} from './values.js';

export function artistRows(record: Element, profile: Profile, emit: EmitRow): void {
  const id = recordId(integerText(record, 'id'));
  // An artist without a name gets one, as discogs-xml2db does.
  const name = text(record, 'name') || `[artist #${id}]`;
  emit(0, [
    id,
    name,
    text(record, 'realname'),
    text(record, 'profile'),
    text(record, 'data_quality'),
  ]);
  textRows(record, 'aliases', 'name', (alias, element) =>
    emit(1, [id, alias, ...(profile === 'full' ? [reference(element, 'id')] : [])]),
  );
  textRows(record, 'namevariations', 'name', (variation) => emit(2, [id, variation]));
  textRows(record, 'urls', 'url', (url) => emit(3, [id, url]));
  imageRows(record, (image) => emit(4, [id, ...image]));
  // The older generation lists <id>26</id><name id="26">A</name>, the newer one only the names.
  let before = '';
  for (const member of child(record, 'members')?.children ?? []) {
    if (member.name === 'id') before = integer(member.text, 'members/id');
    if (member.name !== 'name') continue;
    emit(5, [id, integerAttribute(member, 'id') || before, ownText(member)]);
    before = '';
  }
}

/** Emits nothing for a label without a name, as discogs-xml2db does, and returns `false`. */
export function labelRows(record: Element, emit: EmitRow): boolean {
  const id = recordId(integerText(record, 'id'));
  const name = text(record, 'name');
  if (name === '') return false;
  emit(0, [
    id,
    name,
    text(record, 'contactinfo'),
    text(record, 'profile'),
    text(record, 'parentLabel'),
    text(record, 'data_quality'),
  ]);
  textRows(record, 'urls', 'url', (url) => emit(1, [id, url]));
  imageRows(record, (image) => emit(2, [id, ...image]));
  return true;
}

export function masterRows(record: Element, emit: EmitRow): void {
  const id = recordId(integerAttribute(record, 'id'));
  emit(0, [
    id,
    text(record, 'title'),
    integerText(record, 'year'),
    integerText(record, 'main_release'),
    text(record, 'data_quality'),
  ]);
  items(record, 'artists', 'artist').forEach((artist, index) => {
    emit(1, [
      id,
      integerText(artist, 'id'),
      text(artist, 'name'),
      text(artist, 'anv'),
      index + 1,
      text(artist, 'join'),
      text(artist, 'role'),
    ]);
  });
  videoRows(record, (video) => emit(2, [id, ...video]));
  textRows(record, 'genres', 'genre', (genre) => emit(3, [id, genre]));
  textRows(record, 'styles', 'style', (style) => emit(4, [id, style]));
  imageRows(record, (image) => emit(5, [id, ...image]));
}
