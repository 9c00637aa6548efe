/** rekordbox' and Apple Music's XML files. */

import type { TrackFormat } from './xml-library.js';
import type { LibraryTrack } from './albums-of-tracks.js';

/** `COLLECTION/TRACK` with attributes. Playlists hold TRACK elements too, with just a key. */
export const rekordbox: TrackFormat = {
  kind: 'rekordbox collection (XML)',
  used: { artist: 'Artist', title: 'Album', label: 'Label', year: 'Year' },
  unused: ['Name', 'Genre', 'Composer', 'Remixer', 'Comments'],
  listen(parser, take) {
    let inCollection = false;
    parser.on('opentag', ({ name, attributes }) => {
      if (name === 'COLLECTION') inCollection = true;
      if (name !== 'TRACK' || !inCollection) return;
      const {
        Artist: artist = '',
        Album: album = '',
        Label: label,
        Year: year,
        Location: location,
      } = attributes as Record<string, string>;
      take({ artist, album, label, year, folder: folderOf(location) });
    });
    parser.on('closetag', ({ name }) => {
      if (name === 'COLLECTION') inCollection = false;
    });
  },
};

/** What an Apple track can be instead of music. */
const noMusic: readonly (readonly [key: string, reason: string])[] = [
  ['Podcast', 'a podcast'],
  ['Movie', 'a film'],
  ['TV Show', 'a television programme'],
  ['Has Video', 'a video'],
  ['Audiobook', 'an audiobook'],
  ['iTunesU', 'a lecture'],
];
/** The keys of a track that are kept. */
const keys = new Set([
  'Artist',
  'Album',
  'Album Artist',
  'Compilation',
  'Year',
  'Location',
  ...noMusic.map(([key]) => key),
]);
/** `plist > dict > (Tracks) dict > (id) dict`. */
const trackDepth = 4;

/** A property list: `key` elements, each followed by its value; `Tracks` is a dictionary of dictionaries. */
export const appleMusic: TrackFormat = {
  kind: 'Apple Music library (XML)',
  used: { artist: 'Album Artist, else Compilation, else Artist', title: 'Album', year: 'Year' },
  unused: ['Name', 'Genre', 'Composer', 'Kind', 'Sort Artist'],
  listen(parser, take) {
    let depth = 0;
    let section = '';
    let key = '';
    let text = '';
    let track: Record<string, string> | undefined;
    parser.on('opentag', ({ name }) => {
      depth += 1;
      text = '';
      if (name === 'dict' && depth === trackDepth && section === 'Tracks') track = {};
    });
    parser.on('text', (part) => {
      text += part;
    });
    parser.on('cdata', (part) => {
      text += part;
    });
    parser.on('closetag', ({ name }) => {
      if (name === 'key') {
        if (depth === 3) section = text;
        else key = text;
      } else if (track && depth === trackDepth + 1 && keys.has(key))
        track[key] = name === 'true' ? 'true' : name === 'false' ? '' : text;
      else if (track && name === 'dict' && depth === trackDepth) {
        take(appleTrack(track));
        track = undefined;
      }
      depth -= 1;
    });
  },
};

function appleTrack(track: Record<string, string>): LibraryTrack {
  return {
    artist: track['Artist'] ?? '',
    album: track['Album'] ?? '',
    albumArtist: track['Album Artist'],
    compilation: track['Compilation'] === 'true',
    year: track['Year'],
    folder: folderOf(track['Location']),
    leftOut: noMusic.find(([key]) => track[key] === 'true')?.[1],
  };
}

/** The folder of a file's address. */
function folderOf(location: string | undefined): string | undefined {
  const end = location?.lastIndexOf('/') ?? -1;
  return end > 0 ? location!.slice(0, end) : undefined;
}
