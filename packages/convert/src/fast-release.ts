// The fast reader: turns a release in its well-known shape from bytes into rows, without making strings.
//
// It knows exactly the elements and attributes of the dumps, without white space between them. When it meets anything
// else it returns `false`, and the strict reader takes the record. So it never decides whether something is well-formed.
import type { Profile } from '@wxyc/dataset';
import { CsvBytes } from './csv-bytes.js';
import {
  artistElement,
  artistParts,
  notePiece,
  pieceSize,
  piecesOf,
  startTag,
  textElement,
  word,
  words,
  type Pieces,
} from './elements.js';
import { FieldWriter } from './field-writer.js';
import { releaseFile } from './release-rows.js';
import { flags, scanned, scanText, standsAt } from './text-scan.js';

const lessThan = 0x3c;
const greaterThan = 0x3e;
const slash = 0x2f;
const blank = 0x20;
const comma = 0x2c;

/** Offsets go up to here, so that a record's rows fit the reserved room; larger records are left to the strict reader. */
const longestFast = 128 * 1024;
/** Each byte of a record becomes at most this many in any one file: `<track/>` a row of two long numbers. */
const growth = 6;
const longestId = 12;

/** First letters of elements; most elements differ in them. */
const enum Letter {
  A = 0x61,
  C = 0x63,
  D = 0x64,
  E = 0x65,
  I = 0x69,
  M = 0x6d,
  N = 0x6e,
  P = 0x70,
  R = 0x72,
  S = 0x73,
  T = 0x74,
}
const underscore = 0x5f;
const semicolon = 0x3b;
const zero = 0x30;
const nine = 0x39;

/** By `artistParts`. */
const enum ArtistPart {
  Id,
  Name,
  Variation,
  Join,
  Role,
  Tracks,
}
const enum TrackPart {
  Position,
  Title,
  Duration,
}
const trackParts = words('position', 'title', 'duration');
const enum CompanyPart {
  Id,
  Name,
  CatalogueNumber,
  EntityType,
  EntityTypeName,
  ResourceUrl,
}
const companyParts = words(
  'id',
  'name',
  'catno',
  'entity_type',
  'entity_type_name',
  'resource_url',
);
const enum VideoPart {
  Title,
  Description,
}
const videoParts = words('title', 'description');
const enum ReleasePart {
  Title,
  Released,
  Country,
  Notes,
  DataQuality,
  MasterId,
}
const releaseParts = words('title', 'released', 'country', 'notes', 'data_quality', 'master_id');
const enum ReleaseAttribute {
  Id,
  Status,
}
const releaseAttributes = words('id', 'status');
const imageAttributes = words('type', 'width', 'height', 'uri', 'uri150');
const enum LabelAttribute {
  Name,
  CatalogueNumber,
  Id,
}
const labelAttributes = words('name', 'catno', 'id');
const seriesAttributes = words('name', 'catno', 'id');
const enum FormatAttribute {
  Name,
  Quantity,
  Text,
}
const formatAttributes = words('name', 'qty', 'text');
const identifierAttributes = words('description', 'type', 'value');
const enum VideoAttribute {
  Duration,
  Source,
  Embed,
}
const videoAttributes = words('duration', 'src', 'embed');
const masterAttributes = words('is_main_release');

/** Which attributes of an item without content are a row's columns, in order; the others are only checked. */
const columns = {
  image: [0, 1, 2],
  label: [LabelAttribute.Name, LabelAttribute.CatalogueNumber],
  labelWithId: [LabelAttribute.Id, LabelAttribute.Name, LabelAttribute.CatalogueNumber],
  none: [],
  identifier: [0, 1, 2],
} as const;

