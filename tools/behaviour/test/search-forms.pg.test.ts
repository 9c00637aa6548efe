/** The forms of the schema `discogs` are those of the package `text`: filter, dedup and verify must agree with what consumers search. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import pg from 'pg';
import { ensureIndexes, createSchema } from '@wxyc/cache';
import { articles, looseArtist, normalizeArtist, normalizeTitle } from '@wxyc/text';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { fold } from '../../../packages/text/dist/folding.js';
import { otherWords, plainWords } from '../../../packages/text/dist/title-forms.js';
import { messyText, plainText } from '../../../packages/text/test/messy-text.ts';

/** Only `text` knows editions, and numbers as words or Roman numerals: this compares the words before that. */
function looseTitle(title: string): string {
  const normal = normalizeTitle(title);
  const words = plainWords(normal) ?? otherWords(normal);
  if (words.length > 1 && articles.has(words[0]!)) words.shift();
  return words.join('') || normal;
}

const forms: Record<string, (text: string) => string> = {
  fold,
  normal_artist: normalizeArtist,
  loose_artist: (name) => looseArtist(normalizeArtist(name)),
  normal_title: normalizeTitle,
  loose_title: looseTitle,
};

const usual =
  readFileSync(
    new URL('../../../packages/text/test/artist-forms.test.ts', import.meta.url),
    'utf8',
  ) +
  readFileSync(new URL('../../../packages/text/test/title-forms.test.ts', import.meta.url), 'utf8');
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
/** Every text that the tests of `text` ask about. */
const cases = [...usual.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].map((found) =>
  (found[2] ?? '').replace(/\\u\{?([0-9a-f]+)\}?/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  ),
);

describe.each(['usual', 'C'])('with the locale %s', (locale) => {
  let database: TestDatabase;
  let client: pg.Client;
  /** Characters that this Node or this server does not know yet: each has its own version of Unicode. */
  let unknown: ReadonlySet<string>;

  beforeAll(async () => {
    database = await testDatabase({
      extensions: false,
      ...(locale === 'C' ? { locale: 'C' } : {}),
    });
    await createSchema({ databaseUrl: database.url });
    await ensureIndexes({ databaseUrl: database.url, schema: 'public' });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    unknown = await charactersNotKnown(client);
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const known = (text: string): string =>
    [...text]
      .filter(
        (character) =>
          character !== '\0' && !/[\p{Cn}\p{Cs}]/u.test(character) && !unknown.has(character),
      )
      .join('');

  /** In one statement each: a property of fast-check would ask thousands. */
  const random = (numRuns: number): string[] =>
    fc
      .sample(fc.oneof({ weight: 4, arbitrary: messyText }, plainText), { numRuns, seed })
      .map(known);

  /** What the server answers for each of the texts, asked in one statement. */
  async function ask<T>(expression: string, texts: readonly string[]): Promise<T[]> {
    const { rows } = await client.query<{ answer: T }>(
      `SELECT ${expression} AS answer FROM unnest($1::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n`,
      [texts],
    );
    return rows.map(({ answer }) => answer);
  }

  async function compare(texts: readonly string[], names = Object.keys(forms)): Promise<void> {
    for (const name of names) {
      const answers = await ask<string>(`discogs.${name}(t)`, texts);
      const wrong = texts.flatMap((text, at) =>
        answers[at] === forms[name]!(text)
          ? []
          : [{ name, text, sql: answers[at], node: forms[name]!(text) }],
      );
      expect({ seed, wrong: wrong.slice(0, 10) }).toEqual({ seed, wrong: [] });
    }
  }

  it('knows nearly all of Unicode', () => {
    // A three-year-old server lacks a few hundred.
    expect(unknown.size).toBeLessThan(800);
    for (const character of 'ÄéßŁЖйΩςがガ漢한שعऀ\u0301\u200d')
      expect(unknown).not.toContain(character);
  });

  it('the cases of the package text', async () => {
    expect(cases.length).toBeGreaterThan(300);
    await compare(cases.map(known));
  });

  it('every character, between letters, behind them and before a number', async () => {
    // With the locale C only lower case differs.
    const characters = assigned().filter(
      (character) =>
        !unknown.has(character) && (locale === 'usual' || character.toLowerCase() !== character),
    );
    await compare(
      characters.map(
        (character) => `A ${character}b${character}\u0301x(${character}2)${character}`,
      ),
      ['loose_artist', 'loose_title'],
    );
  }, 60_000);

  it('any text', async () => {
    await compare(random(2_500));
  }, 60_000);

  it('keys: a stored text finds itself, and short cuts for common texts change nothing', async () => {
    const texts = [...cases.map(known), ...random(1_500)].filter(
      (text) => normalizeArtist(text) !== '',
    );
    for (const [told, check] of [
      ['title', 'discogs.title_key(t) = ANY ((discogs.ask(t, false)).keys)'],
      ['artist', 'discogs.artist_key(t) = ANY ((discogs.ask(t, true)).keys)'],
      [
        'short cuts for titles',
        `discogs.title_key(t) = hashtext(discogs.letters(t)) OR t ~ '[)"\uff02\uff09]\\s*$'`,
      ],
      [
        'short cuts for artists',
        `discogs.artist_key(t) = hashtext(discogs.letters(t)) OR t ~ '\\)\\s*$'`,
      ],
      ['letters without folding', 'discogs.letters(t) = discogs.letters(discogs.fold(t))'],
    ] as const) {
      const found = await ask<boolean>(check, texts);
      expect({ told, seed, wrong: texts.filter((_, at) => !found[at]).slice(0, 10) }).toEqual({
        told,
        seed,
        wrong: [],
      });
    }
  }, 60_000);
});

/** All characters, except most ideographs and syllables, which are all alike. */
function assigned(): string[] {
  const characters: string[] = [];
  for (let point = 1; point < 0x110000; point++) {
    const character = String.fromCodePoint(point);
    if (
      /[\p{Cn}\p{Cs}]/u.test(character) ||
      (/[\p{Script=Han}\p{Script=Hangul}\p{Script=Tangut}\p{Script=Egyptian_Hieroglyphs}\p{Co}]/u.test(
        character,
      ) &&
        point % 97 !== 0)
    )
      continue;
    characters.push(character);
  }
  return characters;
}

async function charactersNotKnown(client: pg.Client): Promise<Set<string>> {
  const characters = assigned();
  // Behind an overlay, the first of all marks, a mark that the server knows changes its place.
  const { rows } = await client.query<{
    c: string;
    nfkd: string;
    nfc: string;
    placed: string;
    small: string;
    full: boolean;
  }>(
    `SELECT c, normalize(c, NFKD) AS nfkd, normalize(c, NFC) AS nfc, normalize(c || U&'\\0334', NFD) AS placed, lower(c) AS small, lower('\u0416') = '\u0436' AS full FROM unnest($1::text[]) c`,
    [characters],
  );
  const known = rows.filter(({ c, nfkd, nfc, placed, small, full }) => {
    if (
      nfkd !== c.normalize('NFKD') ||
      nfc !== c.normalize('NFC') ||
      placed !== `${c}\u0334`.normalize('NFD')
    )
      return false;
    return !full || small !== c || c.toLowerCase() === c;
  });
  const all = new Set(known.map(({ c }) => c));
  return new Set(characters.filter((character) => !all.has(character)));
}
