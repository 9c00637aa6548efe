// wxyc-convert
import {
  artistsOption,
  coverageOption,
  decisionsOption,
  defineCommand,
  libraryOptions,
  matchFilesOf,
  profileOption,
  wholeNumber,
  type Program,
} from '@wxyc/cli';
import { UsageError } from '@wxyc/step';
import { convert } from './convert.js';
import type { DumpInput } from './dump-feed.js';

const command = defineCommand({
  command: '$0 <input..>',
  describe: 'Convert Discogs dumps to CSV files',
  options: (y) =>
    profileOption(
      coverageOption(decisionsOption(libraryOptions(artistsOption(y)))),
      'full adds the columns of the full profile',
    )
      .positional('input', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Dumps (.xml or .xml.gz), directories of dumps, or - for stdin',
      })
      .options({
        output: {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'Directory for the CSV files',
        },
        export: {
          type: 'string',
          array: true,
          requiresArg: true,
          choices: ['release', 'artist', 'label', 'master'] as const,
          describe: 'Convert only these kinds of dump [default: all given]',
        },
        'clean-newlines': {
          type: 'boolean',
          default: false,
          describe: 'Replace newlines inside fields with spaces, as wxyc-fix-newlines does',
        },
        'matched-only': {
          type: 'boolean',
          default: false,
          group: 'Library:',
          describe:
            'Write only releases that match the library, certainly or possibly; needs --library-db',
        },
        limit: {
          type: 'number',
          requiresArg: true,
          coerce: wholeNumber('--limit', 1),
          describe: 'Read at most this many records of each dump',
        },
        jobs: {
          type: 'number',
          requiresArg: true,
          coerce: wholeNumber('--jobs', 1),
          describe: 'Worker threads [default: processors, minus one with a library, at most 4]',
        },
        'max-rejects': {
          type: 'number',
          requiresArg: true,
          default: 100,
          coerce: wholeNumber('--max-rejects'),
          describe: 'Fail if more records than this are unreadable',
        },
      }),
  run: (args, context) =>
    convert(
      {
        inputs: args.input.map(inputOf),
        output: args.output,
        cleanNewlines: args.cleanNewlines,
        matchedOnly: args.matchedOnly,
        ...given({
          exports: args.export,
          profile: args.profile,
          ...matchFilesOf(args),
          decisions: args.decisions,
          coverage: args.coverage,
          limit: args.limit,
          jobs: args.jobs,
          maxRejects: args.maxRejects,
        }),
      },
      context,
    ),
});

/** `-` means stdin, as usual. */
function inputOf(word: string): DumpInput {
  if (word !== '-') return word;
  if (process.stdin.isTTY)
    throw new UsageError('stdin is a terminal: pipe a dump into it, or give a file');
  return process.stdin;
}

/** Without the options that were not given. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

export const program: Program = {
  name: 'wxyc-convert',
  describe: 'Converts Discogs XML dumps to CSV files, byte for byte as discogs-xml2db does.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 discogs_20260901_releases.xml.gz --output csv', 'All twelve files of a releases dump'],
    [
      '$0 dumps/ --output csv --library-db library.db --clean-newlines',
      "Only releases by the library's artists or owned by it, without newlines in fields",
    ],
    ['rapidgzip -dc dump.xml.gz | $0 - --output csv', 'Decompressed by another program'],
  ],
  commands: [command],
};
