/** Libraries that are lists of tracks in XML, read by saxes one piece of the file at a time. */

import { createRequire } from 'node:module';
import { BadInputError } from '@wxyc/step';
import type { SaxesParser } from 'saxes';
import { AlbumsOfTracks, type LibraryTrack } from './albums-of-tracks.js';
import { newSurvey, type LibrarySurvey } from './survey.js';
import { textChunks } from './text-chunks.js';

/** Loaded when the first such file is read. */
let saxes: { SaxesParser: typeof SaxesParser } | undefined;

/** Reads a list of tracks from the parser's events, and knows when a track is complete. */
export interface TrackFormat {
  kind: string;
  used: LibrarySurvey['used'];
  /** Columns that somebody may look for but that are not read. */
  unused: string[];
  listen(parser: SaxesParser, take: (track: LibraryTrack) => void): void;
}

/** @throws BadInputError for a file that is not well-formed. */
export function readTrackLibrary(
  file: string,
  format: TrackFormat,
  encoding?: string,
): LibrarySurvey {
  saxes ??= createRequire(import.meta.url)('saxes') as { SaxesParser: typeof SaxesParser };
  const survey = newSurvey(format.kind, 'tracks');
  survey.used = format.used;
  survey.unused = format.unused;
  const albums = new AlbumsOfTracks(survey);
  const parser = new saxes.SaxesParser();
  parser.on('error', (error) => {
    throw new BadInputError(
      `${file}: not well-formed XML (line ${parser.line}): ${error.message.replace(/^\d+:\d+: /, '')} Export it again in full`,
    );
  });
  format.listen(parser, (track) => albums.take(track));
  for (const { text, damaged } of textChunks(file, encoding)) {
    if (damaged)
      throw new BadInputError(
        `${file}: not ${encoding ?? 'UTF-8'} (near line ${parser.line}); export it again, or save it as UTF-8`,
      );
    parser.write(text);
  }
  parser.close();
  albums.finish();
  return survey;
}
