/** For every library album: found, in doubt, or the nearest release and what it lacks. */
import { Classifier, measureCoverage, NearestReleases, type Release } from '@wxyc/matching';
import { coverageColumns, coverageValues } from '../dist/coverage-file.js';

const library = [
  { artist: 'Stereolab', title: 'Dots and Loops' },
  { artist: 'Stereolab', title: 'Emperor Tomato Ketchup' },
  { artist: 'Various Artists', title: 'Pebbles Volume 1' },
  { artist: 'Chicago', title: 'Chicago V' },
  { artist: 'Pram', title: 'The Stars Are So Big' },
  { artist: 'Bailter Space', title: 'Robot World' },
  { artist: 'stereolab', title: 'Dots & Loops' },
  { artist: 'Nobody At All', title: 'Never Pressed' },
  { artist: 'Laika', title: 'Silver Apples Of The Moon' },
];

const release = (id: number, artist: string, title: string): Release => ({
  id,
  title,
  credits: artist === '' ? [] : [{ name: artist }],
});
const releases = [
  release(1, 'Stereolab', 'Dots And Loops'),
  release(2, 'Stereolab', 'Dots And Loops (Deluxe Edition)'),
  release(3, 'Stereolab', 'Emperor Tomato'),
  release(4, 'Stereolab', 'Emperor Potato'),
  release(5, 'Chicago', 'Chicago XVI'),
  release(6, 'Chicago', 'Chicago 17'),
  release(7, 'Pram', 'Sargasso Sea'),
  release(8, 'Someone Quite Other', 'Robot World'),
  release(9, 'Laika', 'Silver Apples Of A Moon'),
  release(10, 'Various', 'Pebbles Volume 1'),
];

function collect(order: readonly Release[], workers = 1): NearestReleases {
  const all = new NearestReleases(library);
  const parts = Array.from({ length: workers }, () => {
    const classifier = new Classifier({ library });
    const nearest = new NearestReleases(library);
    nearest.observe(classifier);
    return { classifier, nearest };
  });
  for (const [at, one] of order.entries()) {
    const { classifier, nearest } = parts[at % workers]!;
    classifier.decide(one);
    all.add(JSON.parse(JSON.stringify(nearest.takeNews())));
  }
  return all;
}

const rowsOf = (nearest: NearestReleases) =>
  [...coverageValues({ rows: library }, nearest)].map((values) =>
    Object.fromEntries(coverageColumns.map((column, at) => [column, values[at]])),
  );

test('each album once, with what was found or what the nearest release lacks', () => {
  const rows = rowsOf(collect(releases));
  expect(
    rows.map(({ library_row, status, release_ids, nearest_release, missing }) => [
      library_row,
      status,
      release_ids,
      nearest_release,
      missing,
    ]),
  ).toEqual([
    [1, 'found', '1 2', null, null],
    [2, 'missing', '', 3, 'title'],
    [3, 'found', '10', null, null],
    [4, 'missing', '', 5, 'number'],
    [5, 'missing', '', 7, 'title'],
    [6, 'missing', '', 8, 'artist'],
    [8, 'missing', '', null, 'not in the dump'],
    [9, 'in doubt', '9', 9, 'title'],
  ]);
  expect(rows[1]).toMatchObject({
    artist: 'Stereolab',
    nearest_artist: 'Stereolab',
    nearest_title: 'Emperor Tomato',
  });
  expect(rows[1]!['score']).toBeGreaterThan(0.5);
});

test('the counts add up to the size of the library', () => {
  const coverage = measureCoverage({ rows: library, leftOut: 3 }, collect(releases));
  expect(coverage).toMatchObject({
    size: { albums: 8, leftOut: 3 },
    found: 2,
    inDoubt: 1,
    missing: 5,
  });
  expect(coverage.missingAlbums.map(({ title, missing }) => [title, missing])).toEqual([
    ['Emperor Tomato Ketchup', 'title'],
    ['Chicago V', 'number'],
    ['The Stars Are So Big', 'title'],
    ['Robot World', 'artist'],
    ['Never Pressed', 'not in the dump'],
  ]);
  expect(coverage.inDoubtAlbums).toMatchObject([{ nearest: { releaseId: 9 } }]);
});

test('neither the order of the releases nor the number of threads matters', () => {
  const expected = rowsOf(collect(releases));
  expect(rowsOf(collect([...releases].reverse()))).toEqual(expected);
  expect(rowsOf(collect(releases, 3))).toEqual(expected);
});

test('decisions are the same with and without it', () => {
  const plain = new Classifier({ library });
  const observed = new Classifier({ library });
  new NearestReleases(library).observe(observed);
  for (const one of releases) expect(observed.decide(one)).toEqual(plain.decide(one));
});

test('an album that is filed twice, under two spellings of the artist, is found twice', () => {
  const twice = [
    { artist: 'Belle and Sebastian', title: 'Tigermilk' },
    { artist: 'Belle and Sebastien', title: 'Tigermilk' },
  ];
  const classifier = new Classifier({ library: twice });
  const nearest = new NearestReleases(twice);
  nearest.observe(classifier);
  classifier.decide(release(1, 'Belle & Sebastian', 'Tigermilk'));
  expect(measureCoverage({ rows: twice, leftOut: 0 }, nearest)).toMatchObject({
    size: { albums: 2 },
    found: 2,
  });
});

test('an album that only a doubtful release comes near is in doubt, and so is what it lacks', () => {
  const nearest = collect([release(20, 'Laika', 'Silver Apples In The Moon Sea')]);
  const row = rowsOf(nearest).find(({ artist }) => artist === 'Laika');
  expect(row).toMatchObject({
    status: 'in doubt',
    release_ids: '20',
    nearest_release: 20,
    missing: 'title',
  });
});
