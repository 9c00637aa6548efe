// Consumers' queries: names in the cache as people type them, each with its right answer.

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** The same numbers in every run. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One letter omitted, added, replaced or swapped with the next; never the first, which people get right. */
function misspell(text, random) {
  const points = [...text];
  const at = 1 + random(points.length - 1);
  const letter = letters[random(letters.length)];
  switch (random(4)) {
    case 0:
      points.splice(at, 1);
      break;
    case 1:
      points.splice(at, 0, letter);
      break;
    case 2:
      points[at] = letter;
      break;
    default:
      [points[at - 1], points[at]] = [points[at], points[at - 1]];
  }
  return points.join('');
}

const withoutAccents = (text) => text.normalize('NFD').replace(/\p{M}/gu, '');

/** The article is added or dropped, `&` is spelled out, punctuation between words changes. */
function otherPunctuation(text) {
  const article = /^the\s+(?=\S)/i.test(text) ? text.replace(/^the\s+/i, '') : `The ${text}`;
  return article
    .replace(/ (?:&|and) /gi, (found) => (found.includes('&') ? ' and ' : ' & '))
    .replace(/ - | \/ /g, ': ')
    .replace(/[.']/g, '');
}

function leaveWordOut(text, random) {
  const words = text.split(' ');
  if (words.length < 3) return text;
  words.splice(random(words.length), 1);
  return words.join(' ');
}

const syllables = [
  'ba',
  'dro',
  'fen',
  'gu',
  'ha',
  'kel',
  'lo',
  'mi',
  'nar',
  'po',
  'quo',
  'ri',
  'sta',
  'tu',
  'vex',
  'zil',
];
const nonsense = (random) =>
  Array.from({ length: 2 + random(2) }, () =>
    Array.from({ length: 2 + random(3) }, () => syllables[random(syllables.length)]).join(''),
  ).join(' ');

/** How people type queries; each turns one or both fields that they look for into what they type. */
const ways = [
  { way: 'exact', ask: (fields) => fields },
  {
    way: 'other case and accents',
    ask: (fields) => fields.map((text) => withoutAccents(text).toUpperCase()),
  },
  {
    way: 'one error in one field',
    ask: (fields, random) =>
      fields.map((text, at) =>
        at === (fields.length === 1 ? 0 : random.turn % fields.length)
          ? misspell(text.toLowerCase(), random)
          : text.toLowerCase(),
      ),
  },
  {
    way: 'one error in each field',
    only: 2,
    ask: (fields, random) => fields.map((text) => misspell(text.toLowerCase(), random)),
  },
  { way: 'article and punctuation changed', ask: (fields) => fields.map(otherPunctuation) },
  {
    way: 'word left out',
    ask: (fields, random) => [...fields.slice(0, -1), leaveWordOut(fields.at(-1), random)],
  },
  { way: 'nonsense', right: false, ask: (fields, random) => fields.map(() => nonsense(random)) },
];

/**
 * Queries of every way for the given rows (`fields` as they stand in the cache).
 *
 * @returns {{ way: string, queries: { asked: string[], right: string[] | null }[] }[]}
 */
export function makeQueries(rows) {
  const count = rows[0]?.length ?? 0;
  return ways
    .filter(({ only }) => only === undefined || only === count)
    .map(({ way, ask, right = true }, place) => {
      const random = numbers(place + 7);
      return {
        way,
        queries: rows.map((fields, turn) => {
          random.turn = turn;
          return { asked: ask(fields, random), right: right ? fields : null };
        }),
      };
    });
}

/** The rank of the right answer, from 1; undefined if it is missing. */
export function placeOfRight(answers, right) {
  const found = answers.findIndex((answer) =>
    right.every((text) =>
      answer.some((value) => value === text || String(value).split(', ').includes(text)),
    ),
  );
  return found < 0 ? undefined : found + 1;
}
