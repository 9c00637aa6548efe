/** `wxyc-enrich`. */
import { artistsOption, defineCommand, libraryDbOption, type Program } from '@wxyc/cli';
import { enrich } from './enrich.js';

const command = defineCommand({
  command: '$0',
  describe: 'Write the list of library artists that the filter works from',
  options: (y) =>
    artistsOption(libraryDbOption(y))
      .demandOption('library-db')
      .options({
        output: { type: 'string', requiresArg: true, demandOption: true, describe: 'Text file to write, one artist a line' },
        'wxyc-db-url': { type: 'string', requiresArg: true, group: 'Library:', describe: 'MySQL catalogue with alternate names: mysql://user:password@host/database' },
        alternates: { type: 'string', requiresArg: true, group: 'Library:', describe: 'CSV or TSV export with alternate names' },
      }),
  run: ({ libraryDb, output, libraryArtists, wxycDbUrl, alternates }, context) => enrich({ libraryDb, output, libraryArtists, wxycDbUrl, alternates }, context),
});

export const program: Program = {
  name: 'wxyc-enrich',
  describe: 'Builds the list of library artists from library.db, the MySQL catalogue and artist files.',
  packageUrl: import.meta.url,
  examples: [
    ['wxyc-enrich --library-db library.db --output artists.txt', 'The library alone'],
    ['wxyc-enrich --library-db library.db --output artists.txt --alternates names.csv', 'With other names'],
  ],
  commands: [command],
};
