// wxyc-filter
import {
  coverageOption,
  decisionsOption,
  defineCommand,
  libraryOptions,
  matchFilesOf,
  type Program,
} from '@wxyc/cli';
import { filter } from './filter.js';

const command = defineCommand({
  command: '$0 <library_artists> <csv_dir> <output_dir>',
  describe: "Keep the releases by the library's artists",
  options: (y) =>
    coverageOption(decisionsOption(libraryOptions(y)))
      .positional('library_artists', {
        type: 'string',
        demandOption: true,
        describe: 'Text file of artists to keep, one per line',
      })
      .positional('csv_dir', {
        type: 'string',
        demandOption: true,
        describe: 'Directory of CSV files to filter',
      })
      .positional('output_dir', {
        type: 'string',
        demandOption: true,
        describe: 'Directory to write the filtered files to',
      })
      .option('matched-only', {
        type: 'boolean',
        default: false,
        group: 'Library:',
        describe:
          'Keep only releases that match the library, certainly or possibly; needs --library-db',
      }),
  run: (args, context) =>
    filter(
      {
        ...matchFilesOf(args),
        libraryArtists: args.library_artists,
        input: args.csv_dir,
        output: args.output_dir,
        matchedOnly: args.matchedOnly,
        decisions: args.decisions,
        coverage: args.coverage,
      },
      context,
    ),
});

export const program: Program = {
  name: 'wxyc-filter',
  describe: "Copies the rows of releases by the library's artists, byte for byte.",
  packageUrl: import.meta.url,
  examples: [
    ['$0 library_artists.txt cleaned filtered', 'By artists'],
    [
      '$0 library_artists.txt cleaned filtered --library-db library.db',
      'Also what the library owns, or may own, by other artists',
    ],
  ],
  commands: [command],
};
