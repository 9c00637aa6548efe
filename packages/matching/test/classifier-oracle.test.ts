import { createClassifier } from '@wxyc/matching';
import fc from 'fast-check';
import { Oracle } from './oracle.ts';
import { createWorld, type World } from './world.ts';

const codes = { PRUNE: 0, REVIEW: 1, KEEP: 2 };

function expectSameDecisions(world: World, mapped: boolean, scoreCutoff?: number): Map<string, number> {
  const mappings = mapped ? world.mappings : undefined;
  const classifier = createClassifier({ library: world.library, mappings, scoreCutoff });
  const oracle = new Oracle(world.library, mappings, scoreCutoff);
  const rules = new Map<string, number>();
  for (const { artists, title } of world.releases) {
    const expected = oracle.decide(artists, title);
    const decided = classifier.decide(artists, title);
    // A plain comparison first: tens of thousands of matchers take longer than the matching.
    if (Object.entries(expected).some(([key, value]) => decided[key as keyof typeof decided] !== value)) {
      expect({ artists, ...decided }).toEqual({ artists, ...expected });
    }
    if (classifier.decisionOf(artists, title) !== codes[expected.decision]) {
      throw new Error(`decisionOf differs from decide for ${JSON.stringify({ artists, title })}`);
    }
    const rule = `${expected.decision} ${expected.rule}`;
    rules.set(rule, (rules.get(rule) ?? 0) + 1);
  }
  return rules;
}

test('the fast classifier decides every release of generated libraries as the brute-force oracle does', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 3, max: 60 }),
      fc.boolean(),
      fc.constantFrom(undefined, 0.7, 0.9),
      (seed, artists, words, mapped, cutoff) => {
        expectSameDecisions(createWorld(seed, { artists, words, releases: 60 }), mapped, cutoff);
      },
    ),
    { numRuns: 40 },
  );
});

test('the fast classifier decides 20,000 releases as the brute-force oracle does, every rule among them', () => {
  const world = createWorld(4, { artists: 300, words: 250, releases: 20_000, names: 1_500 });
  const rules = expectSameDecisions(world, true);
  expect([...new Set([...rules.keys()].map((rule) => rule.replace(/^\w+ /, '')))].sort()).toEqual([
    '0 no main credit',
    '1 mapped: keep',
    '1 mapped: keep as an artist that the library lacks',
    '1 mapped: keep as library artist',
    '1 mapped: prune',
    '1 mapped: prune, but owned',
    '2 compilation, title known',
    '2 compilation, title unknown',
    '3 library artist, best title',
    '3 library artist, exact title',
    '4 no word shared with a library artist',
    '5 no similar artist',
    '5 similar artist, best title',
    '5 similar artist, exact title',
  ]);
});
