// Records as objects, from their trees.
import { child, items, type Element } from './record-tree.js';
import type {
  DumpArtist,
  DumpCatalogEntry,
  DumpCredit,
  DumpImage,
  DumpLabel,
  DumpMaster,
  DumpReference,
  DumpRelease,
  DumpTrack,
  DumpVideo,
} from './record-types.js';
import { textRows } from './release-rows.js';
import {
  attribute,
  integer,
  integerAttribute,
  integerText,
  ownText,
  recordId,
  reference,
  text,
} from './values.js';

export function releaseOf(record: Element): DumpRelease {
  const tracks = items(record, 'tracklist', 'track');
  const master = child(record, 'master_id');
  return {
    id: Number(recordId(integerAttribute(record, 'id'))),
    status: attribute(record, 'status'),
    title: text(record, 'title'),
    artists: credits(record, 'artists'),
    extraArtists: credits(record, 'extraartists'),
    labels: items(record, 'labels', 'label').map(catalogEntry),
    series: items(record, 'series', 'series').map(catalogEntry),
    formats: items(record, 'formats', 'format').map((format) => ({
      name: attribute(format, 'name'),
      quantity: integerAttribute(format, 'qty'),
      text: attribute(format, 'text'),
      descriptions: texts(format, 'descriptions', 'description'),
    })),
    genres: texts(record, 'genres', 'genre'),
    styles: texts(record, 'styles', 'style'),
    country: text(record, 'country'),
    released: text(record, 'released'),
    notes: text(record, 'notes'),
    dataQuality: text(record, 'data_quality'),
    masterId: id(integerText(record, 'master_id')),
    isMainRelease: master !== undefined && attribute(master, 'is_main_release') === 'true',
    tracks: tracks.map((track) => trackOf(track, tracks[0]!.trackIndex)),
    identifiers: items(record, 'identifiers', 'identifier').map((identifier) => ({
      type: attribute(identifier, 'type'),
      description: attribute(identifier, 'description'),
      value: attribute(identifier, 'value'),
    })),
    videos: videos(record),
    companies: items(record, 'companies', 'company').map((company) => ({
      id: id(integerText(company, 'id')),
      name: text(company, 'name'),
      catalogNumber: text(company, 'catno'),
      entityType: number(integerText(company, 'entity_type')),
      entityTypeName: text(company, 'entity_type_name'),
      resourceUrl: text(company, 'resource_url'),
    })),
    images: images(record),
  };
}

export function artistOf(record: Element): DumpArtist {
  const own = recordId(integerText(record, 'id'));
  return {
    id: Number(own),
    name: text(record, 'name') || `[artist #${own}]`,
    realName: text(record, 'realname'),
    profile: text(record, 'profile'),
    dataQuality: text(record, 'data_quality'),
    aliases: references(record, 'aliases', 'name'),
    nameVariations: texts(record, 'namevariations', 'name'),
    urls: texts(record, 'urls', 'url'),
    images: images(record),
    members: members(record, 'members'),
    groups: members(record, 'groups'),
  };
}

export function labelOf(record: Element): DumpLabel {
  const parent = child(record, 'parentLabel');
  return {
    id: Number(recordId(integerText(record, 'id'))),
    name: text(record, 'name'),
    contactInfo: text(record, 'contactinfo'),
    profile: text(record, 'profile'),
    dataQuality: text(record, 'data_quality'),
    parentLabel: parent ? { id: id(reference(parent, 'id')), name: ownText(parent) } : null,
    sublabels: references(record, 'sublabels', 'label'),
    urls: texts(record, 'urls', 'url'),
    images: images(record),
  };
}

export function masterOf(record: Element): DumpMaster {
  return {
    id: Number(recordId(integerAttribute(record, 'id'))),
    title: text(record, 'title'),
    year: id(integerText(record, 'year')),
    mainRelease: id(integerText(record, 'main_release')),
    notes: text(record, 'notes'),
    dataQuality: text(record, 'data_quality'),
    artists: credits(record, 'artists'),
    genres: texts(record, 'genres', 'genre'),
    styles: texts(record, 'styles', 'style'),
    videos: videos(record),
    images: images(record),
  };
}

const number = (digits: string): number | null => (digits === '' ? null : Number(digits));
/** An id, or a year; 0 means none. */
const id = (digits: string): number | null => number(digits) || null;

function credits(element: Element, list: string): DumpCredit[] {
  return items(element, list, 'artist').map((artist) => ({
    artistId: id(integerText(artist, 'id')),
    name: text(artist, 'name'),
    nameVariation: text(artist, 'anv'),
    join: text(artist, 'join'),
    role: text(artist, 'role'),
    tracks: text(artist, 'tracks'),
  }));
}

function catalogEntry(element: Element): DumpCatalogEntry {
  return {
    id: id(reference(element, 'id')),
    name: attribute(element, 'name'),
    catalogNumber: attribute(element, 'catno'),
  };
}

/** `origin` is the index of the track list's first track. */
function trackOf(track: Element, origin: number): DumpTrack {
  return {
    sequence: track.trackIndex - origin + 1,
    position: text(track, 'position'),
    title: text(track, 'title'),
    duration: text(track, 'duration'),
    artists: credits(track, 'artists'),
    extraArtists: credits(track, 'extraartists'),
    subTracks: items(track, 'sub_tracks', 'track').map((sub) => trackOf(sub, origin)),
  };
}

function videos(record: Element): DumpVideo[] {
  return items(record, 'videos', 'video').map((video) => ({
    duration: number(integerAttribute(video, 'duration')),
    title: text(video, 'title'),
    description: text(video, 'description'),
    uri: attribute(video, 'src'),
    embed: attribute(video, 'embed') === 'true',
  }));
}

function images(record: Element): DumpImage[] {
  return items(record, 'images', 'image').map((image) => ({
    type: attribute(image, 'type'),
    width: number(reference(image, 'width')),
    height: number(reference(image, 'height')),
    uri: attribute(image, 'uri'),
    uri150: attribute(image, 'uri150'),
  }));
}

function texts(record: Element, list: string, item: string): string[] {
  const found: string[] = [];
  textRows(record, list, item, (value) => found.push(value));
  return found;
}

/** Names with ids as attributes; those without a name are left out, as in the CSV files. */
function references(record: Element, list: string, item: string): DumpReference[] {
  const found: DumpReference[] = [];
  textRows(record, list, item, (name, element) =>
    found.push({ id: id(reference(element, 'id')), name }),
  );
  return found;
}

/** The older generation lists `<id>26</id><name id="26">A</name>`, the newer one only the names. */
function members(record: Element, list: string): DumpReference[] {
  const found: DumpReference[] = [];
  let before = '';
  for (const member of child(record, list)?.children ?? []) {
    if (member.name === 'id') before = integer(member.text, `${list}/id`);
    if (member.name !== 'name') continue;
    found.push({ id: id(integerAttribute(member, 'id') || before), name: ownText(member) });
    before = '';
  }
  return found;
}
