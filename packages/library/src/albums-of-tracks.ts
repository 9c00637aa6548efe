/** The albums that tracks belong to. */

import { createHash } from 'node:crypto';
import { isCompilationArtist, pythonStrip } from '@wxyc/text';
import type { LibraryRow } from '@wxyc/matching';
import { furtherOf, incomplete, leaveOut, type LibrarySurvey } from './survey.js';
import { ownText, SharedTexts } from './text-chunks.js';

export interface LibraryTrack {
  artist: string;
  album: string;
  albumArtist?: string | undefined;
  /** Marked as part of an album by several artists. */
  compilation?: boolean | undefined;
  label?: string | undefined;
  year?: string | undefined;
  /** The file's folder: tracks of an album are usually in the same one. */
  folder?: string | undefined;
  /** Why the track is not released music: a podcast, a film. */
  leftOut?: string | undefined;
}

interface Album {
  title: string;
  /** The artist that the tracks themselves name for the album; empty if none. */
  albumArtist: string;
  /** The first track's artist. */
  artist: string;
  /** The tracks' artists and how many tracks each has, once there are two of them. */
  artists: Map<string, number> | undefined;
  tracks: number;
  label: string;
  year: string;
}

const various = 'Various Artists';
/** An album in one folder with at least this many artists, none of whom has half of the tracks, is a compilation. */
const artistsOfCompilation = 3;

/** 72 bits: in only one of ten thousand million libraries with a million albums each would two be taken for one. */
const digestLength = { outputLength: 9 };

export class AlbumsOfTracks {
  readonly #survey: LibrarySurvey;
  readonly #albums: Album[] = [];
  readonly #texts = new SharedTexts();
  /** Places of albums by a digest of what distinguishes them, which is mostly a folder's long name. */
  #places = new Map<string, number>();
  /** As a rule, a track is from the same album as the one before it. */
  #last = { key: '', place: -1 };

  constructor(survey: LibrarySurvey) {
    this.#survey = survey;
  }

  take(track: LibraryTrack): void {
    this.#survey.read += 1;
    if (track.leftOut) return leaveOut(this.#survey, track.leftOut);
    const [artist, title] = [pythonStrip(track.artist), pythonStrip(track.album)];
    const albumArtist = pythonStrip(track.albumArtist ?? '') || (track.compilation ? various : '');
    if (title === '') return leaveOut(this.#survey, 'without an album');
    if (artist === '' && albumArtist === '') return leaveOut(this.#survey, incomplete);
    // Without a folder, tracks with the same album title are one album only if the artist is the same.
    const key = albumArtist
      ? `a\0${albumArtist}\0${title}`
      : track.folder
        ? `f\0${track.folder}\0${title}`
        : `t\0${artist}\0${title}`;
    if (key !== this.#last.key)
      this.#last = { key, place: this.#placeOf(key, title, albumArtist, track) };
    addArtist(this.#albums[this.#last.place]!, this.#texts.of(artist));
  }

  finish(): void {
    this.#places = new Map();
    // By title, then artist, so that an album in two folders is one album.
    const known = new Map<string, string | Set<string>>();
    this.#albums.reverse();
    // Each is released as soon as its row is made.
    for (let album = this.#albums.pop(); album; album = this.#albums.pop()) {
      for (const row of rowsOf(album)) {
        const artists = known.get(row.title);
        if (artists === row.artist || (artists instanceof Set && artists.has(row.artist))) continue;
        if (artists === undefined) known.set(row.title, row.artist);
        else if (artists instanceof Set) artists.add(row.artist);
        else known.set(row.title, new Set([artists, row.artist]));
        this.#survey.rows.push(row);
      }
    }
  }

  #placeOf(
    key: string,
    title: string,
    albumArtist: string,
    { label = '', year = '' }: LibraryTrack,
  ): number {
    const digest = createHash('shake256', digestLength).update(key).digest('base64url');
    const known = this.#places.get(digest);
    if (known !== undefined) return known;
    const texts = this.#texts;
    const place =
      this.#albums.push({
        title: ownText(title),
        albumArtist: texts.of(albumArtist),
        artist: '',
        artists: undefined,
        tracks: 0,
        label: texts.of(label),
        year: texts.of(year),
      }) - 1;
    this.#places.set(digest, place);
    return place;
  }
}

function addArtist(album: Album, artist: string): void {
  album.tracks += 1;
  if (artist === '') return;
  if (album.artists) album.artists.set(artist, (album.artists.get(artist) ?? 0) + 1);
  else if (album.artist === '') album.artist = artist;
  else if (album.artist !== artist)
    album.artists = new Map([
      [album.artist, album.tracks - 1],
      [artist, 1],
    ]);
}

function rowsOf({
  title,
  albumArtist,
  artist: first,
  artists,
  tracks,
  label,
  year,
}: Album): LibraryRow[] {
  const further = furtherOf({ label, year });
  const names = artists ? [...artists.keys()] : first === '' ? [] : [first];
  const row = (artist: string): LibraryRow => ({ artist, title, ...further });
  const compilation = (artist: string): LibraryRow => ({
    ...row(artist),
    ...(names.length > 0 ? { trackArtists: names } : {}),
  });
  if (albumArtist)
    return [isCompilationArtist(albumArtist) ? compilation(albumArtist) : row(albumArtist)];
  if (names.length === 1) return [row(names[0]!)];
  // `Bonobo` and `Bonobo feat. Szjerdene` on one album: it is Bonobo's.
  const main = names.find(
    (name) =>
      names.reduce(
        (sum, other) =>
          sum + (other === name || other.startsWith(`${name} `) ? artists!.get(other)! : 0),
        0,
      ) *
        2 >=
      tracks,
  );
  if (main !== undefined) return [row(main)];
  return names.length >= artistsOfCompilation ? [compilation(various)] : names.map(row);
}
