import { packSelection, Selection, type Release, type SelectionOptions } from '@wxyc/matching';

const basis = {
  library: [
    { artist: 'Heron', title: 'Standing' },
    { artist: 'Finch & Örsted', title: 'Two Lanterns', masterId: 90 },
  ],
  mappings: { keep: new Map([['Gorse', 'Heron']]), prune: new Set(['Bog']) },
};
const selection = (options: SelectionOptions): Selection =>
  new Selection(structuredClone(packSelection(options)));
const release = (title: string, ...names: string[]): Release => ({
  id: 1,
  title,
  credits: names.map((name) => ({ name })),
});

test('with matchedOnly the library decides, and names do not matter', () => {
  const matched = selection({ names: ['Moor'], basis, matchedOnly: true });
  expect(matched.names).toBeUndefined();
  expect(matched.nameScreen).toBeUndefined();
  expect(matched.passesName('Moor')).toBe(false);
  expect(matched.select(release('Standing', 'Heron'), false)).toMatchObject({
    passes: true,
    decision: { decision: 'KEEP' },
  });
  expect(matched.select(release('Standin', 'Heron'), false).passes).toBe(true);
  expect(matched.select(release('Other', 'Heron'), false)).toMatchObject({
    passes: false,
    decision: { decision: 'PRUNE' },
  });
  expect(matched.select({ ...release('Other', 'X'), masterId: 90 }, false).passes).toBe(true);
});

test('with names a release passes by a name in normal or loose form, by a mapping, or by the library’s decision', () => {
  const named = selection({
    names: ['Moor, The', 'Various Artists', 'Heath and Fell'],
    basis,
    matchedOnly: false,
  });
  for (const name of ['The Moor (2)', 'M-O-O-R', 'Fell / Heath', 'Gorse', 'Bog'])
    expect([name, named.passesName(name)]).toEqual([name, true]);
  // Compilations on the list would let through every one there is.
  for (const name of ['', 'Various Artists', 'Moors', 'Fell', 'Gorse (2)'])
    expect([name, named.passesName(name)]).toEqual([name, false]);
  expect(named.select(release('Anything', 'Nobody'), true)).toEqual({ passes: true });
  expect(named.select(release('Anything', 'Fell', 'Heath'), false)).toEqual({ passes: true });
  expect(named.select(release('Standing', 'Heron'), false)).toMatchObject({
    passes: true,
    decision: { decision: 'KEEP' },
  });
  expect(named.select(release('Anything', 'Nobody'), false)).toMatchObject({
    passes: false,
    decision: { decision: 'PRUNE' },
  });
});

test('the variations of the main credits together count as one name', () => {
  const named = selection({ names: ['Heath and Fell'], matchedOnly: false });
  expect(
    named.passesJointly({ credits: [{ name: 'F. Fell', variation: 'Fell' }, { name: 'Heath' }] }),
  ).toBe(true);
  expect(named.passesJointly({ credits: [{ name: 'F. Fell' }, { name: 'Heath' }] })).toBe(false);
  expect(named.passesJointly({ credits: [{ name: 'Heath and Fell' }] })).toBe(false);
});

test('names alone need no library', () => {
  const named = selection({ names: ['Moor'], matchedOnly: false });
  expect(named.select(release('Anything', 'Nobody'), false)).toEqual({ passes: false });
  expect(named.select(release('Anything', 'Moor'), true)).toEqual({ passes: true });
});

test('names looked up by their bytes pass as names do', () => {
  const named = selection({
    names: ['Moor, The', 'Heath and Fell', 'Motörhead', 'Seven Dub', '!!!'],
    basis,
    matchedOnly: false,
  });
  const screen = named.nameScreen!;
  for (const name of [
    'The Moor (2)',
    'moor',
    'Fell Heath',
    'Fell',
    'Motoerhead',
    'Motorhead',
    '7 Dub',
    'Seven Dub',
    '!!!',
    '???',
    'Gorse',
    'Gorse (2)',
    'Bog',
    '',
    'Heron',
    'Nobody',
    'Various',
  ]) {
    const bytes = Buffer.from(`<${name}>`);
    const known = (screen.look(bytes, 1, bytes.length - 1) & 1) === 1;
    expect([name, known]).toEqual([name, named.passesName(name)]);
  }
});
