// Writes docs/cli.md from every bin's `--help`, so that the two cannot differ.
//
//   node tools/docs/cli-reference.mjs            writes it
//   node tools/docs/cli-reference.mjs --check    exit 5 if it is out of date
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const { parse } = await import(new URL('packages/cli/dist/parse.js', root));
const target = fileURLToPath(new URL('docs/cli.md', root));
// The page is 80 columns wide, whatever the terminal.
Object.defineProperty(process.stdout, 'columns', { value: 80 });
/** In the order in which a rebuild by hand calls them. */
const bins = [
  'pipeline',
  'fetch',
  'enrich',
  'convert',
  'fix-newlines',
  'filter',
  'schema',
  'import',
  'index',
  'dedup',
  'verify',
  'vacuum',
  'artwork',
  'search',
];

/** What `--help` prints: the bins' own command frame, asked in this process instead of one process a page. */
async function help(bin, ...words) {
  const { program } = await import(new URL(`packages/${bin}/dist/cli.js`, root));
  return (await parse(program, [...words, '--help'])).text.trimEnd();
}

/** The commands that a bin's help lists after the bin itself, such as `doctor`. */
function commands(bin, text) {
  const found = [...text.matchAll(new RegExp(`^  wxyc-${bin} ([a-z][a-z-]*)`, 'gm'))].map(
    ([, name]) => name,
  );
  return [...new Set(found)].filter((name) => name !== 'completion');
}

async function section(bin) {
  const overview = await help(bin);
  const { description } = JSON.parse(
    readFileSync(new URL(`packages/${bin}/package.json`, root), 'utf8'),
  );
  const parts = [
    `## wxyc-${bin}`,
    description.endsWith('.') ? description : `${description}.`,
    `\`\`\`text\n${overview}\n\`\`\``,
  ];
  for (const name of commands(bin, overview)) {
    const own = await help(bin, name);
    if (own !== overview) parts.push(`### wxyc-${bin} ${name}`, `\`\`\`text\n${own}\n\`\`\``);
  }
  return parts.join('\n\n');
}

const text = [
  '# Command-line reference',
  'Generated from `--help` of every bin by `npm run docs`; a test compares the two. Exit codes: [exit-codes.md](exit-codes.md).',
  'Every bin also has the command `completion`, which prints a completion script for bash or zsh: `wxyc-pipeline completion >> ~/.bashrc`.',
  bins.map((bin) => `[wxyc-${bin}](#wxyc-${bin})`).join(' · '),
  ...(await Promise.all(bins.map(section))),
].join('\n\n');

if (process.argv.includes('--check')) {
  const there = existsSync(target) ? readFileSync(target, 'utf8') : '';
  if (there !== `${text}\n`) {
    const line = there.split('\n').findIndex((words, i) => words !== text.split('\n')[i]);
    console.error(
      `docs/cli.md is out of date from line ${line + 1} on ("${text.split('\n')[line] ?? ''}"): npm run docs`,
    );
    process.exitCode = 5;
  }
} else {
  writeFileSync(target, `${text}\n`);
  console.log(`${target} written`);
}
