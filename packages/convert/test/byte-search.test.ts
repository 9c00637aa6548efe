import fc from 'fast-check';
import { ByteSearch } from '../dist/byte-search.js';

test('finds what Buffer.indexOf finds, within the bounds', () => {
  const alphabet = fc.constantFrom('<', 't', 'r', 'a', 'c', 'k', 'e', 'l', 's', '/', '>');
  const text = fc.array(alphabet, { maxLength: 80 }).map((letters) => letters.join(''));
  const words = fc.oneof(fc.constantFrom('<track', 'release', '</tracklist>', 'label'), fc.array(alphabet, { minLength: 2, maxLength: 4 }).map((letters) => letters.join('')));
  fc.assert(
    fc.property(words, text, text, fc.nat(60), fc.nat(200), (word, before, behind, from, length) => {
      const bytes = Buffer.from(before + word + behind);
      const to = Math.min(bytes.length, from + length);
      const found = bytes.subarray(0, to).indexOf(word, from);
      expect(new ByteSearch(word).find(bytes, from, to)).toBe(from > to ? -1 : found);
    }),
    { numRuns: 3000 },
  );
});
