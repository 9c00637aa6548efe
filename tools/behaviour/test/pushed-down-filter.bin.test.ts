// The filter and the cleaning pushed into convert, against the three steps one after the other: the same bytes.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { convert } from '@wxyc/convert';
import { filter } from '@wxyc/filter';
import { fixNewlines } from '@wxyc/fix-newlines';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { BadInputError } from '@wxyc/step';
import { runBin, temporaryFolder } from '@wxyc/testing';

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );

async function sample(folder: string, seed: number, generation: 'old' | 'new', releases: number) {
  const dump = join(folder, 'dump.xml.gz');
  const libraryDb = join(folder, 'library.db');
  const libraryArtists = join(folder, 'artists.txt');
  await writeDump(dump, { releases, seed, generation });
  writeLibrary(libraryDb, libraryArtists, { releases, seed, albums: Math.ceil(releases / 10) });
  return { dump, libraryDb, libraryArtists };
}

test('convert with the filter writes what convert, fix-newlines and filter write', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1_000_000),
      fc.constantFrom('old' as const, 'new' as const),
      fc.integer({ min: 30, max: 80 }),
      fc.boolean(),
      fc.boolean(),
      async (seed, generation, releases, withLibrary, matchedOnly) => {
        const folder = temporaryFolder();
        const { dump, libraryDb, libraryArtists } = await sample(
          folder,
          seed,
          generation,
          releases,
        );
        const path = (name: string): string => join(folder, name);
        const library = withLibrary ? { libraryDb, matchedOnly } : {};
        const decisions = (name: string) =>
          withLibrary && matchedOnly ? { decisions: path(name) } : {};
        await convert({ inputs: [dump], output: path('full') });
        await fixNewlines({ input: path('full'), output: path('clean') });
        const refused = (error: unknown): BadInputError => {
          if (error instanceof BadInputError) return error;
          throw error;
        };
        const apart = await filter({
          libraryArtists,
          input: path('clean'),
          output: path('apart'),
          ...library,
          ...decisions('apart.csv'),
        }).catch(refused);
        const together = await convert({
          inputs: [dump],
          output: path('together'),
          libraryArtists,
          ...library,
          cleanNewlines: true,
          jobs: 2,
          ...decisions('together.csv'),
        }).catch(refused);
        // A small library may own nothing of a small dump: then both say so.
        if (apart instanceof Error || together instanceof Error) {
          expect([apart, together]).toEqual([expect.any(BadInputError), expect.any(BadInputError)]);
          return;
        }
        expect(contents(path('together'))).toEqual(contents(path('apart')));
        expect(together).toMatchObject({
          read: apart.read,
          written: apart.written,
          dropped: apart.dropped,
        });
        expect(together.decisions).toEqual(apart.decisions);
        if (withLibrary && matchedOnly)
          expect(readFileSync(path('together.csv'), 'utf8')).toBe(
            readFileSync(path('apart.csv'), 'utf8'),
          );
      },
    ),
    { numRuns: 6, examples: [[2, 'old', 30, false, false]] },
  );
});

test('the same with the bins', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'dumps'));
  const { libraryDb, libraryArtists } = await sample(folder, 5, 'new', 100);
  await writeDump(join(folder, 'dumps', 'any-name.xml.gz'), {
    releases: 100,
    seed: 5,
    generation: 'new',
  });
  const run = async (name: string, ...args: string[]): Promise<void> =>
    expect(await runBin(name, args, { cwd: folder })).toMatchObject({ code: 0 });
  await run('wxyc-convert', 'dumps', '--output', 'full');
  await run('wxyc-fix-newlines', 'full', 'clean');
  await run('wxyc-filter', libraryArtists, 'clean', 'apart', '--library-db', libraryDb);
  await run(
    'wxyc-convert',
    'dumps',
    '--output',
    'together',
    '--library-artists',
    libraryArtists,
    '--library-db',
    libraryDb,
    '--clean-newlines',
  );
  expect(contents(join(folder, 'together'))).toEqual(contents(join(folder, 'apart')));
});
