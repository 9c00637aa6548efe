import { formatFamilies, sameFamily } from '../dist/format-family.js';
import { fitBits, fitOf } from '../dist/pressing-fit.js';

test.each<[string, string[]]>([
  ['LP', ['LP']],
  ['2xLP', ['LP']],
  ['LP x 2', ['LP']],
  ['Vinyl; LP; Album; Reissue', ['LP']],
  ['vinyl - 7"', ['7"']],
  ['Vinyl; 7"; 45 RPM; Single', ['7"']],
  ['12 inch', ['12"']],
  ['12" Vinyl', ['12"', 'LP']],
  ['Vinyl; 12"; 33 ⅓ RPM', ['12"']],
  ['Vinyl', ['vinyl']],
  ['CD-R', ['CD']],
  ['2xCD, Album + DVD', ['CD']],
  ['CDr; Promo', ['CD']],
  ['cassette box', ['cassette']],
  ['Cass, Comp', ['cassette']],
  ['File; MP3; 320 kbps', ['file']],
  ['Digital Media', ['file']],
  ['Box Set', []],
])('%s is of the families %j', (format, families) => {
  expect([...formatFamilies(format)].sort()).toEqual([...families].sort());
});

test('vinyl of unstated size may be any size', () => {
  expect(sameFamily(formatFamilies('vinyl'), formatFamilies('Vinyl; 7"'))).toBe(true);
  expect(sameFamily(formatFamilies('7"'), formatFamilies('Vinyl; LP'))).toBe(false);
});

const theLabel = fitBits.label + fitBits.label_itself;

describe('a row fits an edition', () => {
  const edition = {
    labels: ['Pax Recordings (2)', 'Onderland'],
    catnos: ['PX-22', 'none'],
    formats: ['CD; Album'],
    year: 1994,
  };
  const row = { artist: 'A', title: 'B' };
  test.each([
    ['a label without its last words', { label: 'Pax Records Ltd.' }, theLabel],
    ['one of several labels', { label: 'Else, Onderland' }, theLabel],
    ['another label', { label: 'Paxton' }, 0],
    ['a label that is nothing but such words', { label: 'Records' }, 0],
    ['the format', { format: '2 x CD' }, fitBits.format],
    ['the number, whatever its signs', { catno: 'px 22' }, fitBits.catno],
    ['no number', { catno: 'none' }, 0],
    ['the year', { year: 1994 }, fitBits.year],
    [
      'all of it',
      { label: 'onderland', format: 'cd', catno: 'PX22', year: 1994 },
      theLabel + fitBits.format + fitBits.catno + fitBits.year,
    ],
    ['nothing said', {}, 0],
  ])('%s', (_what, said, fit) => {
    expect(fitOf([{ ...row, ...said }], edition)).toBe(fit);
  });

  test('a parent or sublabel counts as the label; the label itself decides between two that are otherwise equal', () => {
    const families = new Map([['onderland', new Set(['pax', 'onderlandclassics'])]]);
    const said = { ...row, label: 'Onderland', format: 'LP' };
    const on = (label: string, format: string) =>
      fitOf([said], { labels: [label], catnos: [], formats: [format], year: null }, families);
    expect(on('Onderland Classics', 'CD')).toBe(fitBits.label);
    expect(on('Pax', 'Vinyl; LP')).toBeGreaterThan(on('Onderland', 'CD'));
    expect(on('Onderland', 'CD')).toBeGreaterThan(on('Pax', 'CD'));
    expect(on('Other', 'Vinyl; LP')).toBeLessThan(on('Pax', 'CD'));
    expect(fitOf([said], { labels: ['Pax'], catnos: [], formats: [], year: null })).toBe(0);
  });

  test('of several copies of one album the best counts', () => {
    expect(
      fitOf(
        [
          { ...row, format: 'LP' },
          { ...row, format: 'CD' },
        ],
        edition,
      ),
    ).toBe(fitBits.format);
  });
});

test('what fits is read from the sum, whatever else fits', () => {
  const facts = Object.values(fitBits);
  for (let chosen = 0; chosen < 2 ** facts.length; chosen++) {
    const fitting = facts.filter((_, at) => chosen & (1 << at));
    const sum = fitting.reduce<number>((total, bit) => total + bit, 0);
    expect(facts.filter((bit) => (sum & bit) === bit)).toEqual(fitting);
  }
});