const tag = {
  releaseStart: word('<release'),
  releaseEnd: word('</release>'),
  artists: word('<artists>'),
  artistsEnd: word('</artists>'),
  extraArtists: word('<extraartists>'),
  extraArtistsEnd: word('</extraartists>'),
  track: word('<track>'),
  trackEnd: word('</track>'),
  subTracks: word('<sub_tracks>'),
  subTracksEnd: word('</sub_tracks>'),
  tracklist: word('<tracklist>'),
  tracklistEnd: word('</tracklist>'),
  description: word('<description>'),
  descriptionEnd: word('</description>'),
  descriptions: word('<descriptions>'),
  descriptionsEnd: word('</descriptions>'),
  descriptionsEmpty: word('<descriptions/>'),
  format: word('<format'),
  formatEnd: word('</format>'),
  formats: word('<formats>'),
  formatsEnd: word('</formats>'),
  genre: word('<genre>'),
  genreEnd: word('</genre>'),
  genres: word('<genres>'),
  genresEnd: word('</genres>'),
  style: word('<style>'),
  styleEnd: word('</style>'),
  styles: word('<styles>'),
  stylesEnd: word('</styles>'),
  image: word('<image'),
  images: word('<images>'),
  imagesEnd: word('</images>'),
  label: word('<label'),
  labels: word('<labels>'),
  labelsEnd: word('</labels>'),
  series: word('<series'),
  seriesList: word('<series>'),
  seriesEnd: word('</series>'),
  identifier: word('<identifier'),
  identifiers: word('<identifiers>'),
  identifiersEnd: word('</identifiers>'),
  video: word('<video'),
  videoEnd: word('</video>'),
  videos: word('<videos>'),
  videosEnd: word('</videos>'),
  company: word('<company>'),
  companyEnd: word('</company>'),
  companies: word('<companies>'),
  companiesEnd: word('</companies>'),
  masterId: word('<master_id'),
  masterIdEnd: word('</master_id>'),
};

/** The lists of a release; each may occur once; empty, it is written `<images/>`. */
const enum List {
  Images,
  Artists,
  Labels,
  Series,
  ExtraArtists,
  Formats,
  Genres,
  Styles,
  Tracklist,
  Identifiers,
  Videos,
  Companies,
}
/** By {@link List}. */
const lists = words(
  'images',
  'artists',
  'labels',
  'series',
  'extraartists',
  'formats',
  'genres',
  'styles',
  'tracklist',
  'identifiers',
  'videos',
  'companies',
);

export class FastReleaseReader {
  readonly #files: readonly CsvBytes[];
  readonly #full: boolean;
  readonly #writer: FieldWriter;
  readonly #lengths: number[];
  readonly #rows: number[];
  readonly #release = piecesOf(releaseParts);
  readonly #start = piecesOf(releaseAttributes);
  readonly #artist = piecesOf(artistParts);
  readonly #company = piecesOf(companyParts);
  readonly #video = piecesOf(videoParts);
  readonly #attributes = new Int32Array(imageAttributes.length * pieceSize);
  /** For a track, and for a sub-track while its parent is under way. */
  readonly #trackParts = [piecesOf(trackParts), piecesOf(trackParts)];
  readonly #joined = new CsvBytes(1024);
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #firstTrack = 0;
  #tracks = 0;

  constructor(files: readonly CsvBytes[], cleanNewlines: boolean, profile: Profile) {
    this.#files = files;
    this.#full = profile === 'full';
    this.#writer = new FieldWriter(cleanNewlines);
    this.#lengths = files.map(() => 0);
    this.#rows = files.map(() => 0);
  }

