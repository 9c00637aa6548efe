import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  createListWalk,
  listEnd,
  PlainListWalk,
  VectorListWalk,
  type ListWalk,
} from '../dist/list-walk.js';
// @ts-expect-error a script
import { assembled, modules } from '../../../tools/wasm.mjs';

const names = ['images', 'formats', 'companies', 'tracklist', 'artists', 'extraartists', 'series'];
/** What the search must tell apart, and near misses. */
const snippets = [
  ...names.flatMap((name) => [`<${name}>`, `</${name}>`, `</${name.slice(0, -1)}>`, `</${name}`]),
  ...[
    '<track>',
    '<track/>',
    '<track a="b">',
    '<tracks/>',
    '</track>',
    '<track',
    '<trick>',
    '<role>',
    '</role>',
    '<resource_url>',
    '<release id="1">',
    '</release>',
    '</released>',
    '<released>',
  ],
  ...[
    '<!--',
    '<!',
    '<?x?>',
    '<',
    '>',
    '</',
    '<r',
    '</r',
    '<t',
    'text',
    ' ',
    '\n',
    'é',
    '&amp;',
    '<xartists>',
    '</xxxxxartists>',
    '</exxxxartists>',
  ],
];
const load = (walk: ListWalk, bytes: Buffer): void => {
  walk.reserve(bytes.length);
  bytes.copy(walk.bytes);
  walk.bytes[bytes.length] = 0x3c;
};
const text = fc
  .array(fc.constantFrom(...snippets), { maxLength: 40 })
  .map((parts) => parts.join(''));

describe('the walk to the end of a list', () => {
  test('is done by vectors on this machine', () => {
    expect(createListWalk()).toBeInstanceOf(VectorListWalk);
  });

  test('finds by vectors what it finds byte by byte, wherever it begins and ends', () => {
    const vector = createListWalk();
    const plain = new PlainListWalk();
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(...names),
        fc.nat(30),
        fc.nat(400),
        (xml, name, from, length) => {
          const bytes = Buffer.from(xml);
          const to = Math.min(bytes.length, from + length);
          const end = listEnd(name);
          const start = Math.min(from, to);
          load(plain, bytes.subarray(0, to));
          load(vector, bytes.subarray(0, to));
          const expected = plain.find(start, to, end);
          expect(vector.find(start, to, end)).toBe(expected);
          if (expected >= 0) expect(vector.tracks).toBe(plain.tracks);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('counts tracks up to the end, and takes more bytes than ever before', () => {
    for (const walk of [new PlainListWalk(), createListWalk()]) {
      for (const count of [1, 100_000, 300_000]) {
        const bytes = Buffer.from(
          `${'<track><title>A</title></track>'.repeat(count)}</tracklist><track>`,
        );
        load(walk, bytes);
        expect(walk.find(0, bytes.length, listEnd('tracklist'))).toBe(
          bytes.length - '</tracklist><track>'.length,
        );
        expect(walk.tracks).toBe(count);
      }
    }
  });
});

test('the assembled modules are those of their texts', async () => {
  for (const entry of modules)
    expect(readFileSync(new URL(`../../../${entry.module}`, import.meta.url), 'utf8')).toBe(
      await assembled(entry),
    );
});
