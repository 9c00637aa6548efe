/**
 * The rules as they are written, in the plainest words: every album is compared with every spelling of a release, by forms made
 * with one regular expression after the other. Shares no code with what it checks.
 */

export interface OracleRow {
  artist: string;
  title: string;
  alternates?: readonly string[] | undefined;
  trackArtists?: readonly string[] | undefined;
  releaseId?: number | undefined;
  masterId?: number | undefined;
}

export interface OracleBasis {
  library: readonly OracleRow[];
  keep?: ReadonlyMap<string, string | null>;
  prune?: ReadonlySet<string>;
  scoreCutoff?: number | undefined;
  alternates?: readonly (readonly [string, string])[] | undefined;
  artists?: readonly string[] | undefined;
  keepIds?: readonly number[] | undefined;
  aliases?: ReadonlyMap<number, readonly string[]> | undefined;
}

export interface OracleRelease {
  id: number;
  masterId?: number | null | undefined;
  title: string;
  credits: readonly {
    name: string;
    variation?: string | undefined;
    artistId?: number | undefined;
  }[];
}

export interface OracleDecision {
  decision: 'KEEP' | 'REVIEW' | 'PRUNE';
  titleScore: number | null;
}

// --- words ---------------------------------------------------------------------------------------------------------------

const set = (words: string): Set<string> => new Set(words.split(' '));
const articles = set('the los las les la le el die der das a an os il');
const joins = set(
  'and n feat featuring ft vs versus with w presents pres meets x y und et e og och',
);
const empty = set(
  'the a an of in on at to for de la le el los las les du des der die das von van his her',
);
const common = set(
  'band orchestra trio quartet quintet sextet ensemble group choir chorus orquesta orchester symphony philharmonic dj mc jr sr dr mr mrs ms st sir lady lord king queen big little old young new black white all stars boys girls brothers sisters project experience sound system crew family john david paul james michael',
);
const generic = set(
  'greatesthits live bestof thebestof untitled collection anthology remixes demo singles christmas thecollection hits unplugged ep album essential thebest gold remix verybestof theverybestof mixtape instrumentals christmasalbum classics covers bsides demos best sampler promo interview liveinconcert inconcert duets',
);
const selfTitles = set('st selftitled eponymous');
const variants = set(
  'live demo demos remix remixes remixed mixes instrumental instrumentals karaoke acoustic unplugged sessions session bsides sides rarities outtakes interview video videos dvd tribute covers reprise dub sampler promo alternate companion classics christmas',
);
const series = set('volume part number chapter book act disc series season episode');
const collections = set(
  'best hits greatest collection very live introducing meet essential this is presenting story of the',
);
const numbers: Record<string, string> = {};
'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
  .split(' ')
  .forEach((word, at) => (numbers[word] = String(at)));
'twenty thirty forty fifty sixty seventy eighty ninety'
  .split(' ')
  .forEach((word, at) => (numbers[word] = String(20 + 10 * at)));
'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth'
  .split(' ')
  .forEach((word, at) => (numbers[word] = String(at + 1)));

const space =
  '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const ends = new RegExp(`^${space}+|${space}+$`, 'gu');
const strip = (text: string): string => text.replace(ends, '');
const fixpoint = (text: string, step: (text: string) => string): string => {
  for (;;) {
    const next = step(text);
    if (next === text) return text;
    text = next;
  }
};
const unlessEmpty = (shorter: string, longer: string): string =>
  strip(shorter) === '' ? longer : strip(shorter);

// --- forms ---------------------------------------------------------------------------------------------------------------

