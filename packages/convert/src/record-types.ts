// What the records of dumps look like as objects.
//
// A text that the dump leaves out is empty, a list that it leaves out has no items. An id or a number that it leaves out is null,
// and so is an id of 0, which in older dumps means that there is no page on Discogs. Numbers beyond 2^53, which are damage, lose digits.

/** A release of a releases dump. */
export interface DumpRelease {
  id: number;
  /** `Accepted`, and a few others. */
  status: string;
  title: string;
  /** The main artists, in the order in which they are named. */
  artists: DumpCredit[];
  /** Everybody else who is credited for the whole release. */
  extraArtists: DumpCredit[];
  labels: DumpCatalogEntry[];
  series: DumpCatalogEntry[];
  formats: DumpFormat[];
  genres: string[];
  styles: string[];
  country: string;
  /** `2001`, `2001-05`, `2001-05-00`, `2001-05-21`, or whatever was written there. */
  released: string;
  notes: string;
  dataQuality: string;
  /** The master that it is an edition of. */
  masterId: number | null;
  /** Whether it is the main release of its master. */
  isMainRelease: boolean;
  tracks: DumpTrack[];
  identifiers: DumpIdentifier[];
  videos: DumpVideo[];
  companies: DumpCompany[];
  images: DumpImage[];
}

/** An artist named on a release, a track or a master. */
export interface DumpCredit {
  artistId: number | null;
  name: string;
  /** The name as it is printed there; empty if it is {@link name}. */
  nameVariation: string;
  /** What comes between this name and the next: `&`, `Feat.`. */
  join: string;
  role: string;
  /** The tracks that the credit is for, as they are written. */
  tracks: string;
}

/** A label or a series, and the release's number in it. */
export interface DumpCatalogEntry {
  id: number | null;
  name: string;
  catalogNumber: string;
}

export interface DumpFormat {
  /** `Vinyl`, `CD`, ... */
  name: string;
  /** How many, an integer of any length: some are jokes. */
  quantity: string;
  text: string;
  descriptions: string[];
}

/** A track, a heading, or a track with others below it. */
export interface DumpTrack {
  /** Its place in the release, from 1, headings and sub-tracks counted: the `sequence` of `release_track`. */
  sequence: number;
  /** `A1`, `1-03`; empty for a heading. */
  position: string;
  title: string;
  /** `3:45`, as it is written. */
  duration: string;
  artists: DumpCredit[];
  extraArtists: DumpCredit[];
  subTracks: DumpTrack[];
}

export interface DumpIdentifier {
  /** `Barcode`, `Matrix / Runout`, ... */
  type: string;
  description: string;
  value: string;
}

export interface DumpVideo {
  /** Seconds. */
  duration: number | null;
  title: string;
  description: string;
  uri: string;
  /** Whether it may be shown on other sites. */
  embed: boolean;
}

export interface DumpCompany {
  id: number | null;
  name: string;
  catalogNumber: string;
  /** What it did, as a number and in words: `Pressed By`. */
  entityType: number | null;
  entityTypeName: string;
  resourceUrl: string;
}

export interface DumpImage {
  /** `primary` or `secondary`. */
  type: string;
  /** Pixels. */
  width: number | null;
  height: number | null;
  /** Empty in all dumps since 2015. */
  uri: string;
  uri150: string;
}

/** Another artist or label, by id and name. */
export interface DumpReference {
  id: number | null;
  name: string;
}

/** An artist of an artists dump. */
export interface DumpArtist {
  id: number;
  /** `[artist #ID]` if the dump has no name. */
  name: string;
  realName: string;
  profile: string;
  dataQuality: string;
  aliases: DumpReference[];
  nameVariations: string[];
  urls: string[];
  images: DumpImage[];
  /** Of a group: who belongs to it. */
  members: DumpReference[];
  /** The groups that the artist belongs to. */
  groups: DumpReference[];
}

/** A label of a labels dump. */
export interface DumpLabel {
  id: number;
  /** Empty for a few that have none. */
  name: string;
  contactInfo: string;
  profile: string;
  dataQuality: string;
  parentLabel: DumpReference | null;
  sublabels: DumpReference[];
  urls: string[];
  images: DumpImage[];
}

/** A master of a masters dump: the album that releases are editions of. */
export interface DumpMaster {
  id: number;
  title: string;
  year: number | null;
  /** The main release. */
  mainRelease: number | null;
  notes: string;
  dataQuality: string;
  artists: DumpCredit[];
  genres: string[];
  styles: string[];
  videos: DumpVideo[];
  images: DumpImage[];
}
