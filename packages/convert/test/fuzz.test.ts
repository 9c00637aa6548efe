// Damages real and generated dumps at random. FUZZ_DUMPS (default 100) is how many, FUZZ_SEED the first seed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { accountedFor, convertBytes } from './memory.ts';

const dumps = Number(process.env['FUZZ_DUMPS'] ?? 100);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
const artists = ['The Persuader', 'Josh Wink', 'Various', 'Moonchildren', 'A2'];
const fixtures = join(import.meta.dirname, 'fixtures');

function records(generation: string): string[] {
  const text = gunzipSync(readFileSync(join(fixtures, generation, 'releases.xml.gz'))).toString(
    'latin1',
  );
  return text
    .slice(text.indexOf('<release '), text.lastIndexOf('</releases>'))
    .split(/(?<=<\/release>)\s*/)
    .filter((record) => record.length > 0 && record.length < 8000);
}
const corpus = [...records('releases-2020'), ...records('releases-2026')];

/** A small generator of numbers, so that a seed is a test case. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

const snippets = [
  '<',
  '>',
  '&',
  '"',
  '</',
  '/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '</release>',
  '<release id="7">',
  '</artists>',
  '<artists>',
  '<track>',
  '</track>',
  '<tracklist/>',
  '&#0;',
  '&x;',
  '\0',
  '\xff',
  '\xc3',
  ' ',
  '\n',
  "'",
  '<title>',
  '<title/>',
  ' id="8"',
  '</releases>',
  '<?x?>',
  '&#xFFFF;',
  '\xef\xbf\xbf',
];

function damage(seed: number): Buffer {
  const next = random(seed);
  let text = '<releases>\n';
  for (let count = 1 + next(4); count > 0; count--) text += `${corpus[next(corpus.length)]}\n`;
  text += '</releases>\n';
  for (let count = 1 + next(4); count > 0; count--) {
    const from = 11 + next(text.length - 11);
    const to = Math.min(text.length, from + next(next(3) === 0 ? 2000 : 30));
    switch (next(5)) {
      case 0: // a byte flipped
        text = text.slice(0, from) + String.fromCharCode(next(256)) + text.slice(from + 1);
        break;
      case 1: // a piece cut out
        text = text.slice(0, from) + text.slice(to);
        break;
      case 2: // a piece doubled
        text = text.slice(0, to) + text.slice(from);
        break;
      case 3: // a piece moved
        text =
          text.slice(0, from) +
          text.slice(to, to + 40) +
          text.slice(from, to) +
          text.slice(to + 40);
        break;
      default:
        text = text.slice(0, from) + snippets[next(snippets.length)] + text.slice(from);
    }
  }
  return Buffer.from(text, 'latin1');
}

test(
  'however a dump is damaged, the fast reader writes what the strict one writes, and every record is accounted for',
  async () => {
    let rejected = 0;
    for (let seed = firstSeed; seed < firstSeed + dumps; seed++) {
      const dump = damage(seed);
      const next = random(seed + 1);
      const parts = { chunk: 1 + next(5000), size: 1 + next(5000) };
      try {
        const strict = await convertBytes(dump, { reader: 'strict' });
        expect(accountedFor(strict.counts)).toBe(true);
        expect(strict.counts.rejected).toBe(strict.rejects.length);
        expect(await convertBytes(dump, { reader: 'fast', ...parts })).toEqual(strict);
        rejected += strict.counts.rejected;
        // With a filter, skipped records are not validated: no more rejects, and otherwise the same rows.
        const selection = { names: artists, matchedOnly: false };
        const strictly = await convertBytes(dump, { reader: 'strict', selection });
        const fast = await convertBytes(dump, { reader: 'fast', selection, ...parts });
        expect(accountedFor(fast.counts)).toBe(true);
        expect(fast.counts.read).toBe(strictly.counts.read);
        expect(fast.files).toEqual(strictly.files);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    expect(rejected).toBeGreaterThan(0);
  },
  60_000 + dumps * 1000,
);
