/** The dump: release after release, as text or as a file, gzipped if its name says so. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { makeRelease } from './release.js';
import { settled } from './settled.js';
import { World, type SampleOptions } from './world.js';
import { artistXml, releaseXml, type Generation } from './xml.js';

export interface DumpOptions extends SampleOptions {
  /** Default `new`. */
  generation?: Generation | undefined;
  /** Only these of the releases, `[first, end)`: concatenated pieces are the dump. Default: all. */
  first?: number | undefined;
  end?: number | undefined;
  /** gzip's level, 1 to 9. Default 1: a file that is read once need not be small. */
  level?: number | undefined;
}

/** The dump's text in pieces of about 256 KB. */
export function* dumpText(options: DumpOptions): Generator<string> {
  const world = new World(options);
  const { generation = 'new', first = 0, end = world.releases } = options;
  let piece = first === 0 ? '<releases>' : '';
  for (let index = first; index < end; index++) {
    piece += releaseXml(makeRelease(world, index), generation) + '\n';
    if (piece.length >= 262_144) {
      yield piece;
      piece = '';
    }
  }
  yield end === world.releases ? `${piece}</releases>\n` : piece;
}

/**
 * Writes the dump to a file, gzipped if the name ends in `.gz`. Streams: the size does not matter.
 *
 * @example
 * await writeDump('sample_releases.xml.gz', { releases: 10_000, generation: 'old' });
 */
export async function writeDump(file: string, options: DumpOptions): Promise<void> {
  await writeXml(file, dumpText(options), options.level);
}

/** Writes the dump of the artists of the sample's albums, each with a name variation that no library has. */
export async function writeArtistsDump(file: string, options: DumpOptions): Promise<void> {
  await writeXml(file, artistsText(new World(options), options.generation ?? 'new'));
}

function* artistsText(world: World, generation: Generation): Generator<string> {
  yield '<artists>\n';
  for (let index = 0; index < world.artists; index++) {
    yield (
      artistXml(
        {
          id: world.artistId(index),
          name: world.artistName(index),
          variations: [`${world.plainName(index)} & Orchestra`],
        },
        generation,
      ) + '\n'
    );
  }
  yield '</artists>\n';
}

async function writeXml(
  file: string,
  pieces: Iterable<string>,
  level: number = constants.Z_BEST_SPEED,
): Promise<void> {
  const text = Readable.from(bytesOf(pieces), { objectMode: false });
  if (file.endsWith('.gz'))
    await pipeline(text, createGzip({ level, chunkSize: 262_144 }), createWriteStream(file));
  else await pipeline(text, createWriteStream(file));
  settled(file);
}

function* bytesOf(pieces: Iterable<string>): Generator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}
