import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  dumpText,
  makeLibrary,
  makeRelease,
  ownedReleases,
  World,
  writeDump,
  writeLibrary,
  type Release,
} from '@wxyc/sample';
import { temporaryFolder } from '@wxyc/testing';

const sample = { releases: 2000, albums: 200 };
const text = (options: Parameters<typeof dumpText>[0]): string => [...dumpText(options)].join('');
const all = (releases: number): Release[] => {
  const world = new World({ releases });
  return Array.from({ length: releases }, (_, index) => makeRelease(world, index));
};

describe('the dump', () => {
  it('is the same for the same numbers and another for another seed', () => {
    expect(text({ releases: 50 })).toBe(text({ releases: 50 }));
    expect(text({ releases: 50, seed: 2 })).not.toBe(text({ releases: 50 }));
  });

  it('is a gzipped file of the same text if the name says so', async () => {
    const file = join(temporaryFolder(), 'sample.xml.gz');
    await writeDump(file, { releases: 200 });
    expect(gunzipSync(readFileSync(file)).toString()).toBe(text({ releases: 200 }));
  });

  it('has ids that ascend and do not repeat', () => {
    const ids = [...text(sample).matchAll(/<release id="(\d+)"/g)].map((match) => Number(match[1]));
    expect(ids).toHaveLength(2000);
    expect(ids.every((id, index) => index === 0 || id > ids[index - 1]!)).toBe(true);
  });

  it('has the marks of each generation', () => {
    const old = text({ ...sample, generation: 'old' });
    const young = text({ ...sample, generation: 'new' });
    expect(old).toMatch(/<anv\/><join\/><role\/><tracks\/>/);
    expect(old).toMatch(/<image type="primary" uri="" uri150=""/);
    expect(old).toMatch(/<id>0<\/id>/);
    expect(old).not.toMatch(/<series>/);
    expect(young).not.toMatch(/<image|<\w+\/>|<id>0</);
    expect(young).toMatch(/<series><series name="[^"]+" catno/);
    for (const dump of [old, young]) {
      expect(dump).toMatch(/&#13;\n/);
      expect(dump).toMatch(/&amp;/);
      expect(dump.match(/<release /g)).toHaveLength(2000);
      expect(dump.match(/<\/release>/g)).toHaveLength(2000);
    }
  });

  it('has what makes real dumps hard', () => {
    const releases = all(10_000);
    const count = (has: (release: Release) => boolean): number => releases.filter(has).length;
    expect(count((r) => r.artists.length > 1)).toBeGreaterThan(1000);
    expect(count((r) => r.artists[0]?.name === 'Various')).toBeGreaterThan(500);
    expect(count((r) => r.artists.some(({ name }) => / \(\d+\)$/.test(name)))).toBeGreaterThan(300);
    expect(count((r) => r.tracks.some(({ sub }) => sub.length > 0))).toBeGreaterThan(100);
    expect(count((r) => r.country === '')).toBeGreaterThan(100);
    expect(count((r) => r.masterId === null)).toBeGreaterThan(3000);
    expect(count((r) => r.tracks.length === 0)).toBeGreaterThan(50);
    expect(count((r) => r.artists.length === 0)).toBeGreaterThan(0);
    expect(count((r) => Buffer.byteLength(r.title) > 6000)).toBeGreaterThan(0);
    expect(
      count((r) => r.artists.some(({ name }) => Buffer.byteLength(name) >= 2900)),
    ).toBeGreaterThan(0);
    const pressings = new Map<number, Release[]>();
    for (const release of releases)
      if (release.masterId)
        pressings.set(release.masterId, [...(pressings.get(release.masterId) ?? []), release]);
    const several = [...pressings.values()].filter((list) => list.length > 1);
    expect(several.length).toBeGreaterThan(1000);
    expect(
      several.filter((list) => new Set(list.map(({ tracks }) => tracks.length)).size > 1).length,
    ).toBeGreaterThan(500);
    expect(
      several.filter(
        (list) =>
          list.some(({ country }) => country === 'US') &&
          list.some(({ country }) => country !== 'US'),
      ).length,
    ).toBeGreaterThan(500);
  });

  it('does not repeat its titles and names', () => {
    const releases = all(10_000);
    expect(new Set(releases.map(({ title }) => title)).size).toBeGreaterThan(6000);
    const tracks = releases.flatMap((release) => release.tracks.map(({ title }) => title));
    expect(new Set(tracks).size).toBeGreaterThan(tracks.length / 3);
  });
});

describe('the library', () => {
  it('writes its albums down in easy and hard ways', () => {
    const kinds = new Set(makeLibrary({ releases: 10_000 }).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'alternate',
      'ampersand',
      'bracket',
      'case',
      'compilation',
      'exact',
      'joined',
      'name, the',
      'near miss',
      'other volume',
      'plain letters',
      'retitled',
      'stranger',
      'title suffix',
      'typo',
      'variation',
    ]);
  });

  it('has the size asked for, also beyond the dump', () => {
    expect(makeLibrary({ releases: 500, albums: 3000 })).toHaveLength(3000);
  });

  it('lists its artists without compilations, sorted by code point', () => {
    const folder = temporaryFolder();
    const rows = writeLibrary(join(folder, 'library.db'), join(folder, 'artists.txt'), sample);
    const names = readFileSync(join(folder, 'artists.txt'), 'utf8').trimEnd().split('\n');
    expect(names.length).toBeGreaterThan(50);
    expect(names.some((name) => /various/i.test(name))).toBe(false);
    expect(new Set(names)).toEqual(
      new Set(rows.filter(({ kind }) => kind !== 'compilation').map(({ artist }) => artist)),
    );
  });

  it('owns releases of the dump under their own title', () => {
    const world = new World(sample);
    const titles = new Map(all(2000).map((release) => [release.id, release.title]));
    const owned = [...ownedReleases(sample)];
    expect(owned.length).toBeGreaterThan(150);
    for (const { id, album } of owned) expect(titles.get(id)).toBe(world.album(album).title);
  });
});
