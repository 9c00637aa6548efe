/** A package's files depend on each other in one direction, types included: what two of them need has its own file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '@wxyc/testing';
import ts from 'typescript';

const folders = ['packages', 'tools'].flatMap((group) =>
  readdirSync(join(root, group))
    .map((name) => `${group}/${name}/src`)
    .filter((folder) => existsSync(join(root, folder))),
);

/** File to the files of the same folder that it imports. */
function importsOf(folder: string): Map<string, string[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
      const imported = importedFiles.map(({ fileName }) =>
        join(dirname(file), fileName.replace(/\.js$/, '.ts')),
      );
      return [file, imported.filter((name) => files.includes(name))];
    }),
  );
}

/** The first circle found, as a path that ends where it begins. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    const before = path.indexOf(file);
    if (before >= 0) return [...path.slice(before), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}

it.each(folders)('%s has no circle', (folder) => {
  const circle = circleIn(importsOf(join(root, folder)));
  expect(circle?.map((file) => file.slice(root.length))).toBeUndefined();
});

it('finds a circle', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ]);
  expect(circleIn(imports)).toEqual(['b', 'c', 'b']);
});
