/** The albums that tracks belong to. */

import { isCompilationArtist, pythonStrip } from '@wxyc/text';
import type { LibraryRow } from './library-row.js';
import { furtherOf, incomplete, leaveOut, type LibrarySurvey } from './survey.js';
import { ownText } from './text-chunks.js';

export interface LibraryTrack {
  artist: string;
  album: string;
  albumArtist?: string | undefined;
  /** Marked as part of an album by several artists. */
  compilation?: boolean | undefined;
  label?: string | undefined;
  year?: string | undefined;
  /** The file's folder: tracks of one album lie together. */
  folder?: string | undefined;
  /** Why it is no music that was released: a podcast, a film. */
  leftOut?: string | undefined;
}

interface Album {
  title: string;
  /** The artist that the tracks themselves name for the album. */
  albumArtist: string | undefined;
  /** The tracks' artists and how many tracks each has. */
  artists: Map<string, number>;
  tracks: number;
  label: string;
  year: string;
}

const various = 'Various Artists';
/** From so many artists in one folder on, none of whom has half of the tracks, an album is a compilation. */
const artistsOfCompilation = 3;

export class AlbumsOfTracks {
  readonly #survey: LibrarySurvey;
  readonly #albums = new Map<string, Album>();

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
    // Without a folder, albums of one title are one album only if the artist is one.
    const key = albumArtist ? `a\0${albumArtist}\0${title}` : track.folder ? `f\0${track.folder}\0${title}` : `t\0${artist}\0${title}`;
    let album = this.#albums.get(key);
    if (!album) {
      album = { title: ownText(title), albumArtist: albumArtist ? ownText(albumArtist) : undefined, artists: new Map(), tracks: 0, label: ownText(track.label ?? ''), year: ownText(track.year ?? '') };
      this.#albums.set(ownText(key), album);
    }
    album.tracks += 1;
    if (artist !== '') album.artists.set(artist, (album.artists.get(artist) ?? 0) + 1);
  }

  finish(): void {
    const rows = new Map<string, LibraryRow>();
    for (const album of this.#albums.values()) {
      for (const row of rowsOf(album)) {
        const key = `${row.artist}\0${row.title}`;
        if (!rows.has(key)) rows.set(key, row);
      }
    }
    this.#survey.rows = [...rows.values()];
  }
}

function rowsOf({ title, albumArtist, artists, tracks, label, year }: Album): LibraryRow[] {
  const further = furtherOf({ label, year });
  const names = [...artists.keys()];
  const row = (artist: string): LibraryRow => ({ artist, title, ...further });
  const compilation = (artist: string): LibraryRow => ({ ...row(artist), ...(names.length > 0 ? { trackArtists: names } : {}) });
  if (albumArtist) return [isCompilationArtist(albumArtist) ? compilation(albumArtist) : row(albumArtist)];
  if (names.length === 1) return [row(names[0]!)];
  // `Bonobo` and `Bonobo feat. Szjerdene` on one album: it is Bonobo's.
  const main = names.find((name) => names.reduce((sum, other) => sum + (other === name || other.startsWith(`${name} `) ? artists.get(other)! : 0), 0) * 2 >= tracks);
  if (main !== undefined) return [row(main)];
  return names.length >= artistsOfCompilation ? [compilation(various)] : names.map(row);
}
