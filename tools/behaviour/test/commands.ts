/** Every bin, and the smallest call of it that does something. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { root, runBin, temporaryFolder } from '@wxyc/testing';

export const bins = readdirSync(`${root}packages`)
  .filter((name) => existsSync(`${root}packages/${name}/bin`))
  .map((name) => `wxyc-${name}`);

export interface Inputs {
  folder: string;
  xml: string;
  libraryDb: string;
  artists: string;
  csv: string;
}

/** A small dump, a library that owns some of it, and the dump's filtered CSV files. */
export async function makeInputs(releases = 150): Promise<Inputs> {
  const folder = temporaryFolder('inputs-');
  const [xml, libraryDb, artists, csv] = [
    'releases.xml.gz',
    'library.db',
    'artists.txt',
    'csv',
  ].map((name) => join(folder, name)) as [string, string, string, string];
  await writeDump(xml, { releases, generation: 'old' });
  writeLibrary(libraryDb, artists, { releases, albums: Math.round(releases / 5) });
  const { code, stderr } = await runBin('wxyc-convert', [
    xml,
    '--output',
    csv,
    '--library-artists',
    artists,
    '--clean-newlines',
  ]);
  if (code !== 0) throw new Error(stderr);
  return { folder, xml, libraryDb, artists, csv };
}

/** Calls that need a database: `url` is put where the bin takes it. */
export function databaseCalls({
  csv,
  libraryDb,
  xml,
}: Inputs): [bin: string, words: (url: string) => string[]][] {
  return [
    ['wxyc-schema', (url) => ['create', url]],
    ['wxyc-schema', (url) => ['check', url]],
    ['wxyc-schema', (url) => ['publish', url]],
    ['wxyc-import', (url) => [csv, url]],
    ['wxyc-index', (url) => [url]],
    ['wxyc-dedup', (url) => ['--database-url', url, '--library-db', libraryDb]],
    ['wxyc-verify', (url) => [libraryDb, url]],
    ['wxyc-verify', (url) => [libraryDb, url, '--prune']],
    ['wxyc-verify', (url) => ['explain', '1', libraryDb, url]],
    ['wxyc-verify', (url) => ['review', libraryDb, url]],
    ['wxyc-vacuum', (url) => [url]],
    ['wxyc-artwork', (url) => [url, '--dry-run']],
    ['wxyc-search', (url) => ['a', '--database-url', url]],
    ['wxyc-pipeline', (url) => ['--xml', xml, '--library-db', libraryDb, '--database-url', url]],
    ['wxyc-pipeline', (url) => ['--csv-dir', csv, '--database-url', url, '--resume']],
    [
      'wxyc-pipeline',
      (url) => ['doctor', '--xml', xml, '--library-db', libraryDb, '--database-url', url],
    ],
  ];
}
