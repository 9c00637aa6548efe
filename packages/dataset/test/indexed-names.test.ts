import { indexedEnd, longestIndexedBytes } from '@wxyc/dataset';

const cut = (text: string, before = ''): string => {
  const bytes = Buffer.from(before + text);
  const start = Buffer.byteLength(before);
  return bytes.toString('utf8', start, indexedEnd(bytes, start, bytes.length));
};

it.each(['a', 'é', '€', '𝄞'])(
  'a name of %s is cut between two characters, and only where it is too long',
  (letter) => {
    const size = Buffer.byteLength(letter);
    const fitting = Math.floor(longestIndexedBytes / size);
    expect(cut(letter.repeat(fitting))).toBe(letter.repeat(fitting));
    for (const shift of ['', 'x', 'xy', 'xyz']) {
      const expected = Math.floor((longestIndexedBytes - shift.length) / size);
      expect(cut(shift + letter.repeat(3000), 'before ')).toBe(shift + letter.repeat(expected));
    }
  },
);
