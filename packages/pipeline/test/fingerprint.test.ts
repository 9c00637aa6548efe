/** How a resume tells whether a file is the one that the run began with. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@wxyc/testing';
import type { PipelineOptions } from '@wxyc/pipeline';
import { fileFingerprint } from '@wxyc/csv';
import { differences, fingerprintInputs } from '../dist/fingerprint.js';
import type { Plan } from '../dist/run-plan.js';

const mb = 1 << 20;
const folder = temporaryFolder();
const fileOf = (content: Buffer): string => {
  const file = join(folder, `${Math.random()}.xml.gz`);
  writeFileSync(file, content);
  return file;
};

test.each([
  ['a small file', 10, [0, 5, 9]],
  ['a file of one piece', mb, [0, mb / 2, mb - 1]],
  ['a file of four pieces', 4 * mb, [0, mb, 2 * mb, 3 * mb, 4 * mb - 1]],
  ['a large file', 9 * mb, [0, mb - 1, 4.5 * mb, 8 * mb, 9 * mb - 1]],
])(
  '%s of %i bytes: a changed byte is noticed at its beginning, middle and end',
  async (_, size, places) => {
    const content = Buffer.alloc(size, 7);
    const print = await fileFingerprint(fileOf(content));
    expect(print).toMatch(new RegExp(`^${size} bytes, [0-9a-f]{16}$`));
    for (const place of places) {
      const changed = Buffer.from(content);
      changed[place] = 8;
      const other = await fileFingerprint(fileOf(changed));
      expect({ place, same: other === print }).toEqual({ place, same: false });
    }
  },
);

test('a file that was moved is the same, one that is longer is not', async () => {
  const file = fileOf(Buffer.alloc(100, 1));
  copyFileSync(file, `${file}.moved`);
  expect(await fileFingerprint(`${file}.moved`)).toBe(await fileFingerprint(file));
  expect(await fileFingerprint(fileOf(Buffer.alloc(101, 1)))).not.toBe(await fileFingerprint(file));
  expect(await fileFingerprint(fileOf(Buffer.alloc(0)))).toMatch(/^0 bytes, /);
});

test('every file and option that decides what is built is compared', async () => {
  const files = ['libraryArtists', 'mappingsFile', 'alternates', 'keepIds', 'aliases'] as const;
  const options: PipelineOptions = {
    databaseUrl: 'postgresql://h/d',
    csvDir: temporaryFolder(),
    libraryArtists: fileOf(Buffer.from('1')),
    mappingsFile: fileOf(Buffer.from('2')),
    alternates: fileOf(Buffer.from('3')),
    keepIds: fileOf(Buffer.from('4')),
    aliases: fileOf(Buffer.from('5')),
    wxycDbUrl: 'mysql://me:p4ssw@h/w',
    targetDbUrl: 'postgresql://me:p4ssw@h/t',
    preferCountry: 'UK',
  };
  const print = (given: PipelineOptions, further: Partial<Plan> = {}) =>
    fingerprintInputs({
      options: given,
      csvDir: given.csvDir,
      mode: 'copy',
      matchedOnly: false,
      profile: 'lean',
      ...further,
    } as Plan);
  const before = await print(options);
  expect(JSON.stringify(before)).not.toContain('p4ssw');
  const changed = async (given: object, further: Partial<Plan> = {}): Promise<string[]> => {
    const after = await print({ ...options, ...given }, further);
    return Object.keys(after).filter((name) => after[name] !== before[name]);
  };
  const names = ['artist list', 'mappings', 'alternates', 'release ids to keep', 'aliases'];
  for (const [at, file] of files.entries())
    expect(await changed({ [file]: fileOf(Buffer.from('x')) })).toEqual([names[at]]);
  expect(await changed({ preferCountry: 'US' })).toEqual(['preferred country']);
  expect(await changed({ wxycDbUrl: 'mysql://h/v' })).toEqual(['WXYC catalogue']);
  expect(await changed({ targetDbUrl: 'postgresql://h/u' })).toEqual(['target database']);
  expect(await changed({}, { profile: 'full' })).toEqual(['profile']);
  expect(await changed({}, { mode: 'all' })).toEqual(['mode']);
  expect(await changed({}, { matchedOnly: true })).toEqual(['mode']);
  writeFileSync(join(options.csvDir!, 'release.csv'), 'id,title\n');
  expect(await changed({})).toEqual(['CSV files']);
  // Made by an earlier run, and read by the steps that decide.
  const beside = async (library: object): Promise<string[]> =>
    (await changed(library)).filter((name) => / of (artists|labels)$/.test(name));
  writeFileSync(join(options.csvDir!, 'library_aliases.csv'), 'artist_id,name\n');
  expect(await beside({})).toEqual(['names of artists']);
  const libraryDb = fileOf(Buffer.from('artist,title\nA,B\n'));
  for (const name of ['label.csv', 'library_labels.csv']) {
    const without = await print({ ...options, libraryDb });
    writeFileSync(join(options.csvDir!, name), `name,parent_name\n${name},\n`);
    const now = await print({ ...options, libraryDb });
    expect(Object.keys(now).filter((key) => now[key] !== without[key])).toEqual([
      'parents of labels',
    ]);
  }
});

describe('what differs from the run before is named by the flag that gives it', () => {
  const dump = (month: string): string => `discogs_${month}01_releases.xml.gz, 12 bytes, ab`;
  test.each<[string, Record<string, string>, Record<string, string>, object, string]>([
    [
      'another dump',
      { dump: dump('202608') },
      { dump: dump('202609') },
      { xml: 'releases.xml.gz' },
      '--xml releases.xml.gz differs from the dump of that run, discogs_20260801_releases.xml.gz',
    ],
    [
      'another month',
      { dump: dump('202608') },
      { dump: dump('202609') },
      { month: '2026-09' },
      '--month 2026-09 differs from the dump of that run, discogs_20260801_releases.xml.gz',
    ],
    [
      'a dump that is not fetched any more',
      { 'labels dump': 'x' },
      {},
      { month: '2026-09' },
      'that run fetched the labels dump, this one does not',
    ],
    [
      'a dump that was not fetched then',
      {},
      { 'labels dump': 'x' },
      { month: '2026-09' },
      'that run did not fetch the labels dump (--releases-only leaves it out)',
    ],
    [
      'a file that is gone',
      { mappings: 'x' },
      {},
      {},
      '--mappings-file was given in that run but is not now (the mappings)',
    ],
    [
      'a file that is new',
      {},
      { mappings: 'x' },
      { mappingsFile: 'm.json' },
      '--mappings-file m.json was not given in that run (the mappings)',
    ],
    [
      'another file',
      { mappings: 'x' },
      { mappings: 'y' },
      { mappingsFile: 'm.json' },
      '--mappings-file m.json differs from the mappings of that run',
    ],
    [
      'a file beside the CSV files that changed',
      { 'names of artists': 'x' },
      { 'names of artists': 'y' },
      { csvDir: 'csv' },
      "library_aliases.csv in --csv-dir csv differs from that run's",
    ],
    [
      'a file beside the CSV files that is gone',
      { 'parents of labels': 'x' },
      {},
      { csvDir: 'csv' },
      'library_labels.csv or label.csv in --csv-dir csv was there in that run but is not now',
    ],
    [
      'a file beside the CSV files that is new, or that the version then did not note',
      {},
      { 'names of artists': 'x' },
      { csvDir: 'csv' },
      'library_aliases.csv in --csv-dir csv was not there in that run, or an earlier version began it, which did not note such files',
    ],
    [
      'another word',
      { 'score cutoff': '0.9' },
      { 'score cutoff': '0.8' },
      {},
      '--score-cutoff is 0.8 but was 0.9',
    ],
    [
      'a word that is gone',
      { 'preferred country': 'UK' },
      {},
      {},
      '--prefer-country was given in that run but is not now (the preferred country: UK)',
    ],
    [
      'a word that is new',
      {},
      { 'preferred country': 'UK' },
      {},
      '--prefer-country UK was not given in that run (the preferred country)',
    ],
    [
      'other rules',
      { 'rules version': '1' },
      { 'rules version': '2' },
      {},
      'another version decided in that run, with other rules',
    ],
    [
      'another way',
      { mode: 'prune, matched only' },
      { mode: 'copy' },
      {},
      'that run was to keep what the library owns, loading matches only, this one is to copy to a target',
    ],
    ['what no flag gives', { else: '1' }, { else: '2' }, {}, 'the else differs'],
  ])('%s', (_, then, now, options, sentence) => {
    const lean = { profile: 'lean' };
    expect(
      differences(then, { ...lean, ...now }, { databaseUrl: 'x', ...options } as PipelineOptions),
    ).toEqual([sentence]);
    expect(differences(now, { ...lean, ...now }, options as PipelineOptions)).toEqual([]);
  });
});