function fold(text: string): string {
  const special: Record<string, string> = {
    ø: 'o',
    ł: 'l',
    đ: 'd',
    ß: 'ss',
    þ: 'th',
    ð: 'd',
    æ: 'ae',
    œ: 'oe',
    ı: 'i',
    ς: 'σ',
  };
  return fixpoint(strip(text).toLowerCase(), (lower) =>
    strip(
      lower
        .replace(/(?!(?<=[^\s\p{Cf}])\u200d(?=[^\s\p{Cf}]))\p{Cf}/gu, '')
        .normalize('NFKD')
        .toLowerCase()
        .replace(/((?=\p{L})[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu, '$1')
        .normalize('NFC')
        .replace(/[øłđßþðæœıς]/g, (letter) => special[letter]!),
    ),
  );
}

const quote = `['’‘\`´ʼ‛′]`;
const quotes = new RegExp(quote, 'g');
const quotedN = new RegExp(
  `(?<=^|[\\s\\p{L}\\p{Nd}])${quote}n${quote}(?=[\\s\\p{L}\\p{Nd}]|$)`,
  'gu',
);
const spaces = new RegExp(`${space}+`, 'u');
/** Forms are asked for again and again. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let made = known.get(text);
    if (made === undefined) known.set(text, (made = make(text)));
    return made;
  };
}

const normalArtist = remembered((name) =>
  fixpoint(name, (before) => {
    let form = fold(before);
    form = unlessEmpty(form.replace(/\(\p{Nd}+\)$/u, ''), form);
    form = dropBracket(form);
    form = form
      .replace(/^(.*), (the|los|las|les|la|le|el|die|der|das|a|an|os|il)$/su, '$2 $1')
      .replace(/&/g, ' and ');
    form = form.replace(quotedN, ' and ');
    const words = (text: string): string => text.split(spaces).filter(Boolean).join(' ');
    return words(form.replace(quotes, '')) || words(form);
  }),
);

function dropBracket(name: string): string {
  if (!name.endsWith(']')) return name;
  let depth = 0;
  for (let at = name.length - 1; at >= 0; at--) {
    if (name[at] === ']') depth++;
    if (name[at] === '[' && --depth === 0) return unlessEmpty(name.slice(0, at), name);
  }
  return name;
}

const mappingKey = (name: string): string => {
  const folded = fold(name);
  const number = /\(\p{Nd}+\)$/u.exec(folded);
  return (
    normalArtist(folded) +
    (number && strip(folded.slice(0, number.index)) !== '' ? ` ${number[0].normalize('NFKC')}` : '')
  );
};

const stylise = (text: string): string =>
  text.replace(/\$/g, 's').replace(/(?<=\p{L})!(?=\p{L})/gu, 'i');
const letters = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}]/gu, '');
const umlauts = (text: string): string => text.replace(/([aou])e+/g, '$1');

const looseArtist = remembered((normal) => {
  let words = stylise(normal)
    .split(' ')
    .filter((word) => word !== 'and' && word !== 'n');
  if (words.length > 1 && articles.has(words[0]!)) words = words.slice(1);
  return umlauts(letters(words.join(''))) || normal;
});

const artistWords = (normal: string): string[] =>
  stylise(normal)
    .replace(/(?<=(?:^|[^\p{L}\p{N}])\p{L})\.(?=\p{L}(?:[^\p{L}\p{N}]|$))/gu, '')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean);

const joinLetters = set('n x y e');
const isName = (word: string): boolean =>
  joinLetters.has(word) || !(joins.has(word) || articles.has(word));
const bag = remembered((normal) => {
  const spelled = (word: string): string => numbers[umlauts(word)] ?? umlauts(word);
  const words = artistWords(normal).map(spelled);
  const telling: string[] = [];
  // Each name by itself: a single letter counts at its start and end.
  const plain = stylise(normal).replace(
    /(?<=(?:^|[^\p{L}\p{N}])\p{L})\.(?=\p{L}(?:[^\p{L}\p{N}]|$))/gu,
    '',
  );
  const names = plain.split(/[;/+]|(?<= )[-–—](?= )/u).flatMap((text) => {
    const lists: string[][] = [[]];
    for (const word of text.match(/[\p{L}\p{M}\p{N}]+|,/gu) ?? []) {
      if (joins.has(word) && !joinLetters.has(word)) lists.push([]);
      else lists.at(-1)!.push(word);
    }
    return lists.flatMap((list) => {
      const commas = list.filter((word) => word === ',').length;
      if (commas === 1 && list[1] === ',' && list.length > 2) return [[...list.slice(2), list[0]!]];
      return list
        .join(' ')
        .split(',')
        .map((name) => name.split(' ').filter(Boolean));
    });
  });
  for (const name of names)
    for (const [at, word] of name.map(spelled).entries()) {
      const isFirst = !name.slice(0, at).some((other) => isName(spelled(other)));
      const isLast =
        at === name.length - 1 || (joinLetters.has(name[at + 1]!) && at + 2 < name.length);
      if (joinLetters.has(name[at]!) ? isFirst || isLast : isName(word)) telling.push(word);
    }
  const codePoints = (a: string, b: string): number =>
    Buffer.compare(Buffer.from(a), Buffer.from(b));
  return (telling.length ? telling : words).sort(codePoints).join(' ');
});

function partsOf(normal: string): string[] {
  const names = normal
    .split(
      /\s*(?:, |\/|;\s*| \+ | and | (?:feat\.?|featuring|ft\.?|with|w\/|vs\.?|versus|presents|meets|x) | [-–—] )\s*/u,
    )
    .filter((name) => name !== '' && !articles.has(name) && /[\p{L}\p{N}]/u.test(name));
  return names.length > 1 ? names : [];
}

