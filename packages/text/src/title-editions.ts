/** What follows a title and names an edition of the album, not another album: `(Deluxe Edition)`, `- Remastered 2009`, `[OST]`. */

/** Words that name an edition. All that is matched here is folded: lower case, no accents. */
const editionWord =
  '(?:re-?issue|deluxe|expanded|legacy|special|limited|collectors?|anniversary|remaster(?:ed|s)?|bonus(?: tracks?| dis[ck]| cd)?|box(?: ?set)?|single|maxi[- ]?single|cd single|e\\.?p\\.?|l\\.?p\\.?|mini[- ]?album|mixtape|album|o\\.?s\\.?t\\.?|soundtrack|digital|explicit(?: version)?|clean(?: version)?|mono|stereo|vinyl|cd|promo|import|original)';
const furtherWord = `(?:${editionWord}|edition|version|release|set|of|the|and|&|\\p{Nd}{4}|\\p{Nd}+(?:st|nd|rd|th)?)`;

/** Not before words that make an edition another album: `Live Version`. An album that was mixed anew and remastered is still the same. */
const sameAlbum =
  '(?!.*\\b(?:live|demos?|instrumentals?|acoustic|unplugged|karaoke|dub|rarities|outtakes)\\b)' +
  '(?!(?!.*\\bre-?master).*\\bremix(?:e[ds])?\\b)';

const editions: readonly RegExp[] = [
  // (2) · 2 x CD, 3lp box
  /^\p{Nd}+$/u,
  /^\p{Nd}+ ?(?:x ?)?(?:cd|lp|dis[ck]|record)s?(?: set| box)?$/u,
  // 40th anniversary deluxe edition · limited vinyl · the album
  new RegExp(
    `^(?:the )?(?:\\p{Nd}+(?:st|nd|rd|th)? )?${editionWord}(?:[ /-]+${furtherWord})*$`,
    'u',
  ),
  // corrected polarity edition · 2014 remaster
  new RegExp(
    `^${sameAlbum}.*\\b(?:edition|re-?issue|remaster(?:ed)?|anniversary|version)(?: \\p{Nd}{4})?$`,
    'u',
  ),
  /^\p{Nd}{4} (?:remaster(?:ed)?|re-?issue|mix|version)$/u,
  // music from the motion picture · original cast recording
  /^(?:original )?(?:music|songs|score|soundtrack|motion picture|selections)(?: from| inspired| composed| soundtrack| score).*$/u,
  /^(?:the )?original (?:motion picture|movie|film|tv|television|game|video game|cast|broadway|soundtrack|score).*$/u,
  /^motion picture soundtrack.*$/u,
  /^w\/? ?bonus.*$/u,
];

const bracketed = /^(.*\S)\s*[([{]([^()[\]{}]*)[)\]}]$/u;
const separated = /^(.*\S)(?:\s*[:;]\s+|\s+[-–—]{1,3}\s+)([^:]{0,120})$/u;
const bare =
  /^(.*\S),?\s+(?:e\.?p\.?|l\.?p\.?|o\.?s\.?t\.?|(?:the )?(?:original )?(?:motion picture |film |movie |television )?soundtrack|remastered)$/u;
const inches = /^(.*\S)\s*(?<!\p{Nd})\p{Nd}+(?:"|”|″|'')$/u;
/** Longer texts after a title are not editions, and are not looked at. */
const longestEdition = 120;
/** A title with an edition has one of these, or one of the words of {@link bare}. */
const mayHaveEdition = /[()[\]{}:;"”″]|\s[-–—]|''$|(?:p|t|\.|soundtrack|remastered)$/u;

/**
 * A normal form of a title without the editions at its end. Never empty.
 *
 * @example
 * withoutEditions('tnt [reissue]'); // 'tnt'
 */
export function withoutEditions(title: string): string {
  let rest = title;
  while (mayHaveEdition.test(rest)) {
    const shorter = dropEdition(rest).trim();
    if (shorter === rest || shorter === '') break;
    rest = shorter;
  }
  return rest;
}

function dropEdition(title: string): string {
  const bracket = endsWithBracket.test(title) ? bracketed.exec(title) : null;
  if (bracket && isEdition(bracket[2]!.trim())) return bracket[1]!;
  const behind = hasSeparator.test(title) ? separated.exec(title) : null;
  if (behind && isEdition(behind[2]!.trim()) && !/^\p{Nd}+$/u.test(behind[2]!.trim()))
    return behind[1]!;
  return (
    (endsWithBare.test(title) ? bare.exec(title)?.[1] : undefined) ??
    (endsWithInches.test(title) ? inches.exec(title)?.[1] : undefined) ??
    title
  );
}

// Most titles end differently, and these quick checks cost less than the patterns.
const endsWithBracket = /[)\]}]$/;
const hasSeparator = /[:;]\s|\s[-–—]/u;
const endsWithBare = /\s(?:e\.?p\.?|l\.?p\.?|o\.?s\.?t\.?|soundtrack|remastered)$/;
const endsWithInches = /["”″']$/;

function isEdition(text: string): boolean {
  return text.length <= longestEdition && editions.some((pattern) => pattern.test(text));
}
