/** What the packages export is what docs/api says: a change of the public surface is seen in review. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@wxyc/testing';

const folder = join(root, 'docs/api');
const { apiReports } = (await import(join(root, 'tools/docs/api-report.mjs'))) as {
  apiReports: () => { reports: Map<string, string>; problems: string[] };
};
const { reports, problems } = apiReports();

test('there is a report of every package', () => {
  expect(readdirSync(folder).sort()).toEqual([...reports.keys()].map((name) => `${name}.txt`));
});

test.each([...reports])('@wxyc/%s: as reported, else run npm run docs', (name, text) => {
  expect(text).toBe(readFileSync(join(folder, `${name}.txt`), 'utf8'));
});

test('no two packages export different things under one name', () => {
  const homes = new Map<string, string[]>();
  for (const [name, text] of reports)
    for (const [, defined] of text.matchAll(
      /^export (?:declare )?(?:abstract )?(?:interface|class|function|const|type) (\w+)/gm,
    ))
      if (!homes.get(defined!)?.includes(name))
        homes.set(defined!, [...(homes.get(defined!) ?? []), name]);
  expect([...homes].filter(([, packages]) => packages.length > 1)).toEqual([]);
});

test('every type that is used can be imported, and options, results and functions are commented', () => {
  expect(problems).toEqual([]);
});
