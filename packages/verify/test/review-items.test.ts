/** What a review asks about: each artist's albums in doubt, the closest pressing of each, the closest album first. */
import type { Decision, Release } from '@wxyc/matching';
import { ReviewItems } from '../dist/review-items.js';

const doubt = (title: string, score: number, more: Partial<Decision> = {}): Decision =>
  ({
    decision: 'REVIEW',
    rule: '3 same artist',
    spelling: 'Sade',
    title,
    album: 0,
    libraryArtist: 'Sade',
    libraryTitle: `row of ${score}`,
    artistScore: 1,
    titleScore: score,
    score,
    ...more,
  }) as Decision;

const release = (id: number, ...names: string[]): Pick<Release, 'id' | 'credits'> => ({
  id,
  credits: (names.length > 0 ? names : ['Sade']).map((one) => {
    const [name, variation] = one.split('*');
    return { name: name!, variation };
  }),
});

test.each([
  ['first', [2, 1, 3]],
  ['last', [1, 3, 2]],
  ['in the middle', [1, 2, 3]],
])('of pressings with one title the closest one is shown; it came %s', (_, order) => {
  const scores: Record<number, number> = { 1: 0.7, 2: 0.9, 3: 0.8 };
  const items = new ReviewItems();
  for (const id of order) items.add(release(id), doubt('Diamond Life', scores[id]!));
  const [item] = items.list();
  expect(item).toMatchObject({ artist: 'Sade', releases: 3 });
  expect(item!.albums).toHaveLength(1);
  expect(item!.albums[0]).toMatchObject({ score: 0.9, libraryTitle: 'row of 0.9' });
  expect(item!.albums[0]!.releaseIds[0]).toBe(2);
  expect([...item!.albums[0]!.releaseIds].sort()).toEqual([1, 2, 3]);
});

test('of equally close pressings the first one is shown', () => {
  const items = new ReviewItems();
  items.add(release(5), doubt('Promise', 0.8, { libraryTitle: 'one' }));
  items.add(release(6), doubt('Promise', 0.8, { libraryTitle: 'other' }));
  expect(items.list()[0]!.albums[0]).toMatchObject({ libraryTitle: 'one', releaseIds: [5, 6] });
});

test('the closest album comes first, equals by title; artists by releases, those without one last', () => {
  const items = new ReviewItems();
  for (const id of [1, 2, 3])
    items.add(release(id), doubt(`Sampler ${id}`, 0.99, { spelling: null, libraryArtist: null }));
  items.add(release(10), doubt('Near', 0.81));
  items.add(release(11), doubt('Nearer', 0.85));
  items.add(release(12), doubt('Also nearer', 0.85));
  items.add(release(13, 'Cat Power'), doubt('Elsewhere', 0.9, { spelling: 'Cat Power' }));
  items.add(release(14), doubt('Kept', 1, { decision: 'KEEP' }));
  items.add(release(15, 'Aardvark'), doubt('Alone', 0.9, { spelling: 'Aardvark' }));
  const list = items.list();
  expect(list.map(({ artist, releases }) => `${artist} ${releases}`)).toEqual([
    'Sade 3',
    'Aardvark 1',
    'Cat Power 1',
    'null 1',
    'null 1',
    'null 1',
  ]);
  expect(list[0]!.albums.map(({ title }) => title)).toEqual(['Also nearer', 'Nearer', 'Near']);
});

test('an artist is what a mapping would be looked up by: the name of a credit, and no other', () => {
  const items = new ReviewItems();
  items.add(release(1, 'Tom (14)*Tom'), doubt('A', 0.9, { spelling: 'Tom' }));
  items.add(
    release(2, 'Robert Rich', 'B. Lustmord'),
    doubt('B', 0.9, { spelling: 'B. Lustmord / Robert Rich' }),
  );
  items.add(release(3, 'Robert Rich & B. Lustmord'), doubt('B', 0.9, { spelling: 'robert rich' }));
  expect(items.list().map(({ artist, albums }) => [artist, albums[0]!.releaseIds])).toEqual([
    ['Tom (14)', [1]],
    [null, [2]],
    [null, [3]],
  ]);
});
