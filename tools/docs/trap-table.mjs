// Writes docs/traps.md: the known ways in which this job goes wrong, and the tests that would notice.
//
//   node tools/docs/trap-table.mjs            writes it
//   node tools/docs/trap-table.mjs --check    exit 5 if it names a test that does not exist, or if a trap has no test
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const target = `${root}docs/traps.md`;

const groups = [
  [
    'Input',
    [
      [
        1,
        'labels are in `label_name` in one layout and in `label` in another: loaded by a fixed name, none were found, and the run reported success',
      ],
      [
        2,
        'a column was missing or misspelt: its table was skipped, or every release had no artists and was pruned',
      ],
      [
        3,
        'a dump was recognised by its file name: `releases.xml.gz` was not, nothing was converted, and the run reported success',
      ],
      [
        4,
        'filter and matcher normalised differently: `Nirvana (2)`, `Simon And Garfunkel`, `Bjørk` were dropped',
      ],
      [
        5,
        'full-width digits and 0000 were taken for years; an artist was not main because an extra row came first',
      ],
      [
        6,
        'NUL and invalid bytes ended COPY after an hour; the literal `NULL` of an export became an artist',
      ],
      [7, 'engineers and remixers of a track were stored as its performers'],
      [
        8,
        'an empty element swallowed the next record; values carried over from the previous record; a track’s title was taken for the release’s',
      ],
      [9, 'characters, quotes, CRLF and record ends were split between two chunks'],
    ],
  ],
  [
    'Selection',
    [
      [10, 'a release with two main artists was both kept and pruned, and so deleted'],
      [11, 'compilations were always pruned, and so were bands with “soundtrack” in their names'],
      [12, 'dedup removed the owned pressing, then the survivor was pruned: the album was gone'],
      [
        13,
        'an unknown country outranked US; releases without tracks were never deduplicated; a missing track file turned dedup off',
      ],
      [
        14,
        'an artist that a person had mapped to keep was pruned; a release without a main artist was kept by prune and dropped by copy',
      ],
    ],
  ],
  [
    'Database',
    [
      [15, 'CREATE TABLE AS lost NOT NULL, defaults and unique keys'],
      [16, 'rename and drop in two transactions: a crash in between left no table'],
      [17, 'a long name overflowed a btree; the build failed, or went on without its unique keys'],
      [18, 'a second run failed, or took the leftovers of a crashed one for its own'],
      [19, 'two runs at once shared their scratch tables and lost releases'],
      [20, '`NOT IN (subquery)` with foreign keys in place took hours instead of seconds'],
      [21, 'a reload wiped artwork URLs, what consumers had fetched, and GRANTs'],
      [22, 'a consumer’s write during the build made a foreign key fail, or deadlocked'],
      [
        23,
        'index expression and predicate differed: sequential scans; one of two index files forgotten on the copy',
      ],
      [
        24,
        'copying to the source dropped the source; `?sslmode=require` became part of the name; with `--xml` the target was ignored',
      ],
    ],
  ],
  [
    'Running',
    [
      [
        25,
        'a step failed with exit 0; resume trusted any table that had a row, and kept half an import or loaded tracks twice',
      ],
      [
        26,
        'a run without a library was recorded as pruned, and a resume with one skipped the step',
      ],
      [27, 'passwords in logs, state files and error messages; percent-encoded ones not decoded'],
      [
        28,
        'the temporary directory was a small memory disk; partial files were taken for complete ones',
      ],
      [29, 'a driver never settled a COPY with a bad row'],
      [30, 'old MySQL servers: latin1 and pre-4.1 logins, and no way in but a live connection'],
    ],
  ],
];

/** Titles of all tests that name a trap: trap number → [{ file, title }]. */
function findTests() {
  const found = new Map();
  for (const folder of ['packages', 'tools']) {
    for (const name of readdirSync(`${root}${folder}`).sort()) {
      const tests = `${root}${folder}/${name}/test`;
      if (!existsSync(tests)) continue;
      for (const file of readdirSync(tests, { recursive: true })
        .map(String)
        .filter((path) => path.endsWith('.test.ts'))
        .sort()) {
        const text = readFileSync(`${tests}/${file}`, 'utf8');
        for (const [, , title] of text.matchAll(/(['"`])(traps? \d+\b(?:(?!\1)[^\\\n]|\\.)*)\1/g)) {
          // "trap 06" and "traps 8 and 9" alike.
          for (const number of /^traps? [\d, and]+/.exec(title)[0].match(/\d+/g)) {
            const entry = {
              file: `${folder}/${name}/test/${file}`,
              title: title.replace(/\\(.)/g, '$1'),
            };
            found.set(Number(number), [...(found.get(Number(number)) ?? []), entry]);
          }
        }
      }
    }
  }
  return found;
}

const tests = findTests();
const missing = groups.flatMap(([, traps]) => traps).filter(([number]) => !tests.has(number));
const cell = (text) => text.replace(/\|/g, '\\|').replace(/^traps? [\d, and]+[:,]?\s*/, '');
const section = ([name, traps]) =>
  [
    `## ${name}`,
    '',
    '| # | what went wrong | tested in |',
    '|---|---|---|',
    ...traps.map(([number, what]) => {
      const byFile = new Map();
      for (const { file, title } of tests.get(number) ?? [])
        byFile.set(file, [...(byFile.get(file) ?? []), cell(title)]);
      const places = [...byFile].map(
        ([file, titles]) =>
          `[${file.replace(/^(packages|tools)\/([^/]+)\/test\//, '$2: ')}](../${file}): ${titles.join('; ')}`,
      );
      return `| ${number} | ${what} | ${places.join('<br>') || 'no test'} |`;
    }),
  ].join('\n');

const text = [
  '# Known traps',
  'Each of these has happened to a pipeline that does this job, and has tests named `trap NN: …` that fail without the safeguard. Run those of one trap with\n`npm run jest -- -t "trap 06"`. The list of tests is generated by `npm run docs`.',
  ...groups.map(section),
].join('\n\n');

if (process.argv.includes('--check')) {
  // A test may be missing from the page; a test on the page must exist.
  const there = existsSync(target) ? readFileSync(target, 'utf8') : '';
  const known = new Set(
    [...tests.values()].flat().map(({ file, title }) => `${file}: ${cell(title)}`),
  );
  const rows = there.split('\n').filter((line) => /^\| \d+ \|/.test(line));
  const gone = rows
    .flatMap((line) =>
      [...line.matchAll(/\]\(\.\.\/([^)]+)\): (.*?)(?=<br>| \|$)/g)].flatMap(([, file, titles]) =>
        titles.split('; ').map((title) => `${file}: ${title}`),
      ),
    )
    .filter(
      (entry) =>
        !known.has(entry) &&
        ![...known].some(
          (one) =>
            one.includes('; ') &&
            entry.split(': ')[0] === one.split(': ')[0] &&
            one.includes(entry.slice(entry.indexOf(': ') + 2)),
        ),
    );
  if (rows.length !== groups.flatMap(([, traps]) => traps).length || gone.length > 0) {
    console.error(`docs/traps.md is out of date (${gone[0] ?? 'rows are missing'}): npm run docs`);
    process.exitCode = 5;
  }
} else {
  writeFileSync(target, `${text}\n`);
  console.log(`${target} written`);
}
if (missing.length > 0) {
  console.error(`without a test: trap ${missing.map(([number]) => number).join(', ')}`);
  process.exitCode = 5;
}
