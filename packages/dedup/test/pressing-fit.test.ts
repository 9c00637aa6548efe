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

test('vinyl of an untold size is of any size', () => {
  expect(sameFamily(formatFamilies('vinyl'), formatFamilies('Vinyl; 7"'))).toBe(true);
  expect(sameFamily(formatFamilies('7"'), formatFamilies('Vinyl; LP'))).toBe(false);
});

describe('a row fits an edition', () => {
  const edition = { labels: ['Pax Recordings (2)', 'Onderland'], catnos: ['PX-22', 'none'], formats: ['CD; Album'], year: 1994 };
  const row = { artist: 'A', title: 'B' };
  test.each([
    ['a label without its last words', { label: 'Pax Records Ltd.' }, fitBits.label],
    ['one of several labels', { label: 'Else, Onderland' }, fitBits.label],
    ['another label', { label: 'Paxton' }, 0],
    ['a label that is nothing but such words', { label: 'Records' }, 0],
    ['the format', { format: '2 x CD' }, fitBits.format],
    ['the number, whatever its signs', { catno: 'px 22' }, fitBits.catno],
    ['no number', { catno: 'none' }, 0],
    ['the year', { year: 1994 }, fitBits.year],
    ['all of it', { label: 'onderland', format: 'cd', catno: 'PX22', year: 1994 }, 15],
    ['nothing said', {}, 0],
  ])('%s', (_what, said, fit) => {
    expect(fitOf([{ ...row, ...said }], edition)).toBe(fit);
  });

  test('of several copies of one album the best counts', () => {
    expect(fitOf([{ ...row, format: 'LP' }, { ...row, format: 'CD' }], edition)).toBe(fitBits.format);
  });
});
