// wxyc-fix-newlines
import { defineCommand, type Program } from '@wxyc/cli';
import { fixNewlines } from './fix-newlines.js';

const command = defineCommand({
  command: '$0 <input> <output>',
  describe: 'Replace newlines inside CSV fields with spaces',
  options: (y) =>
    y
      .positional('input', {
        type: 'string',
        demandOption: true,
        describe: 'CSV file, or directory of CSV files',
      })
      .positional('output', {
        type: 'string',
        demandOption: true,
        describe: 'A file if the input is one, a directory if it is one',
      }),
  run: ({ input, output }, context) => fixNewlines({ input, output }, context),
});

export const program: Program = {
  name: 'wxyc-fix-newlines',
  describe: 'Replaces newlines inside CSV fields with spaces, so that every row is one line.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 csv cleaned', 'All CSV files in a directory'],
    ['$0 release.csv release.cleaned.csv', 'One file'],
  ],
  commands: [command],
};
