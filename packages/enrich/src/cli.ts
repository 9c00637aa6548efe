/** `wxyc-enrich`. */
import {
  artistsOption,
  defineCommand,
  libraryReadingOptions,
  libraryDbOption,
  type Program,
} from '@wxyc/cli';
import { enrich } from './enrich.js';

const command = defineCommand({
  command: '$0',
  describe: 'Write the list of library artists, and their other names',
  options: (y) =>
    artistsOption(libraryReadingOptions(libraryDbOption(y)))
      .demandOption('library-db')
      .options({
        output: {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'Text file to write, one artist per line',
        },
        'wxyc-db-url': {
          type: 'string',
          requiresArg: true,
          group: 'Library:',
          describe: 'MySQL catalogue with alternate names: mysql://user:password@host/database',
        },
        alternates: {
          type: 'string',
          requiresArg: true,
          group: 'Library:',
          describe: 'CSV or TSV export of other names, with the artist of each or without',
        },
        'alternates-output': {
          type: 'string',
          requiresArg: true,
          describe:
            'CSV file artist,name to write, for --alternates of the other steps [default: OUTPUT with .alternates.csv]',
        },
      }),
  run: (
    {
      libraryDb,
      libraryColumns,
      libraryEncoding,
      output,
      libraryArtists,
      wxycDbUrl,
      alternates,
      alternatesOutput,
    },
    context,
  ) =>
    enrich(
      {
        libraryDb,
        libraryColumns,
        libraryEncoding,
        output,
        libraryArtists,
        wxycDbUrl,
        alternates,
        alternatesOutput,
      },
      context,
    ),
});

export const program: Program = {
  name: 'wxyc-enrich',
  describe:
    "Collects the library's artists and their other names from the library, a MySQL catalogue and files.",
  packageUrl: import.meta.url,
  examples: [
    ['wxyc-enrich --library-db library.db --output artists.txt', 'The library alone'],
    [
      'wxyc-enrich --library-db library.db --output artists.txt --alternates names.csv',
      'With other names',
    ],
  ],
  commands: [command],
};
