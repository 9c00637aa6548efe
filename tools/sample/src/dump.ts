/** The dump: release after release, as text or as a file, gzipped if its name says so. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { makeRelease } from './release.js';
import { World, type SampleOptions } from './world.js';
import { releaseXml, type Generation } from './xml.js';

export interface DumpOptions extends SampleOptions {
  /** Default `new`. */
  generation?: Generation | undefined;
}

/** The dump's text in pieces of about 256 KB. */
export function* dumpText(options: DumpOptions): Generator<string> {
  const world = new World(options);
  const generation = options.generation ?? 'new';
  let piece = '<releases>';
  for (let index = 0; index < world.releases; index++) {
    piece += releaseXml(makeRelease(world, index), generation) + '\n';
    if (piece.length >= 262_144) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}</releases>\n`;
}

/**
 * Writes the dump to a file, gzipped if the name ends in `.gz`. Streams: the size does not matter.
 *
 * @example
 * await writeDump('sample_releases.xml.gz', { releases: 10_000, generation: 'old' });
 */
export async function writeDump(file: string, options: DumpOptions): Promise<void> {
  const text = Readable.from(dumpBytes(options), { objectMode: false });
  if (file.endsWith('.gz')) await pipeline(text, createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 262_144 }), createWriteStream(file));
  else await pipeline(text, createWriteStream(file));
}

function* dumpBytes(options: DumpOptions): Generator<Buffer> {
  for (const piece of dumpText(options)) yield Buffer.from(piece);
}
