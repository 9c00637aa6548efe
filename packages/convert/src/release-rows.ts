// The rows of a release, from its tree: the reference for the fast reader, and the reader for everything unusual.
import type { Profile } from '@wxyc/dataset';
import type { Release } from '@wxyc/matching';
import { child, items, type Element } from './record-tree.js';
import {
  attribute,
  integerAttribute,
  integerText,
  ownText,
  recordId,
  reference,
  text,
} from './values.js';

/** Takes one row. `file` is the file's place in the dump's list of files; the record's id comes first in `values`. */
export type EmitRow = (file: number, values: readonly (string | number)[]) => void;

/** Places of the release files in the dataset's list; a test compares them with it. */
export const releaseFile = {
  release: 0,
  artist: 1,
  label: 2,
  genre: 3,
  style: 4,
  format: 5,
  company: 6,
  identifier: 7,
  video: 8,
  track: 9,
  trackArtist: 10,
  image: 11,
} as const;

export function releaseId(record: Element): string {
  return recordId(integerAttribute(record, 'id'));
}

/** What the library's decision depends on. */
export function releaseEvidence(record: Element): Release {
  return {
    id: Number(releaseId(record)),
    masterId: Number(integerText(record, 'master_id')),
    title: text(record, 'title'),
    credits: items(record, 'artists', 'artist').map((artist) => ({
      name: text(artist, 'name'),
      variation: text(artist, 'anv'),
      artistId: Number(integerText(artist, 'id')),
    })),
  };
}

/** Every name and printed name of its credits, main and extra. */
export function creditNames(record: Element): string[] {
  const all = [...items(record, 'artists', 'artist'), ...items(record, 'extraartists', 'artist')];
  return all
    .flatMap((artist) => [text(artist, 'name'), text(artist, 'anv')])
    .filter((name) => name !== '');
}

/** Emits all rows of a release. `firstTrack` is the number of track elements before it in the dump. */
export function releaseRows(
  record: Element,
  firstTrack: number,
  profile: Profile,
  emit: EmitRow,
): void {
  const id = releaseId(record);
  const full = profile === 'full';
  emit(releaseFile.release, [
    id,
    text(record, 'title'),
    text(record, 'released'),
    text(record, 'country'),
    text(record, 'notes'),
    text(record, 'data_quality'),
    integerText(record, 'master_id'),
    attribute(record, 'status'),
  ]);
  creditRows(record, (credit) => emit(releaseFile.artist, [id, ...credit]));
  for (const label of items(record, 'labels', 'label'))
    emit(releaseFile.label, [
      id,
      ...(full ? [reference(label, 'id')] : []),
      attribute(label, 'name'),
      attribute(label, 'catno'),
    ]);
  textRows(record, 'genres', 'genre', (genre) => emit(releaseFile.genre, [id, genre]));
  textRows(record, 'styles', 'style', (style) => emit(releaseFile.style, [id, style]));
  for (const format of items(record, 'formats', 'format')) {
    const descriptions: string[] = [];
    textRows(format, 'descriptions', 'description', (description) =>
      descriptions.push(description),
    );
    emit(releaseFile.format, [
      id,
      attribute(format, 'name'),
      integerAttribute(format, 'qty'),
      attribute(format, 'text'),
      descriptions.join('; '),
    ]);
  }
  for (const company of items(record, 'companies', 'company')) {
    emit(releaseFile.company, [
      id,
      integerText(company, 'id'),
      text(company, 'name'),
      integerText(company, 'entity_type'),
      text(company, 'entity_type_name'),
      text(company, 'resource_url'),
    ]);
  }
  for (const identifier of items(record, 'identifiers', 'identifier')) {
    emit(releaseFile.identifier, [
      id,
      attribute(identifier, 'description'),
      attribute(identifier, 'type'),
      attribute(identifier, 'value'),
    ]);
  }
  videoRows(record, (values, video) =>
    emit(releaseFile.video, [id, ...values, ...(full ? [attribute(video, 'embed')] : [])]),
  );
  const tracks = items(record, 'tracklist', 'track');
  trackRows(id, tracks, null, firstTrack, tracks[0]?.trackIndex ?? 0, emit);
  imageRows(record, (image) => emit(releaseFile.image, [id, ...image]));
}

/** Tracks and their sub-tracks in document order; `origin` is the index of the track list's first track. */
function trackRows(
  id: string,
  tracks: Element[],
  parent: number | null,
  firstTrack: number,
  origin: number,
  emit: EmitRow,
): void {
  for (const track of tracks) {
    const sequence = track.trackIndex - origin + 1;
    const trackId = firstTrack + track.trackIndex + 1;
    emit(releaseFile.track, [
      id,
      sequence,
      text(track, 'position'),
      parent ?? '',
      text(track, 'title'),
      text(track, 'duration'),
      trackId,
    ]);
    creditRows(track, (credit) =>
      emit(releaseFile.trackArtist, [id, sequence, trackId, ...credit]),
    );
    trackRows(id, items(track, 'sub_tracks', 'track'), sequence, firstTrack, origin, emit);
  }
}

/** artist_id, artist_name, extra, anv, position, join_string, role, tracks: main credits, then extra ones. */
function creditRows(element: Element, take: (values: (string | number)[]) => void): void {
  for (const [extra, list] of ['artists', 'extraartists'].entries()) {
    items(element, list, 'artist').forEach((artist, index) => {
      take([
        integerText(artist, 'id'),
        text(artist, 'name'),
        extra,
        text(artist, 'anv'),
        index + 1,
        text(artist, 'join'),
        text(artist, 'role'),
        text(artist, 'tracks'),
      ]);
    });
  }
}

/** duration, title, description, uri */
export function videoRows(record: Element, take: (values: string[], video: Element) => void): void {
  for (const video of items(record, 'videos', 'video')) {
    take(
      [
        integerAttribute(video, 'duration'),
        text(video, 'title'),
        text(video, 'description'),
        attribute(video, 'src'),
      ],
      video,
    );
  }
}

/** type, width, height */
export function imageRows(record: Element, take: (values: string[]) => void): void {
  for (const image of items(record, 'images', 'image'))
    take([attribute(image, 'type'), attribute(image, 'width'), attribute(image, 'height')]);
}

/** The texts of a list's items that are not empty. */
export function textRows(
  record: Element,
  list: string,
  item: string,
  take: (value: string, element: Element) => void,
): void {
  for (const element of child(record, list)?.children ?? []) {
    if (element.name !== item) continue;
    const value = ownText(element);
    if (value !== '') take(value, element);
  }
}
