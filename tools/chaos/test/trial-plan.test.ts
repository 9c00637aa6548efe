/** Plans are the same for the same seed, and survive being written down. */
import { blows, everyStep, parsePlan, planOf, planText, stepCounts } from '@wxyc/chaos';

test('a seed always gives the same plan, and its text gives it back', () => {
  for (let seed = 0; seed < 200; seed++) {
    const plan = planOf(seed);
    expect(planOf(seed)).toEqual(plan);
    expect(parsePlan(planText(plan))).toEqual(plan);
    for (const { step } of plan.strikes) expect(step).toBeLessThanOrEqual(stepCounts[plan.mode]);
  }
});

test('seeds reach every mode, place, blow and step', () => {
  const plans = Array.from({ length: 400 }, (_, seed) => planOf(seed));
  expect(new Set(plans.map(({ mode, place }) => `${mode}/${place}`)).size).toBe(6);
  expect(new Set(plans.flatMap(({ strikes }) => strikes.map(({ blow }) => blow))).size).toBe(
    blows.length,
  );
  expect(
    new Set(
      plans
        .filter(({ mode }) => mode === 'xml')
        .flatMap(({ strikes }) => strikes.map(({ step }) => step)),
    ).size,
  ).toBe(stepCounts.xml + 1);
});

test('every step of every kind of run is struck once', () => {
  expect(everyStep(['crash'])).toHaveLength(stepCounts.xml + stepCounts.csv + stepCounts.copy);
});

test.each([
  'csv/server: stab@4+0.5',
  'tape/server: kill@4+0.5',
  'csv/cloud: kill@1+0.5',
  'csv/server: kill@x',
  '',
])('%j is refused', (text) => {
  expect(() => parsePlan(text)).toThrow(/is not a (?:strike|kind of trial)/);
});
