// wxyc-fetch
import { defineCommand, formatBytes, out, textTable, wholeNumber, type Program } from '@wxyc/cli';
import { UsageError } from '@wxyc/step';
import { fetchDumps } from './fetch-dumps.js';
import { listMonths } from './months.js';
import { defaultSite, dumpKinds, isComplete, missingFiles, type DumpMonth } from './site.js';

const command = defineCommand({
  command: '$0',
  describe: 'Download the dumps of a month, or list the months',
  options: (y) =>
    y.options({
      month: {
        type: 'string',
        requiresArg: true,
        default: 'latest',
        describe: 'A month such as 2026-09, or latest: the newest that is complete',
      },
      kind: {
        type: 'array',
        string: true,
        requiresArg: true,
        choices: dumpKinds,
        default: ['releases'] as (typeof dumpKinds)[number][],
        describe: 'Which dumps to download',
      },
      output: {
        type: 'string',
        requiresArg: true,
        describe: 'Directory for dumps and checksums; created if it is missing',
      },
      list: {
        type: 'boolean',
        describe: 'List the newest twelve months with sizes; download nothing',
      },
      retries: {
        type: 'number',
        requiresArg: true,
        default: 10,
        coerce: wholeNumber('--retries'),
        describe: 'Give up after this many attempts without progress; ten take about five minutes',
      },
      'base-url': {
        type: 'string',
        requiresArg: true,
        default: defaultSite,
        describe: 'Site with the dumps',
      },
    }),
  run: async (args, context) => {
    const site = { baseUrl: args.baseUrl, retries: args.retries };
    if (args.list) return out(monthsText(await listMonths(site, 12, context)));
    if (args.output === undefined)
      throw new UsageError(
        '--output is needed: the directory for the dumps. To see what is available, give --list.',
      );
    return fetchDumps(
      { ...site, month: args.month, kinds: args.kind, output: args.output },
      context,
    );
  },
});

/** The months with the sizes of their dumps, as the site rounds them. */
function monthsText(months: readonly DumpMonth[]): string {
  const rows = months.map((month) => [
    month.month,
    ...dumpKinds.map((kind) => {
      const file = month.files[kind];
      return file === undefined
        ? '-'
        : file.listedBytes === undefined
          ? 'there'
          : formatBytes(file.listedBytes);
    }),
    isComplete(month) ? 'complete' : `${missingFiles(month).join(', ')} missing`,
  ]);
  return textTable(['month', ...dumpKinds, 'state'], rows, [1, 2, 3, 4]);
}

export const program: Program = {
  name: 'wxyc-fetch',
  describe:
    "Downloads a month's Discogs dumps. Resumes interrupted downloads, verifies checksums, and gives a file its name only when it is complete.",
  packageUrl: import.meta.url,
  examples: [
    ['$0 --output dumps', 'The newest complete month'],
    ['$0 --month 2026-09 --kind releases artists masters --output dumps', ''],
  ],
  commands: [command],
};
