import { Classifier } from '@wxyc/matching';

test('trap 14: a mapped artist of whom the library has nothing is not passed over, and counts as met', () => {
  const mappings = { keep: new Map([['Zzyzx', null]]), prune: new Set(['Qwerty']) };
  const classifier = new Classifier({
    library: [{ artist: 'Stereolab', title: 'Dots and Loops' }],
    mappings,
  });
  expect(classifier.unmetMappings()).toEqual(['qwerty', 'zzyzx']);
  expect(
    classifier.decide({ id: 1, title: 'Elsewhere', credits: [{ name: 'Zzyzx' }] }),
  ).toMatchObject({ decision: 'KEEP', rule: '1 mapped: keep' });
  expect(
    classifier.decide({ id: 2, title: 'Elsewhere', credits: [{ name: 'Qwerty' }] }).decision,
  ).toBe('PRUNE');
  expect(classifier.unmetMappings()).toEqual([]);
});
