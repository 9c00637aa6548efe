import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import type { Program } from '@wxyc/cli';
import { root } from '@wxyc/testing';
import { blocks, markdownFiles } from './markdown.ts';

const { parse } = (await import(pathToFileURL(`${root}packages/cli/dist/parse.js`).href)) as {
  parse: (program: Program, argv: string[]) => Promise<{ command?: unknown; text?: string }>;
};
const all = markdownFiles().flatMap(blocks);
const shell = all.filter(({ language }) => language === 'sh');

/** The words of each `wxyc-…` call; variables stand for some value, a script's own arguments for none. */
function calls(code: string): string[][] {
  const lines = code
    .replace(/\\\n\s*/g, ' ')
    .replaceAll(' "$@"', '')
    .split('\n');
  return lines
    .map((line) =>
      line
        .replace(/\s+#.*$/, '')
        .trim()
        .replace(/^(?:npx |sudo |ExecStart=\S*\/|[A-Z_]+=\S+ )*/, ''),
    )
    .filter((line) => /^wxyc-[a-z]/.test(line))
    .map((line) =>
      (line.split(/\s+(?:&&|\|\||[|;<>]|>>)\s*/)[0] ?? '')
        .match(/"[^"]*"|\S+/g)!
        .map((word) => word.replace(/^"(.*)"$/, '$1').replace(/\$\{?\w+\}?/g, 'x')),
    );
}

/** Units of systemd have commands too. */
const examples = all
  .filter(({ language }) => language === 'sh' || language === 'ini')
  .flatMap(({ file, code }) =>
    calls(code).map((words) => ({ file, call: words.join(' '), words })),
  );

test('there are command lines to check', () => expect(examples.length).toBeGreaterThan(20));

test.each(examples)('$file: $call', async ({ words: [bin, ...argv] }) => {
  if (argv[0] === 'completion') return;
  const { program } = (await import(
    pathToFileURL(`${root}packages/${bin!.replace(/^wxyc-/, '')}/dist/cli.js`).href
  )) as { program: Program };
  await parse(program, argv);
});

test.each(shell.map(({ file, code }) => ({ file, code, first: code.split('\n')[0] })))(
  '$file: the shell reads "$first"',
  ({ code }) => {
    // A name in capitals is a placeholder, and to the shell a word like any other.
    const { status, stderr } = spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
);
