import fc from 'fast-check';
import { createArtistFilter } from '@wxyc/matching';
import { isCompilationArtist, normalizeArtist } from '@wxyc/text';
import { PlainNames } from '../dist/plain-names.js';

const library = ['Stereolab', 'The Beatles', 'Simon & Garfunkel', "D'Angelo", 'Björk', 'AC/DC', '!!!', 'Mogwai', 'A (2)', 'Sonic Youth', 'Compost', 'Earth, Wind & Fire', '100', 'R.E.M.', 'a-ha', '(2)', 'x'.repeat(300)];
const filter = createArtistFilter({ artists: library });
const names = new PlainNames(filter.forms);
const look = (name: string): number => {
  const bytes = Buffer.from(`<${name}<`);
  return names.look(bytes, 1, bytes.length - 1);
};

describe('plain names', () => {
  test.each(['Stereolab', 'STEREOLAB', ' Stereolab  ', 'Stereolab (2)', 'Stereolab(12)', 'AC/DC', 'ac/dc (3)', '!!!', 'R.E.M.', 'A-Ha', 'The Beatles (4)', 'A (3)', '100'])('%j is in the library', (name) => {
    expect(look(name)).toBe(1);
  });

  test.each(['Stereolab 2', 'Stereo lab', 'Stereolab ()', 'Stereolab (x)', 'Beatles', 'A (2', 'A (2) (3)', 'Soft Machine', 'Vangelis'])('%j is not', (name) => {
    expect(look(name)).toBe(0);
  });

  test.each(['Beatles, The', 'Simon & Garfunkel', "D'Angelo", 'Mogwai [scotland]', 'Sonic  Youth', 'Various', 'V/A', 'Soundtrack', 'Compost', 'Björk', 'a\tb', '(2)', '', ' ', 'x'.repeat(300)])('%j is left to the rules', (name) => {
    expect(look(name)).toBe(-1);
  });

  test('what is told from the bytes is what the rules say', () => {
    const part = fc.oneof(
      fc.constantFrom(...library, 'Various', 'V/A', 'Soundtracks', 'Compilation', 'various artists', ' ', '  ', '(2)', ' (23)', '(', ')', '()', '[x]', ', The', ',', '&', "'", '"', '.', '-', '1', 'İ', '\u00a0', '\t', '\u212a', 'ﬁ'),
      fc.string({ maxLength: 4 }),
    );
    const name = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, fc.boolean(), (text, known) => {
        const found = look(text);
        if (found < 0) return;
        expect(found).toBe(filter.matchesArtist(text) ? 1 : 0);
        expect(isCompilationArtist(text)).toBe(false);
        // And if the library had it?
        if (known && normalizeArtist(text) !== '') expect(new PlainNames([normalizeArtist(text)]).look(Buffer.from(text), 0, Buffer.byteLength(text))).toBe(1);
      }),
      { numRuns: 10_000 },
    );
  });
});
