/** Words of names and titles that say too little, or something other than the rest: only generic words, nobody's name. */

import { joinWords } from '@wxyc/text';

/** These do not count when two artists' names are compared word by word. */
export const emptyNameWords: ReadonlySet<string> = new Set([
  'the',
  'a',
  'an',
  'of',
  'in',
  'on',
  'at',
  'to',
  'for',
  'de',
  'la',
  'le',
  'el',
  'los',
  'las',
  'les',
  'du',
  'des',
  'der',
  'die',
  'das',
  'von',
  'van',
  'his',
  'her',
]);

/** The words of a name that can tell it from others, each once. */
export function significantWords(words: readonly string[]): string[] {
  return words.filter(
    (word, at) =>
      word.length >= 2 &&
      !emptyNameWords.has(word) &&
      !joinWords.has(word) &&
      words.indexOf(word) === at,
  );
}

/** Words in so many names that sharing just one of them does not make two artists alike. */
export const commonNameWords: ReadonlySet<string> = new Set(
  (
    'band orchestra trio quartet quintet sextet ensemble group choir chorus orquesta orchester symphony philharmonic dj mc jr sr dr mr mrs ms st sir lady lord king ' +
    'queen big little old young new black white all stars boys girls brothers sisters project experience sound system crew family john david paul james michael'
  ).split(' '),
);

/** Titles of many albums: if the titles are equal, that says nothing about artists with similar names. Loose forms. */
export const genericTitles: ReadonlySet<string> = new Set(
  (
    'greatesthits live bestof thebestof untitled collection anthology remixes demo singles christmas thecollection hits unplugged ep album essential thebest gold remix ' +
    'verybestof theverybestof mixtape instrumentals christmasalbum classics covers bsides demos best sampler promo interview liveinconcert inconcert duets'
  ).split(' '),
);

/** Titles that stand for the artist's name. Loose forms. */
export const selfTitles: ReadonlySet<string> = new Set(['st', 'selftitled', 'eponymous']);

/** Before or after a title, these make it another album: `Up` is not `Up Live`. */
export const variantWords: ReadonlySet<string> = new Set(
  (
    'live demo demos remix remixes remixed mixes instrumental instrumentals karaoke acoustic unplugged sessions session bsides sides rarities outtakes interview video videos ' +
    'dvd tribute covers reprise dub sampler promo alternate companion classics christmas'
  ).split(' '),
);

/** Words that count the albums of a series. */
export const seriesWords: ReadonlySet<string> = new Set([
  'volume',
  'part',
  'number',
  'chapter',
  'book',
  'act',
  'disc',
  'series',
  'season',
  'episode',
]);

/** If a title without its artist's name has only these words left, what is left is not a title. */
export const collectionWords: ReadonlySet<string> = new Set([
  'best',
  'hits',
  'greatest',
  'collection',
  'very',
  'live',
  'introducing',
  'meet',
  'essential',
  'this',
  'is',
  'presenting',
  'story',
  'of',
  'the',
]);
