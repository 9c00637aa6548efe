import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Classifier, verdicts, type MatchBasis, type Release } from '@wxyc/matching';
import { oracleDecide } from './oracle.ts';
import { createWorld, type World } from './world.ts';

/** Beside the rules: what the screen keeps by itself. */
const atOnce = '(kept at once)';

function expectSame(basis: MatchBasis, releases: readonly Release[]): Map<string, number> {
  const classifier = new Classifier(basis);
  const hurried = new Classifier(basis);
  hurried.namesNearest = false;
  const rules = new Map<string, number>();
  for (const release of releases) {
    const { decision, titleScore, rule } = classifier.decide(release);
    const hasty = hurried.decide(release);
    if (hasty.decision !== decision || (decision !== 'PRUNE' && hasty.titleScore !== titleScore))
      expect({ release, hasty }).toEqual({ release, decision, titleScore, rule });
    const expected = oracleDecide({ ...basis, ...(basis.mappings ?? {}) }, release);
    if (hurried.screen.verdictOf(release) === verdicts.kept) {
      expect({ release, decision: expected.decision }).toEqual({ release, decision: 'KEEP' });
      rules.set(atOnce, (rules.get(atOnce) ?? 0) + 1);
    }
    // The nearest album to what is pruned is not the oracle's business.
    const differs =
      decision !== expected.decision ||
      (decision !== 'PRUNE' && Math.abs((titleScore ?? -1) - (expected.titleScore ?? -1)) > 1e-9);
    if (differs)
      expect({ release, rule, decision, titleScore }).toEqual({ release, rule, ...expected });
    rules.set(`${decision} ${rule}`, (rules.get(`${decision} ${rule}`) ?? 0) + 1);
  }
  return rules;
}

const basisOf = (world: World, all: boolean): MatchBasis =>
  all ? world.basis : { library: world.basis.library };

test('the fast classifier decides every release of generated libraries as the plain oracle does', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 3, max: 60 }),
      fc.boolean(),
      fc.constantFrom(undefined, 0.7, 0.95),
      (seed, artists, words, all, scoreCutoff) => {
        const world = createWorld(seed, { artists, words, releases: 20 });
        expectSame({ ...basisOf(world, all), scoreCutoff }, world.releases);
      },
    ),
    { numRuns: 40 },
  );
});

test('and every rule is among them', () => {
  const rules = new Set<string>();
  for (let seed = 0; seed < 16; seed += 1) {
    const world = createWorld(seed, { artists: 20, words: 40, releases: 40 });
    for (const rule of expectSame(world.basis, world.releases).keys())
      rules.add(rule.replace(/^\w+ /, ''));
  }
  expect([...rules].sort()).toEqual([
    atOnce,
    '0 owned by master id',
    '0 owned by release id',
    '1 mapped: keep',
    '1 mapped: keep as library artist',
    '1 mapped: prune',
    '2 compilation, same title',
    '2 compilation, similar title',
    '3 artist of a joint album',
    '3 same artist',
    '4 same title, alias of the artist',
    '4 same title, listed artist',
    '4 same title, no artist',
    '4 same title, similar artist',
    '4 same title, words of the artist',
    '5 nothing alike',
  ]);
});

// Real albums, a few hundred of each: enough for the oracle, which compares every pair.
test('real albums in independent spellings', () => {
  const lines = readFileSync(new URL('fixtures/albums.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  const library = lines
    .filter(([kind]) => kind === 'library')
    .map(([, artist, title]) => ({ artist: artist!, title: title! }));
  const releases = lines
    .filter(([kind]) => kind === 'release')
    .map(([, credits, title], id): Release => ({
      id,
      title: title!,
      credits: credits!.split(' | ').map((credit) => {
        const [name, variation] = credit.split('*');
        return { name: name!, variation };
      }),
    }));
  expect(library.length).toBeGreaterThan(100);
  expect(expectSame({ library }, releases).get(atOnce)).toBeGreaterThan(50);
});