  /**
   * Writes the rows of the release in `bytes[start, end)`, which must be valid UTF-8. Returns false, with no row
   * written, if anything is unusual. `firstTrack` is the number of track elements before it in the dump.
   */
  read(bytes: Buffer, start: number, end: number, firstTrack: number): boolean {
    if (end - start > longestFast) return false;
    const files = this.#files;
    const room = (end - start) * growth + 1024;
    for (let i = 0; i < files.length; i++) {
      const file = files[i]!;
      file.reserve(room);
      this.#lengths[i] = file.length;
      this.#rows[i] = file.rows;
    }
    this.#bytes = bytes;
    this.#end = end;
    this.#firstTrack = firstTrack;
    this.#tracks = 0;
    if (this.#record(start)) return true;
    for (let i = 0; i < files.length; i++) {
      files[i]!.length = this.#lengths[i]!;
      files[i]!.rows = this.#rows[i]!;
    }
    return false;
  }

  #record(start: number): boolean {
    const bytes = this.#bytes;
    let p = startTag(bytes, start, this.#end, tag.releaseStart, releaseAttributes, this.#start);
    if (
      p < 0 ||
      bytes[p] !== greaterThan ||
      !this.#isInteger(this.#start, ReleaseAttribute.Id) ||
      this.#start[0] === this.#start[1]
    )
      return false;
    if (this.#start[1]! - this.#start[0]! > longestId) return false;
    p++;
    this.#release.fill(0);
    let seen = 0;
    for (;;) {
      if (bytes[p] !== lessThan) return false;
      if (bytes[p + 1] === slash) break;
      const list = this.#listAt(p);
      if (list !== -1) {
        if (seen & (1 << list)) return false;
        seen |= 1 << list;
        const name = lists[list]!;
        const behind = p + 1 + name.length;
        if (bytes[behind] === slash && bytes[behind + 1] === greaterThan) p = behind + 2;
        else if (bytes[behind] === greaterThan) {
          // Rows of extra credits come after those of the main ones.
          if (list === List.Artists && seen & (1 << List.ExtraArtists)) return false;
          p = this.#list(list, behind + 1);
        } else return false;
      } else p = this.#part(p);
      if (p < 0) return false;
    }
    return (
      standsAt(bytes, p, tag.releaseEnd) &&
      p + tag.releaseEnd.length === this.#end &&
      this.#releaseRow()
    );
  }

  #releaseRow(): boolean {
    const out = this.#files[releaseFile.release]!;
    const { bytes } = out;
    const parts = this.#release;
    this.#id(out);
    if (!this.#isInteger(parts, ReleasePart.MasterId)) return false;
    for (let part = 0; part < releaseParts.length; part++) {
      if (!this.#field(out, parts, part)) return false;
      bytes[out.length++] = comma;
    }
    if (!this.#field(out, this.#start, ReleaseAttribute.Status)) return false;
    out.end();
    return true;
  }

  /** Which list begins at `p`, or -1. */
  #listAt(p: number): List | -1 {
    const first = this.#bytes[p + 1];
    for (let i = 0; i < lists.length; i++) {
      const name = lists[i]!;
      if (name[0] !== first || !standsAt(this.#bytes, p + 1, name)) continue;
      const behind = this.#bytes[p + 1 + name.length];
      if (behind === greaterThan || behind === slash) return i;
    }
    return -1;
  }

  #list(list: List, p: number): number {
    switch (list) {
      case List.Images:
        return this.#emptyItems(
          p,
          tag.image,
          imageAttributes,
          tag.imagesEnd,
          releaseFile.image,
          columns.image,
        );
      case List.Artists:
        return this.#credits(p, tag.artistsEnd, 0, -1);
      case List.Labels:
        return this.#emptyItems(
          p,
          tag.label,
          labelAttributes,
          tag.labelsEnd,
          releaseFile.label,
          this.#full ? columns.labelWithId : columns.label,
          this.#full ? LabelAttribute.Id : -1,
        );
      case List.Series:
        return this.#emptyItems(p, tag.series, seriesAttributes, tag.seriesEnd, -1, columns.none);
      case List.ExtraArtists:
        return this.#credits(p, tag.extraArtistsEnd, 1, -1);
      case List.Formats:
        return this.#formats(p);
      case List.Genres:
        return this.#texts(p, tag.genre, tag.genreEnd, tag.genresEnd, releaseFile.genre);
      case List.Styles:
        return this.#texts(p, tag.style, tag.styleEnd, tag.stylesEnd, releaseFile.style);
      case List.Tracklist:
        return this.#tracklist(p, tag.tracklistEnd, 0);
      case List.Identifiers:
        return this.#emptyItems(
          p,
          tag.identifier,
          identifierAttributes,
          tag.identifiersEnd,
          releaseFile.identifier,
          columns.identifier,
        );
      case List.Videos:
        return this.#videos(p);
      case List.Companies:
        return this.#companies(p);
    }
  }

  /** One of the release's own texts. */
  #part(p: number): number {
    const bytes = this.#bytes;
    switch (bytes[p + 1]!) {
      case Letter.T:
        return textElement(bytes, p, releaseParts, this.#release, ReleasePart.Title);
      case Letter.R:
        return textElement(bytes, p, releaseParts, this.#release, ReleasePart.Released);
      case Letter.C:
        return textElement(bytes, p, releaseParts, this.#release, ReleasePart.Country);
      case Letter.N:
        return textElement(bytes, p, releaseParts, this.#release, ReleasePart.Notes);
      case Letter.D:
        return textElement(bytes, p, releaseParts, this.#release, ReleasePart.DataQuality);
      case Letter.M:
        return this.#masterId(p);
      default:
        return -1;
    }
  }

  #masterId(p: number): number {
    const bytes = this.#bytes;
    p = startTag(bytes, p, this.#end, tag.masterId, masterAttributes, this.#attributes);
    if (p < 0 || !this.#isSound(this.#attributes, 0)) return -1;
    const parts = this.#release;
    if (this.#bytes[p] === slash) {
      notePiece(parts, ReleasePart.MasterId, 0, 0, 0);
      return this.#bytes[p + 1] === greaterThan ? p + 2 : -1;
    }
    const end = scanText(this.#bytes, ++p);
    if (scanned & flags.unusual || !standsAt(this.#bytes, end, tag.masterIdEnd)) return -1;
    notePiece(parts, ReleasePart.MasterId, p, end, scanned);
    return end + tag.masterIdEnd.length;
  }

  /** Items without content, `<label name=".." catno=".."/>`; `idAt` is the place of an id that becomes a column. */
  #emptyItems(
    p: number,
    start: Uint8Array,
    names: readonly Uint8Array[],
    end: Uint8Array,
    file: number,
    places: readonly number[],
    idAt = -1,
  ): number {
    const bytes = this.#bytes;
    const attributes = this.#attributes;
    while (bytes[p + 1] !== slash) {
      p = startTag(bytes, p, this.#end, start, names, attributes);
      if (p < 0 || bytes[p] !== slash || bytes[p + 1] !== greaterThan) return -1;
      p += 2;
      for (let i = 0; i < names.length; i++)
        if ((file < 0 || !places.includes(i)) && !this.#isSound(attributes, i)) return -1;
      // The strict reader leaves out what is not an id.
      if (idAt >= 0 && !this.#isInteger(attributes, idAt)) return -1;
      if (file < 0) continue;
      const out = this.#files[file]!;
      this.#id(out);
      for (let i = 0; i < places.length; i++) {
        if (i > 0) out.bytes[out.length++] = comma;
        if (!this.#field(out, attributes, places[i]!)) return -1;
      }
      out.end();
    }
    return standsAt(bytes, p, end) ? p + end.length : -1;
  }

  /** `<genre>Rock</genre>` and the like: a row for each text that is not empty. */
  #texts(p: number, start: Uint8Array, itemEnd: Uint8Array, end: Uint8Array, file: number): number {
    const bytes = this.#bytes;
    const out = this.#files[file]!;
    while (bytes[p + 1] !== slash) {
      if (!standsAt(bytes, p, start)) return -1;
      p += start.length;
      const textEnd = scanText(bytes, p);
      if (scanned & flags.unusual || !standsAt(bytes, textEnd, itemEnd)) return -1;
      const before = out.length;
      this.#id(out);
      const filled = out.length;
      if (!this.#writer.field(out, bytes, p, textEnd, scanned)) return -1;
      if (out.length === filled) out.length = before;
      else out.end();
      p = textEnd + itemEnd.length;
    }
    return standsAt(bytes, p, end) ? p + end.length : -1;
  }

  /** The artists of a list; `sequence` is the track's, or -1 for the release itself. */
  #credits(p: number, end: Uint8Array, extra: number, sequence: number): number {
    const bytes = this.#bytes;
    const parts = this.#artist;
    const writer = this.#writer;
    const out = this.#files[sequence < 0 ? releaseFile.artist : releaseFile.trackArtist]!;
    const target = out.bytes;
    const trackId = this.#firstTrack + this.#tracks;
    for (let position = 1; bytes[p + 1] !== slash; position++) {
      p = artistElement(bytes, p, parts);
      if (p < 0 || !this.#isInteger(parts, ArtistPart.Id)) return -1;
      this.#id(out);
      if (sequence >= 0) {
        writer.number(out, sequence);
        target[out.length++] = comma;
        writer.number(out, trackId);
        target[out.length++] = comma;
      }
      if (!this.#field(out, parts, ArtistPart.Id)) return -1;
      target[out.length++] = comma;
      if (!this.#field(out, parts, ArtistPart.Name)) return -1;
      target[out.length++] = comma;
      target[out.length++] = zero + extra;
      target[out.length++] = comma;
      if (!this.#field(out, parts, ArtistPart.Variation)) return -1;
      target[out.length++] = comma;
      writer.number(out, position);
      for (let part = ArtistPart.Join; part <= ArtistPart.Tracks; part++) {
        target[out.length++] = comma;
        if (!this.#field(out, parts, part)) return -1;
      }
      out.end();
    }
    return standsAt(bytes, p, end) ? p + end.length : -1;
  }

  #formats(p: number): number {
    const bytes = this.#bytes;
    const out = this.#files[releaseFile.format]!;
    const attributes = this.#attributes;
    while (bytes[p + 1] !== slash) {
      p = startTag(bytes, p, this.#end, tag.format, formatAttributes, attributes);
      if (p < 0 || !this.#isInteger(attributes, FormatAttribute.Quantity)) return -1;
      this.#id(out);
      for (let i = 0; i < 3; i++) {
        if (!this.#field(out, attributes, i)) return -1;
        out.bytes[out.length++] = comma;
      }
      if (bytes[p] === slash) {
        if (bytes[p + 1] !== greaterThan) return -1;
        p += 2;
      } else {
        p = this.#descriptions(p + 1, out);
        if (p < 0 || !standsAt(bytes, p, tag.formatEnd)) return -1;
        p += tag.formatEnd.length;
      }
      out.end();
    }
    return standsAt(bytes, p, tag.formatsEnd) ? p + tag.formatsEnd.length : -1;
  }

  /** Descriptions, trimmed, joined with `; `. */
  #descriptions(p: number, out: CsvBytes): number {
    const bytes = this.#bytes;
    const joined = this.#joined;
    if (standsAt(bytes, p, tag.formatEnd)) return p;
    if (standsAt(bytes, p, tag.descriptionsEmpty)) return p + tag.descriptionsEmpty.length;
    if (!standsAt(bytes, p, tag.descriptions)) return -1;
    p += tag.descriptions.length;
    joined.clear();
    let seen = 0;
    while (bytes[p + 1] !== slash) {
      if (!standsAt(bytes, p, tag.description)) return -1;
      p += tag.description.length;
      const end = scanText(bytes, p);
      seen |= scanned;
      if (scanned & flags.unusual || !standsAt(bytes, end, tag.descriptionEnd)) return -1;
      joined.reserve(end - p + 2);
      const before = joined.length;
      if (before > 0) {
        joined.bytes[joined.length++] = semicolon;
        joined.bytes[joined.length++] = blank;
      }
      const filled = joined.length;
      if (!this.#writer.part(joined, bytes, p, end, scanned)) return -1;
      if (joined.length === filled) joined.length = before;
      p = end + tag.descriptionEnd.length;
    }
    if (!standsAt(bytes, p, tag.descriptionsEnd)) return -1;
    // Entities are decoded now; what they stood for may need quotes.
    const special =
      seen & (flags.entity | flags.decode)
        ? flags.comma
        : seen & (flags.comma | flags.quote | flags.lineFeed);
    this.#writer.field(out, joined.bytes, 0, joined.length, special | flags.wide);
    return p + tag.descriptionsEnd.length;
  }

  /** A track list, or the sub-tracks of the track with the sequence `parent`. */
  #tracklist(p: number, end: Uint8Array, parent: number): number {
    const bytes = this.#bytes;
    while (bytes[p + 1] !== slash) {
      if (!standsAt(bytes, p, tag.track)) return -1;
      p = this.#track(p + tag.track.length, parent);
      if (p < 0) return -1;
    }
    return standsAt(bytes, p, end) ? p + end.length : -1;
  }

  #track(p: number, parent: number): number {
    const bytes = this.#bytes;
    const sequence = ++this.#tracks;
    const depth = parent > 0 ? 1 : 0;
    const parts = this.#trackParts[depth]!;
    parts.fill(0);
    let seen = 0;
    for (;;) {
      if (bytes[p] !== lessThan) return -1;
      switch (bytes[p + 1]!) {
        case slash:
          if (!standsAt(bytes, p, tag.trackEnd)) return -1;
          if (!(seen & subTracksSeen) && !this.#trackRow(sequence, parent, parts)) return -1;
          return p + tag.trackEnd.length;
        case Letter.P:
        case Letter.T:
        case Letter.D:
          // The row of a track comes before those of its sub-tracks, so it must be complete by then.
          if (seen & subTracksSeen) return -1;
          p = textElement(bytes, p, trackParts, parts, trackPart(bytes[p + 1]!));
          break;
        case Letter.A:
          if (seen || !standsAt(bytes, p, tag.artists)) return -1;
          seen |= artistsSeen;
          p = this.#credits(p + tag.artists.length, tag.artistsEnd, 0, sequence);
          break;
        case Letter.E:
          if (seen & (extraArtistsSeen | subTracksSeen) || !standsAt(bytes, p, tag.extraArtists))
            return -1;
          seen |= extraArtistsSeen;
          p = this.#credits(p + tag.extraArtists.length, tag.extraArtistsEnd, 1, sequence);
          break;
        case Letter.S:
          // Deeper nesting than one level does not occur.
          if (depth > 0 || seen & subTracksSeen || !standsAt(bytes, p, tag.subTracks)) return -1;
          seen |= subTracksSeen;
          if (!this.#trackRow(sequence, parent, parts)) return -1;
          p = this.#tracklist(p + tag.subTracks.length, tag.subTracksEnd, sequence);
          break;
        default:
          return -1;
      }
      if (p < 0) return -1;
    }
  }

  #trackRow(sequence: number, parent: number, parts: Pieces): boolean {
    const out = this.#files[releaseFile.track]!;
    const { bytes } = out;
    const writer = this.#writer;
    this.#id(out);
    writer.number(out, sequence);
    bytes[out.length++] = comma;
    if (!this.#field(out, parts, TrackPart.Position)) return false;
    bytes[out.length++] = comma;
    if (parent > 0) writer.number(out, parent);
    bytes[out.length++] = comma;
    if (!this.#field(out, parts, TrackPart.Title)) return false;
    bytes[out.length++] = comma;
    if (!this.#field(out, parts, TrackPart.Duration)) return false;
    bytes[out.length++] = comma;
    writer.number(out, this.#firstTrack + sequence);
    out.end();
    return true;
  }

  #videos(p: number): number {
    const bytes = this.#bytes;
    const out = this.#files[releaseFile.video]!;
    const attributes = this.#attributes;
    const parts = this.#video;
    while (bytes[p + 1] !== slash) {
      p = startTag(bytes, p, this.#end, tag.video, videoAttributes, attributes);
      if (
        p < 0 ||
        !this.#isInteger(attributes, VideoAttribute.Duration) ||
        !this.#isSound(attributes, VideoAttribute.Embed)
      )
        return -1;
      parts.fill(0);
      if (bytes[p] === slash) {
        if (bytes[p + 1] !== greaterThan) return -1;
        p += 2;
      } else {
        p++;
        while (bytes[p + 1] !== slash) {
          if (bytes[p] !== lessThan) return -1;
          p = textElement(
            bytes,
            p,
            videoParts,
            parts,
            bytes[p + 1] === Letter.T ? VideoPart.Title : VideoPart.Description,
          );
          if (p < 0) return -1;
        }
        if (!standsAt(bytes, p, tag.videoEnd)) return -1;
        p += tag.videoEnd.length;
      }
      this.#id(out);
      if (!this.#field(out, attributes, VideoAttribute.Duration)) return -1;
      out.bytes[out.length++] = comma;
      if (!this.#field(out, parts, VideoPart.Title)) return -1;
      out.bytes[out.length++] = comma;
      if (!this.#field(out, parts, VideoPart.Description)) return -1;
      out.bytes[out.length++] = comma;
      if (!this.#field(out, attributes, VideoAttribute.Source)) return -1;
      if (this.#full) {
        out.bytes[out.length++] = comma;
        if (!this.#field(out, attributes, VideoAttribute.Embed)) return -1;
      }
      out.end();
    }
    return standsAt(bytes, p, tag.videosEnd) ? p + tag.videosEnd.length : -1;
  }

  #companies(p: number): number {
    const bytes = this.#bytes;
    const out = this.#files[releaseFile.company]!;
    const parts = this.#company;
    while (bytes[p + 1] !== slash) {
      if (!standsAt(bytes, p, tag.company)) return -1;
      p += tag.company.length;
      parts.fill(0);
      while (bytes[p + 1] !== slash) {
        if (bytes[p] !== lessThan) return -1;
        p = textElement(bytes, p, companyParts, parts, companyPart(bytes, p));
        if (p < 0) return -1;
      }
      if (!standsAt(bytes, p, tag.companyEnd)) return -1;
      p += tag.companyEnd.length;
      if (
        !this.#isInteger(parts, CompanyPart.Id) ||
        !this.#isInteger(parts, CompanyPart.EntityType) ||
        !this.#isSound(parts, CompanyPart.CatalogueNumber)
      )
        return -1;
      this.#id(out);
      for (let part = 0; part < companyParts.length; part++) {
        if (part === CompanyPart.CatalogueNumber) continue; // it is in no file
        if (!this.#field(out, parts, part)) return -1;
        if (part < companyParts.length - 1) out.bytes[out.length++] = comma;
      }
      out.end();
    }
    return standsAt(bytes, p, tag.companiesEnd) ? p + tag.companiesEnd.length : -1;
  }

  /** The release's id and a comma. */
  #id(out: CsvBytes): void {
    this.#writer.copy(out, this.#bytes, this.#start[0]!, this.#start[1]!);
    out.bytes[out.length++] = comma;
  }

  #field(out: CsvBytes, parts: Pieces, index: number): boolean {
    const at = index * pieceSize;
    return this.#writer.field(out, this.#bytes, parts[at]!, parts[at + 1]!, parts[at + 2]!);
  }

  #isSound(parts: Pieces, index: number): boolean {
    const at = index * pieceSize;
    return this.#writer.isSound(this.#bytes, parts[at]!, parts[at + 1]!, parts[at + 2]!);
  }

  /** Whether the piece is empty or an integer in its plain form, ASCII digits without a leading zero. */
  #isInteger(parts: Pieces, index: number): boolean {
    const bytes = this.#bytes;
    const start = parts[index * pieceSize]!;
    const end = parts[index * pieceSize + 1]!;
    if (bytes[start] === zero && end - start > 1) return false;
    for (let p = start; p < end; p++) if (bytes[p]! < zero || bytes[p]! > nine) return false;
    return true;
  }
}

const artistsSeen = 1;
const extraArtistsSeen = 2;
const subTracksSeen = 4;

const entityType = 'entity_type';

/** The part of a track that begins with this letter. */
const trackPart = (first: number): TrackPart =>
  first === Letter.P
    ? TrackPart.Position
    : first === Letter.T
      ? TrackPart.Title
      : TrackPart.Duration;

/** The part of a company at `p`; `entity_type_name` begins with `entity_type`, too. */
function companyPart(bytes: Uint8Array, p: number): number {
  switch (bytes[p + 1]!) {
    case Letter.I:
      return CompanyPart.Id;
    case Letter.N:
      return CompanyPart.Name;
    case Letter.C:
      return CompanyPart.CatalogueNumber;
    case Letter.E:
      return bytes[p + entityType.length + 1] === underscore
        ? CompanyPart.EntityTypeName
        : CompanyPart.EntityType;
    case Letter.R:
      return CompanyPart.ResourceUrl;
    default:
      return -1;
  }
}
