#!/usr/bin/env node
// Makes a sample: a releases dump, a library.db and its library_artists.txt. See `--help`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDump, writeLibrary } from '../dist/index.js';

const help = `usage: sample.js --output DIR [options]

  --releases N       releases in the dump (default 10000)
  --generation G     old (until July 2024) or new (default new)
  --plain            write .xml instead of .xml.gz
  --albums N         rows of the library (default 300)
  --artists N        artists of the library (default 0.37 of the albums)
  --seed N           another seed, another sample (default 1)
  --no-dump          the library only

Writes DIR/sample_releases.xml.gz, DIR/library.db and DIR/library_artists.txt. The same numbers give the same files.`;

let options;
try {
  options = parseArgs({
    options: {
      output: { type: 'string' },
      releases: { type: 'string', default: '10000' },
      generation: { type: 'string', default: 'new' },
      plain: { type: 'boolean', default: false },
      albums: { type: 'string', default: '300' },
      artists: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'no-dump': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
} catch (error) {
  console.error(`${error.message}\n\n${help}`);
  process.exit(2);
}
if (options.help || !options.output || !['old', 'new'].includes(options.generation)) {
  (options.help ? console.log : console.error)(help);
  process.exit(options.help ? 0 : 2);
}
const number = (text) => (text === undefined ? undefined : Number(text));
const sample = {
  releases: number(options.releases),
  seed: number(options.seed),
  albums: number(options.albums),
  artists: number(options.artists),
  generation: options.generation,
};
mkdirSync(options.output, { recursive: true });
const rows = writeLibrary(
  join(options.output, 'library.db'),
  join(options.output, 'library_artists.txt'),
  sample,
);
if (!options['no-dump'])
  await writeDump(join(options.output, `sample_releases.xml${options.plain ? '' : '.gz'}`), sample);
console.error(
  `${options['no-dump'] ? 'no dump' : `${sample.releases} releases`}, ${rows.length} library rows in ${options.output}`,
);