const compilation = new RegExp(
  `^(?:various|various artists?|v/a|v\\.a\\.|va|(?:original )?soundtracks?|ost|compilations?)(?:$|${space}*[^\\p{L}\\p{N}_\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000])`,
  'u',
);
const isCompilation = (name: string): boolean => compilation.test(strip(name).toLowerCase());

function normalTitle(title: string): string {
  return fixpoint(fold(title), (rest) => {
    if (rest.endsWith('"')) return fold(unlessEmpty(rest.replace(/\p{Nd}*"$/u, ''), rest));
    const open = rest.lastIndexOf('(');
    if (!rest.endsWith(')') || open < 0 || rest.length - open > 60) return fold(rest);
    const suffix =
      /^(?:\p{Nd}+|\p{Nd}+\s*(?:cd|lp)\s*set|reissue|(?:deluxe|expanded|anniversary|special|limited)\s+edition|bonus\s+tracks|ep|lp|\p{Nd}+lp)$/iu;
    return fold(
      suffix.test(rest.slice(open + 1, -1)) ? unlessEmpty(rest.slice(0, open), rest) : rest,
    );
  });
}

const edition =
  '(?:re-?issue|deluxe|expanded|legacy|special|limited|collectors?|anniversary|remaster(?:ed|s)?|bonus(?: tracks?| dis[ck]| cd)?|box(?: ?set)?|single|maxi[- ]?single|cd single|e\\.?p\\.?|l\\.?p\\.?|mini[- ]?album|mixtape|album|o\\.?s\\.?t\\.?|soundtrack|digital|explicit(?: version)?|clean(?: version)?|mono|stereo|vinyl|cd|promo|import|original)';
const editions = [
  '\\p{Nd}+',
  '\\p{Nd}+ ?(?:x ?)?(?:cd|lp|dis[ck]|record)s?(?: set| box)?',
  `(?:the )?(?:\\p{Nd}+(?:st|nd|rd|th)? )?${edition}(?:[ /-]+(?:${edition}|edition|version|release|set|of|the|and|&|\\p{Nd}{4}|\\p{Nd}+(?:st|nd|rd|th)?))*`,
  '(?!.*\\b(?:live|demos?|instrumentals?|acoustic|unplugged|karaoke|dub|rarities|outtakes)\\b)(?:(?=.*\\bre-?master)|(?!.*\\b(?:remix|remixe[ds])\\b)).*\\b(?:edition|re-?issue|remaster(?:ed)?|anniversary|version)(?: \\p{Nd}{4})?',
  '\\p{Nd}{4} (?:remaster(?:ed)?|re-?issue|mix|version)',
  '(?:original )?(?:music|songs|score|soundtrack|motion picture|selections)(?: from| inspired| composed| soundtrack| score).*',
  '(?:the )?original (?:motion picture|movie|film|tv|television|game|video game|cast|broadway|soundtrack|score).*',
  'motion picture soundtrack.*',
  'w/? ?bonus.*',
].map((pattern) => new RegExp(`^(?:${pattern})$`, 'u'));
const isEdition = (text: string): boolean =>
  text.length <= 120 && editions.some((pattern) => pattern.test(text));

function withoutEditions(title: string): string {
  return fixpoint(title, (rest) => {
    const bracket = /^(.*\S)\s*[([{]([^()[\]{}]*)[)\]}]$/u.exec(rest);
    const behind = /^(.*\S)(?:\s*[:;]\s+|\s+[-–—]{1,3}\s+)([^:]*)$/u.exec(rest);
    const bare =
      /^(.*\S),?\s+(?:e\.?p\.?|l\.?p\.?|o\.?s\.?t\.?|(?:the )?(?:original )?(?:motion picture |film |movie |television )?soundtrack|remastered)$/u.exec(
        rest,
      );
    const inches = /^(.*\S)\s*(?<!\p{Nd})\p{Nd}+(?:"|”|″|'')$/u.exec(rest);
    let shorter = rest;
    if (bracket && isEdition(bracket[2]!.trim())) shorter = bracket[1]!;
    else if (behind && isEdition(behind[2]!.trim()) && !/^\p{Nd}+$/u.test(behind[2]!.trim()))
      shorter = behind[1]!;
    else if (bare) shorter = bare[1]!;
    else if (inches) shorter = inches[1]!;
    return shorter.trim() || rest;
  });
}

function roman(word: string): string | undefined {
  if (
    !/^(?:[ivx]+|(?:mm|mcm)[cdxlvi]*)$/.test(word) ||
    !/^m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$/.test(word)
  )
    return undefined;
  const value: Record<string, number> = { m: 1000, d: 500, c: 100, l: 50, x: 10, v: 5, i: 1 };
  return String(
    [...word].reduce(
      (sum, digit, at) =>
        sum + (value[digit]! < (value[word[at + 1] ?? ''] ?? 0) ? -value[digit]! : value[digit]!),
      0,
    ),
  );
}

function titleWords(text: string): string[] {
  let words = stylise(text)
    .replace(/(?<=\p{L}{2})in['’‘`´ʼ](?!\p{L})/gu, 'ing')
    .replace(/['’‘`´ʼ]/g, '')
    .replace(/(?<=(?:^|[\s(.])\p{L})\.(?=\p{L}(?:[.\s)]|$))/gu, '')
    .replace(/(?<=\p{Nd}),(?=\p{Nd}{3})/gu, '')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '' && word !== 'and' && word !== 'n');
  if (words.length > 1 && articles.has(words[0]!)) words = words.slice(1);
  const abbreviated: Record<string, string> = {
    vol: 'volume',
    vols: 'volume',
    volumes: 'volume',
    pt: 'part',
    pts: 'part',
    parts: 'part',
  };
  const done: string[] = [];
  for (const [at, word] of words.entries()) {
    const counted = ['volume', 'part', 'number', 'chapter', 'book', 'act'];
    const last = at === words.length - 1;
    const place =
      word.length === 1
        ? /[ivx]/.test(word) &&
          (words.length === 1 || (at > 0 && (last || counted.includes(done[at - 1]!))))
        : at > 0 || words.length === 1 || /^[ivx]+$/.test(word);
    const digits = place ? roman(word) : undefined;
    const next = words[at + 1] ?? '';
    const count = /^(\p{Nd}+)(?:st|nd|rd|th)$/u.exec(word);
    if (Object.hasOwn(abbreviated, word)) done.push(abbreviated[word]!);
    else if (word === 'no' && (/^\p{Nd}+$/u.test(next) || /^[ivx]+$/.test(next)))
      done.push('number');
    else if (Object.hasOwn(numbers, word)) done.push(numbers[word]!);
    else if (digits !== undefined) done.push(digits);
    else if (count) done.push(count[1]!);
    else
      done.push(
        /^\p{Nd}+$/u.test(word) ? word.normalize('NFKC').replace(/^0+(?=\p{Nd})/u, '') : word,
      );
  }
  return done;
}

interface Form {
  text: string;
  words: string[];
  key: string;
  most: number;
}

const form = (words: string[], text = words.join(' '), most = 1): Form => ({
  text,
  words,
  key: words.join('') || text,
  most,
});
const numbersOf = ({ words }: Form): string =>
  words
    .filter((word) => /^\p{Nd}+$/u.test(word))
    .sort()
    .join(' ');

const titleForms = remembered((title): Form[] => {
  const normal = normalTitle(title);
  const forms: Form[] = [];
  const add = (text: string, most: number): void => {
    const stripped = withoutEditions(text);
    const made = form(titleWords(stripped), stripped, most);
    if (made.key !== '' && forms.every(({ key }) => key !== made.key)) forms.push(made);
  };
  add(normal, 1);
  const lead =
    /^(?:original )?(?:music|songs|score|soundtrack|selections)(?: from| for| inspired by| to)(?: and inspired by| the soundtrack of)?(?: the)?(?: original)?(?: motion picture| movie| film| broadway production of| unrealized film script)?,? (?:the )?(.{5,})$/u.exec(
      normal,
    );
  if (lead) add(lead[1]!, 0.85);
  if (normal.includes(' = ')) for (const part of normal.split(/\s+=\s+/u)) add(part, 1);
  return forms;
});

/** Forms of a title by an artist: `s/t` stands for the name, and the name may stand before or behind the title. */
function readings(forms: Form[], normal: string, whole = true): Form[] {
  const loose = looseArtist(normal);
  const all = [...forms];
  for (const { text, words } of forms) {
    if (whole && /^(?:s\/t|s-t|st|self[- ]?titled|untitled|eponymous)$/.test(text))
      all.push(form(titleWords(normal), normal, text === 'untitled' ? 0.85 : 1));
    for (let at = 1; at < words.length; at++) {
      const joined = words.slice(0, at).join('');
      const before = words.slice(0, at - 1).join('');
      if (before.length > loose.length + 6) break;
      const name = umlauts(joined);
      if (name !== loose && name !== `${loose}s`) continue;
      const rest = words.slice(words[at] === 'presents' ? at + 1 : at);
      if (rest.length > 0) all.push(form(titleWords(rest.join(' '))));
      break;
    }
    for (let at = words.length - 1; at > 0; at--) {
      if (words.slice(at + 1).join('').length > loose.length + 6) break;
      if (umlauts(words.slice(at).join('')) !== loose) continue;
      let end = at;
      while (end > 1 && ['the', 'with', 'by', 'featuring'].includes(words[end - 1]!)) end--;
      const rest = words.slice(0, end);
      const says =
        rest.at(-1) !== 'of' &&
        rest.join('').length >= 5 &&
        !rest.every((word) => variants.has(word) || collections.has(word));
      if (says) all.push(form(rest, rest.join(' '), 0.95));
      break;
    }
  }
  return all;
}

// --- scores --------------------------------------------------------------------------------------------------------------

function ratio(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  if (x.length + y.length === 0) return 1;
  let row = new Array<number>(y.length + 1).fill(0);
  for (const left of x) {
    const next = [0];
    y.forEach((right, at) =>
      next.push(left === right ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!)),
    );
    row = next;
  }
  return (2 * row.at(-1)!) / (x.length + y.length);
}

function harmless(text: string): boolean {
  const words = titleWords(text);
  if (words.some((word) => variants.has(word))) return false;
  const counted = words.filter((word) => /^\p{Nd}+$/u.test(word));
  if (counted.length === 0) return true;
  if (counted.length === words.length)
    return counted.every((number) => /^(?:19|20)\d\d$/.test(number));
  return words.length >= 3 && !words.some((word) => series.has(word));
}

/** Whether a title is the artist's name. */
const bears = (key: string, normal: string): boolean =>
  key === form(titleWords(normal), normal).key || umlauts(key) === looseArtist(normal);

function isPart(short: Form, long: Form, artist: string): boolean {
  if (short.key.length < 5 || (artist !== '' && bears(short.key, artist))) return false;
  if (!long.key.includes(short.key) && numbersOf(short) === '') return false;
  const firstKey = (text: string): string | undefined => titleForms(text)[0]?.key;
  const titles = long.text.split(/\s*[=/]\s*/u).filter(Boolean);
  const own = titles.length > 1 ? titles.findIndex((title) => firstKey(title) === short.key) : -1;
  if (own >= 0)
    return titles.every(
      (title, at) => at === own || !titleWords(title).some((word) => variants.has(word)),
    );
  const parts = long.text.split(/\s*[:([\]){}=/;]\s*|\s+[-–—~+]{1,3}\s+/u).filter(Boolean);
  for (let first = 0; first < parts.length; first++) {
    for (let end = first + 1; end <= parts.length; end++) {
      if (end - first === parts.length || (parts.length > 12 && end - first > 1)) continue;
      const key =
        end - first === 1
          ? firstKey(parts[first]!)
          : form(titleWords(parts.slice(first, end).join(' ')), parts.slice(first, end).join(' '))
              .key;
      if (key === short.key)
        return parts.every((part, at) => (at >= first && at < end) || harmless(part));
    }
  }
  return false;
}

function similar(a: Form, b: Form, artist: string): number {
  const [short, long] = a.key.length <= b.key.length ? [a, b] : [b, a];
  const part = isPart(short, long, artist) ? 0.85 : 0;
  if (numbersOf(a) !== numbersOf(b)) return part;
  const words =
    a.words.length > 0 && b.words.length > 0
      ? ratio([...a.words].sort().join(' '), [...b.words].sort().join(' '))
      : 0;
  return Math.min(0.99, Math.max(part, words, a.key.length > 5 ? 0.97 * ratio(a.key, b.key) : 0));
}

function titleScore(a: Form[], b: Form[], artist: string): number {
  const equal = a.flatMap((x) =>
    b.filter((y) => x.key === y.key).map((y) => Math.min(x.most, y.most)),
  );
  const best = Math.max(0, ...equal);
  if (best === 1) return 1;
  return Math.max(
    best,
    ...a.flatMap((x) => b.filter((y) => x.key !== y.key).map((y) => similar(x, y, artist))),
  );
}

const significant = (normal: string): string[] =>
  [...new Set(artistWords(normal))].filter(
    (word) => word.length >= 2 && !empty.has(word) && !joins.has(word),
  );

// --- the decision --------------------------------------------------------------------------------------------------------

const ranks = { PRUNE: 0, REVIEW: 1, KEEP: 2 } as const;

export function oracleDecide(basis: OracleBasis, release: OracleRelease): OracleDecision {
  const { library } = basis;
  const cutoff = basis.scoreCutoff ?? 0.9;
  if (
    basis.keepIds?.includes(release.id) ||
    library.some(({ releaseId }) => releaseId === release.id)
  )
    return { decision: 'KEEP', titleScore: null };
  if (release.masterId && library.some(({ masterId }) => masterId === release.masterId))
    return { decision: 'KEEP', titleScore: null };

  let best: OracleDecision = { decision: 'PRUNE', titleScore: null };
  const offer = (decision: OracleDecision['decision'], score: number | null): void => {
    const better =
      ranks[decision] - ranks[best.decision] || (score ?? -1) - (best.titleScore ?? -1);
    if (better > 0) best = { decision, titleScore: score };
  };
  const forms = titleForms(release.title);
  const keep = new Map([...(basis.keep ?? [])].map(([name, target]) => [mappingKey(name), target]));
  const prune = new Set([...(basis.prune ?? [])].map(mappingKey));

  // Spellings: what each may do. One name under several conditions counts under each.
  interface Spelling {
    normal: string;
    onlyEqual: boolean;
    alias: boolean;
    pruned: boolean;
    target?: string | undefined;
  }
  const spellings: Spelling[] = [];
  const add = (raw: string, more: Partial<Spelling> = {}): void => {
    const normal = normalArtist(raw);
    if (normal === '') return;
    spellings.push({ normal, onlyEqual: false, alias: false, pruned: false, ...more });
  };
  let compilation = false;
  let compilationPruned = false;
  let prunedCredit = false;
  const credits = release.credits.filter(({ name }) => name !== '');
  for (const { name, variation = '', artistId } of credits) {
    const keys = [mappingKey(name), ...(variation === '' ? [] : [mappingKey(variation)])];
    const key = keys.find((candidate) => keep.has(candidate) || prune.has(candidate));
    const target = key === undefined ? undefined : keep.get(key);
    if (target === null) offer('KEEP', null);
    const pruned = key !== undefined && !keep.has(key);
    prunedCredit ||= pruned;
    for (const spelled of variation === '' ? [name] : [name, variation]) {
      if (isCompilation(spelled)) {
        compilation = true;
        compilationPruned ||= pruned;
      } else add(spelled, { pruned, target: target ?? undefined });
    }
    for (const alias of (artistId !== undefined && basis.aliases?.get(artistId)) || [])
      if (!pruned) add(alias, { onlyEqual: true, alias: true });
  }
  // The number that tells namesakes apart is never part of a joined name.
  const bare = (name: string): string => /^(.*[^\s])\s*\([\p{Nd}]+\)\s*$/su.exec(name)?.[1] ?? name;
  const sorted = (names: string[]): string =>
    names
      .map(bare)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .join(' / ');
  if (credits.length > 1) {
    add(sorted(credits.map(({ name }) => name)));
    add(sorted(credits.map(({ name, variation }) => variation || name)));
  } else if (credits[0] && !prunedCredit)
    for (const part of partsOf(normalArtist(credits[0].name))) add(part, { onlyEqual: true });

  // The library's names.
  const albums = library
    .filter(({ artist, title }) => strip(artist) !== '' && strip(title) !== '')
    .map((row) => {
      const isComp = isCompilation(row.artist);
      const tied = (basis.alternates ?? [])
        .filter(
          ([artist]) => looseArtist(normalArtist(artist)) === looseArtist(normalArtist(row.artist)),
        )
        .map(([, name]) => name);
      const names = isComp
        ? []
        : [row.artist, ...(row.alternates ?? []), ...tied]
            .map(normalArtist)
            .filter((name) => name !== '');
      const parts = [...names.flatMap(partsOf), ...(row.trackArtists ?? [])].map(normalArtist);
      return { row, isComp, names, parts, forms: titleForms(row.title) };
    });

  if (compilation && !compilationPruned) {
    const compilations = albums.filter(({ isComp }) => isComp);
    for (const album of compilations) {
      for (const x of forms)
        for (const y of album.forms)
          if (x.key === y.key) offer(x.most >= cutoff ? 'KEEP' : 'REVIEW', x.most);
    }
    if (best.decision === 'PRUNE' && (forms[0]?.key.length ?? 0) >= 12) {
      const count = (word: string): number =>
        compilations.filter((album) => album.forms.some(({ words }) => words.includes(word)))
          .length;
      const begins = (x: Form, y: Form): boolean =>
        x.words.length >= 3 &&
        x.key.length >= 14 &&
        x.words.length < y.words.length &&
        x.words.every((word, at) => word === y.words[at]) &&
        harmless(y.words.slice(x.words.length).join(' '));
      for (const album of compilations) {
        const shares = forms.some(({ words }) =>
          words.some(
            (word) => album.forms.some((other) => other.words.includes(word)) && count(word) <= 60,
          ),
        );
        if (!shares) continue;
        const beginning = forms.some((x) => album.forms.some((y) => begins(x, y) || begins(y, x)))
          ? 0.85
          : 0;
        const score = Math.max(titleScore(forms, album.forms, ''), beginning);
        if (score >= 0.85) offer('REVIEW', score);
      }
    }
  }

  const same = (a: string, b: string): boolean =>
    looseArtist(a) === looseArtist(b) || (bag(a) !== '' && bag(a) === bag(b));
  for (const spelling of spellings) {
    const name = spelling.target === undefined ? spelling.normal : normalArtist(spelling.target);
    for (const album of albums) {
      for (const [names, part] of [
        [album.names, false],
        [album.parts, true],
      ] as const) {
        for (const own of names) {
          if (!same(name, own)) continue;
          const joint = part || spelling.onlyEqual;
          const ours = spelling.alias ? forms : readings(forms, own, !spelling.onlyEqual);
          const theirs = readings(album.forms, own, !part);
          const score = titleScore(ours, theirs, own);
          let decision: OracleDecision['decision'] =
            score >= cutoff ? 'KEEP' : score >= Math.min(0.8, cutoff) ? 'REVIEW' : 'PRUNE';
          const shared = ours.filter(({ key }) => theirs.some((other) => other.key === key));
          if (
            joint &&
            score === 1 &&
            shared.every(({ key }) => generic.has(key) || selfTitles.has(key))
          )
            decision = 'REVIEW';
          if (joint && score < 1)
            decision = score >= cutoff && !spelling.alias ? 'REVIEW' : 'PRUNE';
          if (spelling.target !== undefined && decision === 'REVIEW') decision = 'KEEP';
          if (spelling.pruned && decision !== 'KEEP') decision = 'PRUNE';
          offer(decision, score);
        }
      }
    }
  }
  if (best.decision === 'KEEP') return best;

  const listed = (basis.artists ?? [])
    .filter((name) => !isCompilation(name))
    .map(normalArtist)
    .filter(
      (name) => name !== '' && !albums.some(({ names }) => names.some((own) => same(name, own))),
    );
  for (const x of forms) {
    for (const album of albums) {
      const ownReadings = album.isComp
        ? album.forms
        : [
            ...album.names.flatMap((name) => readings(album.forms, name)),
            ...album.parts.flatMap((name) => readings(album.forms, name, false)),
          ];
      if (album.isComp && listed.length === 0 && basis.artists === undefined) continue;
      const equal = ownReadings.filter(({ key }) => key === x.key);
      if (equal.length === 0) continue;
      const most = Math.min(x.most, Math.max(...equal.map((reading) => reading.most)));
      const isGeneric = generic.has(x.key);
      const saysLittle = isGeneric || selfTitles.has(x.key);
      if (spellings.length === 0 && !compilation && !saysLittle && x.key.length >= 6)
        offer('REVIEW', most);
      for (const spelling of spellings) {
        if (spelling.pruned || spelling.target !== undefined) continue;
        if (listed.some((name) => same(name, spelling.normal)))
          offer(saysLittle || most < cutoff ? 'REVIEW' : 'KEEP', most);
        if (isGeneric || album.isComp || spelling.onlyEqual) continue;
        for (const own of album.names) {
          const [a, b] = [looseArtist(own), looseArtist(spelling.normal)];
          const selfTitled =
            selfTitles.has(x.key) || bears(x.key, own) || bears(x.key, spelling.normal);
          const bound = (decision: 'KEEP' | 'REVIEW'): void =>
            offer(decision === 'KEEP' && most < cutoff ? 'REVIEW' : decision, most);
          const alike = ratio(a, b);
          const [few, many] = [significant(own), significant(spelling.normal)].sort(
            (left, right) => left.length - right.length,
          ) as [string[], string[]];
          const shared = few.filter((word) => many.includes(word));
          const all =
            few.length > 0 &&
            shared.length === few.length &&
            shared.join('').length >= 3 &&
            !(shared.length === 1 && common.has(shared[0]!));
          if (alike >= (selfTitled ? 0.9 : 0.85)) bound('KEEP');
          else if (all && selfTitled) {
            if (shared.length > 1 || !(selfTitles.has(x.key) || bears(x.key, own))) bound('REVIEW');
          } else if (all) bound(x.key.length < 6 && shared.length === 1 ? 'REVIEW' : 'KEEP');
          else if (
            !selfTitled &&
            (alike >= 0.75 || shared.some((word) => word.length >= 3 && !common.has(word)))
          )
            bound('REVIEW');
        }
      }
    }
  }
  return best;
}
