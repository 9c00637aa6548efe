import fc from 'fast-check';
import {
  closeness,
  Classifier,
  NearestReleases,
  verdicts,
  type Credit,
  type Decision,
  type MatchBasis,
  type Release,
} from '@wxyc/matching';
import type { LibraryRow } from '@wxyc/matching';
import { normalizeArtist, normalizeTitle, ratio } from '@wxyc/text';
import { similarity } from '../dist/similarity.js';
import { createWorld } from './world.ts';

// Few names and titles, many of them nearly the same, so that every rule is met.
const names = [
  ...[
    'Finch',
    'The Finch',
    'Finch (2)',
    'Finsh',
    'FINCH',
    'Örsted',
    'Orsted & Finch',
    'Finch / Örsted',
    'Finch feat. Örsted',
    'Marlow, Ada',
    'Ada Marlow',
    'Ada Marlow Quartet',
    'AdaMarlow & Fin Ch',
    'Fin',
    'Ch',
    'Ada',
    'Marlow',
    'Finch@Bar [US]',
    'Various™',
  ],
  ...[
    'Kettle-88',
    'Kettle 88',
    'Q.T.B.',
    'QTB',
    'P!nch',
    "Rock'n'Ferry",
    'Seven Dub',
    '7 Dub',
    'Motörferry',
    'Motoerferry',
    '!!!',
    'The',
    'か',
    'が',
    '[re:wind]',
  ],
  ...['Various', 'V/A', 'Soundtrack', 'Various Production', 'Gorse', 'Bog', 'Heron Marsh', 'Heron'],
];
const titles = [
  ...[
    'Solo Flights',
    'Solo Flight',
    'SOLO FLIGHTS (EP)',
    'Solo Flights: Live',
    'Solo Flights - Remastered',
    'Flights Solo',
    'Songs Vol. 1',
    'Songs Volume I',
    'Songs Volume 7',
    'Songs',
  ],
  ...[
    'Finch',
    's/t',
    '+',
    '+ (Deluxe Edition)',
    '! (EP)',
    'Deluxe',
    'Untitled',
    'Greatest Hits',
    'Up',
    'Up / Down',
    'Haut = Up',
    'Music from the Motion Picture Night Ferry',
    'Night Ferry',
    'Night Ferry and Other Long Songs of the Coast',
  ],
  ...[
    'Night Ferries',
    'Finch Night Ferry',
    'Night Ferry by Ada Marlow',
    "Goin' Home",
    'Going Home',
    '†',
    'が',
    '10,000 Nights',
    'The',
    'The EP',
    'MMXII',
    '2012',
  ],
];
const name = fc.constantFrom(...names);
const title = fc.constantFrom(...titles);
const row: fc.Arbitrary<LibraryRow> = fc.record(
  {
    artist: name,
    title,
    alternates: fc.array(name, { maxLength: 2 }),
    trackArtists: fc.array(name, { maxLength: 2 }),
    releaseId: fc.integer({ min: 1, max: 9 }),
    masterId: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['artist', 'title'] },
);
const credit: fc.Arbitrary<Credit> = fc.record(
  {
    name: fc.oneof({ weight: 9, arbitrary: name }, fc.constant('')),
    variation: name,
    artistId: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['name'] },
);
const release: fc.Arbitrary<Release> = fc.record({
  id: fc.integer({ min: 5, max: 60 }),
  masterId: fc.constantFrom(undefined, 0, 8, 20),
  title,
  credits: fc.array(credit, { maxLength: 3 }),
});
const namePairs = fc.array(fc.tuple(name, name), { maxLength: 3 });
const basis: fc.Arbitrary<MatchBasis> = fc.record(
  {
    library: fc.array(row, { minLength: 1, maxLength: 8 }),
    mappings: fc.record({
      keep: fc
        .array(fc.tuple(name, fc.option(name)), { maxLength: 2 })
        .map((pairs) => new Map(pairs)),
      prune: fc.array(name, { maxLength: 2 }).map((list) => new Set(list)),
    }),
    scoreCutoff: fc.constantFrom(0.7, 0.9, 1),
    alternates: namePairs,
    artists: fc.array(name, { maxLength: 4 }),
    keepIds: fc.constant([7]),
    aliases: fc
      .array(
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(name, { minLength: 1, maxLength: 2 })),
        { maxLength: 2 },
      )
      .map((pairs) => new Map(pairs)),
  },
  { requiredKeys: ['library'] },
);
const ranks = { PRUNE: 0, REVIEW: 1, KEEP: 2 };
/** What is decided, without the place of the row in the library. */
const said = ({ album, ...decision }: Decision): object => ({
  ...decision,
  isNear: album !== null,
});
const shuffled = <T>(list: readonly T[], order: readonly number[]): T[] =>
  list
    .map((item, at) => ({ item, key: order[at % order.length]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
const orders = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });

// Without the screen, which has a property of its own below.
test('a decision does not depend on the order of credits or of library rows', () => {
  fc.assert(
    fc.property(basis, release, orders, orders, (given, asked, rowOrder, creditOrder) => {
      const decision = new Classifier(given).decideScreened(asked);
      expect(
        said(
          new Classifier({ ...given, library: shuffled(given.library, rowOrder) }).decideScreened(
            asked,
          ),
        ),
      ).toEqual(said(decision));
      expect(
        said(
          new Classifier(given).decideScreened({
            ...asked,
            credits: shuffled(asked.credits, creditOrder),
          }),
        ),
      ).toEqual(said(decision));
    }),
    { numRuns: 1_000 },
  );
});

test('nor on what was decided before', () => {
  fc.assert(
    fc.property(basis, fc.array(release, { minLength: 2, maxLength: 8 }), (given, asked) => {
      const busy = new Classifier(given);
      const forward = asked.map((one) => busy.decideScreened(one));
      expect(
        [...asked]
          .reverse()
          .map((one) => busy.decideScreened(one))
          .reverse(),
      ).toEqual(forward);
      expect(asked.map((one) => new Classifier(given).decideScreened(one))).toEqual(forward);
    }),
    { numRuns: 500 },
  );
});

test('one more library row takes nothing from the others', () => {
  fc.assert(
    fc.property(
      basis,
      row,
      fc.array(release, { minLength: 1, maxLength: 5 }),
      ({ artists: _, mappings: __, ...given }, more, asked) => {
        const before = new Classifier(given);
        const after = new Classifier({ ...given, library: [...given.library, more] });
        for (const one of asked)
          expect(ranks[after.decideScreened(one).decision]).toBeGreaterThanOrEqual(
            ranks[before.decideScreened(one).decision],
          );
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a release spelled exactly as its library row is kept', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ maxLength: 20 }),
    name,
    title,
    fc
      .tuple(name, fc.string({ unit: 'binary', maxLength: 4 }), title)
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, text, fc.array(row, { maxLength: 3 }), (artist, album, others) => {
      fc.pre(normalizeArtist(artist) !== '' && normalizeTitle(album) !== '');
      const decision = new Classifier({
        library: [...others, { artist, title: album }],
      }).decideScreened({ id: 100, title: album, credits: [{ name: artist }] });
      expect(decision).toMatchObject({
        decision: 'KEEP',
        titleScore: 1,
        closeness: closeness.sameTitle,
      });
    }),
    { numRuns: 2_000 },
  );
});

test.each([true, false])(
  'the screen lets through whatever is not pruned and keeps only what is kept, with the nearest album asked for or not (%s)',
  (namesNearest) => {
    const behindTitles = [
      ' EP',
      ' (Deluxe Edition)',
      ' - Live',
      ': Remastered',
      ' Vol. 2',
      ' II',
      ' / Up',
      ' = Up',
      ' 2',
      '!',
      "'s",
      ' The',
      ' R.E.M.',
      ' 1,000',
      ' 3rd',
      ' Soundtrack',
    ];
    const besideNames = [
      ' & Finch',
      ', The',
      ' feat. Bog',
      ' (2)',
      ' [x]',
      ' y Gorse',
      ' - Heron',
      'ae',
      ' X.',
      "'s",
      ' 8',
      'The ',
      'Ada Marlow and ',
      'DJ ',
    ];
    const noise = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('', ...behindTitles, ...besideNames),
    );
    const noisy = fc
      .tuple(release, noise, noise, fc.nat(2))
      .map(([asked, before, behind, place]): Release => {
        if (place === 0) return { ...asked, title: before + asked.title + behind };
        const [first, ...rest] = asked.credits;
        return first && place === 1
          ? { ...asked, credits: [{ ...first, name: before + first.name + behind }, ...rest] }
          : asked;
      });
    let kept = 0;
    fc.assert(
      fc.property(
        basis,
        fc.array(noisy, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (rules, asked, isNoisy) => {
          const given = isNoisy
            ? {
                ...rules,
                library: [
                  ...rules.library,
                  ...asked.map((one) => ({
                    artist: one.credits[0]?.name ?? 'Bog',
                    title: one.title,
                  })),
                ],
              }
            : rules;
          const [screened, whole] = [new Classifier(given), new Classifier(given)];
          screened.namesNearest = namesNearest;
          for (const one of asked) {
            const expected = whole.decideScreened(one);
            const decision = screened.decide(one);
            if (expected.decision === 'PRUNE') expect(decision.decision).toBe('PRUNE');
            else expect(decision).toEqual(expected);
            if (screened.screen.verdictOf(one) === verdicts.kept) {
              kept += 1;
              expect({ one, decision: expected.decision }).toEqual({ one, decision: 'KEEP' });
            }
          }
          expect(screened.unmetMappings()).toEqual(whole.unmetMappings());
        },
      ),
      { numRuns: 1_000 },
    );
    // If the nearest album is asked for, it has to be looked for.
    if (namesNearest) expect(kept).toBe(0);
    else expect(kept).toBeGreaterThan(50);
  },
);

test('observing changes no decision', () => {
  fc.assert(
    fc.property(basis, release, (given, asked) => {
      const observed = new Classifier(given);
      observed.observer = { least: () => 0, note: () => undefined, found: () => undefined };
      const decision = new Classifier(given).decide(asked);
      const seen = observed.decide(asked);
      if (decision.decision === 'PRUNE') expect(seen.decision).toBe('PRUNE');
      else expect(seen).toEqual(decision);
    }),
    { numRuns: 1_000 },
  );
});

describe('similarity', () => {
  const text = fc.oneof(
    fc
      .array(fc.constantFrom('a', 'b', 'c', ' ', 'é', '\u007f', '\u0080', '𝔄', '\ud83d'), {
        maxLength: 40,
      })
      .map((units) => units.join('')),
    fc.string({ minLength: 25, maxLength: 40, unit: fc.constantFrom('a', 'b', 'c', 'd') }),
  );

  test('is ratio, 0..1', () => {
    fc.assert(
      fc.property(text, text, (a, b) =>
        expect(similarity(a, b)).toBeCloseTo(ratio(a, b) / 100, 12),
      ),
      { numRuns: 2_000 },
    );
  });

  test('with a bar is exact from the bar up, and below it whenever the ratio is', () => {
    fc.assert(
      fc.property(text, text, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, bar) => {
        const exact = ratio(a, b) / 100;
        const found = similarity(a, b, bar);
        if (exact >= bar + 1e-12) expect(found).toBeCloseTo(exact, 12);
        else if (exact < bar - 1e-12) expect(found).toBeLessThan(bar);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Compares what is learnt about albums with a classifier that compares everything; returns how many releases the screen kept. */
function expectSameCoverage(
  given: MatchBasis,
  asked: readonly Release[],
  namesNearest: boolean,
): number {
  const [plain, all] = [given, given].map((rules) => {
    const classifier = new Classifier(rules);
    const nearest = new NearestReleases(rules.library);
    nearest.observe(classifier);
    return { classifier, nearest };
  }) as [Watched, Watched];
  const { classifier } = plain;
  classifier.namesNearest = namesNearest;
  const { note } = all.classifier.observer!;
  all.classifier.observer = { least: () => 0, note, found: unexpected };
  let kept = 0;
  for (const one of asked) {
    const verdict = classifier.ownsId(one.id, one.masterId)
      ? verdicts.perhaps
      : classifier.screen.verdictOf(one);
    if (verdict === verdicts.perhaps) classifier.decideScreened(one);
    if (verdict === verdicts.kept) {
      kept += 1;
      classifier.noteKept(one.id);
    }
    all.classifier.decideScreened(one);
  }
  for (const album of given.library.keys())
    expect(plain.nearest.of(album)).toEqual(all.nearest.of(album));
  return kept;
}

test('what is not compared would have told no more about any album', () => {
  const ids = fc
    .array(release, { minLength: 1, maxLength: 12 })
    .map((list) => list.map((one, at) => ({ ...one, id: at + 10 })));
  fc.assert(
    fc.property(basis, ids, fc.boolean(), (given, asked, namesNearest) => {
      expectSameCoverage(given, asked, namesNearest);
    }),
    { numRuns: 500 },
  );
});

test('nor about albums with little in common, which the screen finds by itself', () => {
  let kept = 0;
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 20, max: 400 }), (seed, words) => {
      const { basis: all, releases } = createWorld(seed, { artists: 15, words, releases: 40 });
      kept += expectSameCoverage({ library: all.library }, releases, false);
    }),
    { numRuns: 100 },
  );
  expect(kept).toBeGreaterThan(50);
});

function unexpected(): void {
  throw new Error('Everything is compared here.');
}

interface Watched {
  classifier: Classifier;
  nearest: NearestReleases;
}
