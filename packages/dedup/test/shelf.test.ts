import type { LibraryRow } from '@wxyc/matching';
import type { Pressing } from '../dist/pressing-fit.js';
import { placePressings } from '../dist/shelf.js';

const rows = (...said: Partial<LibraryRow>[]): LibraryRow[] =>
  said.map((row) => ({ artist: 'Noor', title: 'Tides', ...row }));
const pressing = (format: string, catno = '', label = ''): Pressing => ({
  formats: [format],
  catnos: catno ? [catno] : [],
  labels: label ? [label] : [],
  year: null,
});
const [lp, cd, cassette, seven] = [
  pressing('Vinyl; LP; Album', 'O-1'),
  pressing('CD; Album', 'O-2'),
  pressing('Cassette; Album'),
  pressing('Vinyl; 7"'),
];
const places = (of: LibraryRow[], ...pressings: Pressing[]): number[] =>
  placePressings(of, pressings).map(({ place }) => place);

test.each<[string, LibraryRow[], Pressing[], number[]]>([
  ['one format is one place', rows({ format: 'LP' }, { format: '2xLP' }), [lp, lp, cd], [0, 0, 0]],
  ['two formats are two', rows({ format: 'LP' }, { format: 'CD' }), [lp, cd, lp, cd], [0, 1, 0, 1]],
  [
    'what no row names competes for the first',
    rows({ format: 'LP' }, { format: 'CD' }),
    [cassette, lp, cd],
    [0, 0, 1],
  ],
  [
    'a format that no pressing has is no place',
    rows({ format: 'LP' }, { format: 'CD' }),
    [cassette, cd, cd],
    [0, 0, 0],
  ],
  [
    'vinyl does not make one of two sizes',
    rows({ format: 'vinyl' }, { format: 'LP' }, { format: '7"' }),
    [lp, seven],
    [0, 1],
  ],
  [
    'vinyl is the size that another row names',
    rows({ format: 'vinyl' }, { format: 'LP' }, { format: 'CD' }),
    [lp, cd, seven],
    [0, 1, 0],
  ],
  ['sizes are formats', rows({ format: 'LP' }, { format: '7"' }), [lp, seven], [0, 1]],
  [
    'two numbers are two places',
    rows({ catno: 'o 1' }, { catno: 'O.2' }),
    [lp, cd, cassette],
    [0, 1, 0],
  ],
  [
    'also in one format',
    rows({ format: 'LP', catno: 'O-1' }, { format: 'LP', catno: 'O-9' }, { format: 'LP' }),
    [lp, pressing('Vinyl; LP', 'O-9'), pressing('Vinyl; LP', 'O-10')],
    [0, 1, 0],
  ],
  [
    'a number that no pressing has is no place',
    rows({ catno: 'O-1' }, { catno: 'X' }),
    [lp, cd],
    [0, 0],
  ],
  [
    'labels and years alone are one',
    rows({ label: 'A' }, { label: 'B' }, { year: 1990 }),
    [lp, cd],
    [0, 0],
  ],
  ['a format and a row that says nothing are one', rows({ format: 'LP' }, {}), [lp, cd], [0, 0]],
])('%s', (_what, library, pressings, expected) => {
  expect(places(library, ...pressings)).toEqual(expected);
});

test('a place’s own rows say how well a pressing fits it', () => {
  const library = rows({ format: 'LP', label: 'Pax' }, { format: 'CD', label: 'Onderland' });
  const [lpOnPax, lpOnOnderland, cdOnOnderland] = placePressings(library, [
    pressing('Vinyl; LP', '', 'Pax'),
    pressing('Vinyl; LP', '', 'Onderland'),
    pressing('CD', '', 'Onderland'),
  ]);
  expect(lpOnOnderland!.fit).toBeLessThan(lpOnPax!.fit);
  expect([lpOnPax, lpOnOnderland, cdOnOnderland].map((pressing) => pressing!.place)).toEqual([
    0, 0, 1,
  ]);
});
