// The inputs of the benches: made once per data folder, by the repository's own generator.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { writeMonthDump } from './month-dump.mjs';

/** Releases per scale. */
export const scales = { '10k': 10_000, '100k': 100_000, '1m': 1_000_000, month: 19_400_000 };

export function makeInputs(data, scale) {
  const releases = scales[scale];
  const folder = join(data, scale);
  mkdirSync(folder, { recursive: true });

  /** Makes the file unless it exists; it gets its name only when complete. */
  const once = async (name, make) => {
    const file = join(folder, name);
    if (existsSync(file)) return file;
    console.log(`making ${file}`);
    const partial = join(folder, `partial-${name}`);
    await make(partial);
    renameSync(partial, file);
    return file;
  };

  return {
    /** A releases dump of this scale: `{ generation: 'old' | 'new', plain: false }` → its path. `.xml.gz` unless `plain`. */
    dump: ({ generation = 'new', plain = false } = {}) =>
      once(`${generation}_releases.xml${plain ? '' : '.gz'}`, (file) =>
        releases > scales['1m'] && generation === 'new' && !plain
          ? writeMonthDump(file, releases)
          : writeDump(file, { releases, generation }),
      ),

    /**
     * A library for that dump → `{ db, artists }`. By default 6.5 albums for 100 releases, so that a million releases meet the
     * 65,000 albums of production; about a fifth of the releases are by its artists. With `of`, albums and artists are chosen from
     * a dump of that many releases, whose beginning is this scale's dump.
     */
    library: async ({ albums = Math.round(releases * 0.065), artists, of = releases } = {}) => {
      const name = `library-${albums}${artists ? `-${artists}` : ''}${of === releases ? '' : `-of-${of}`}`;
      const list = join(folder, `${name}.txt`);
      const db = await once(`${name}.db`, (file) =>
        writeLibrary(file, list, { releases: of, albums, artists }),
      );
      return { db, artists: list };
    },

    /** A path for something slow to build that is kept between runs. It is complete once `done` was called, which writes `PATH.ready`. */
    keep: (name) => join(folder, name),
    done: (name) => writeFileSync(join(folder, `${name}.ready`), ''),

    /** The real sample multiplied to about this scale, or null if it is not available. Its titles and names repeat: use it for parsing only. */
    grownDump: async () => {
      const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));
      const source = `${shared}data/releases-2020/discogs_20200806_releases.xml.gz`;
      if (!existsSync(source)) return null;
      return once('grown_releases.xml.gz', (file) =>
        execFileSync(process.execPath, [
          `${shared}tools/grow-dump.mjs`,
          source,
          String(releases / 500),
          file,
        ]),
      );
    },
  };
}
