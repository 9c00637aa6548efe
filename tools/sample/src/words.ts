/**
 * The vocabulary of names and titles: common words, and a long tail of made-up ones, so that text repeats as much as real
 * text does. Searches on a cache of few, often repeated names would prove little.
 */
import { Random } from './random.js';

const common =
  `Love Night Time Blue Day Heart World Life Dream Dance Black Light Music Sun Fire Man Girl Home Rain Sea Moon Red White City
Good Soul Street Baby Summer River Sky Free Gold Road Star Blues Land Wild Children Little Winter Song Train Machine Eyes Water Wind Back Lost
House Last Morning Stone Long Sound Heaven Silver Secret Electric Midnight Garden Green Cold Sweet Body Mind Hand Space Radio Deep Young Dark
King Queen Brother Sister Mother Father Angel Devil Ghost Bird Wolf Horse Snake Tiger Rose Tree Mountain Island Ocean Desert Valley Bridge Tower
Window Door Mirror Paper Glass Iron Diamond Velvet Sugar Honey Coffee Wine Smoke Shadow Thunder Storm Snow Ice Crystal Magic Mystery Power Glory
Freedom War Peace Revolution Paradise Hell Church Temple School Hotel Motel Highway Station Airport Factory Kitchen Bedroom Ballroom Circus Carnival
Number One Two Three Seven Thousand Million Zero First Second New Old Big Small High Low Fast Slow Hot Cool Strange Beautiful Perfect Broken
Golden Hollow Empty Silent Quiet Loud Crazy Lonely Happy Sad Blind Hungry Holy Sacred Modern Ancient Future Past Yesterday Today Tomorrow Forever
Never Always Again Away Together Alone Inside Outside Under Over Beyond Between Running Walking Falling Flying Burning Waiting Dreaming Singing
Talking Sleeping Breathing Dancing Rising Turning Leaving Coming Calling Crying Changing Hiding Tape Signal Static Wire Circuit Motor Engine Wheel
Satellite Orbit Planet Comet Galaxy Gravity Atom Fever Pulse Rhythm Bass Drum Guitar Piano Organ Horn String Choir Echo Noise Tone Chord Melody`.split(
    /\s+/,
  );

/** Syllables by flavour: their mix decides what trigrams a word has. */
const flavours: readonly { start: string[]; middle: string[]; end: string[] }[] = [
  {
    start: split(
      'Br Cal Dun Ell Fen Gar Hol Kel Lind Mar Nor Os Pen Quin Ros Sal Thorn Ul Wes York',
    ),
    middle: split('a e i o er an en or il am'),
    end: split('ton ley ford ham well field wick stone wood man son er ing s by'),
  },
  {
    start: split('Lu Mar Bel Cha Du Fon Gre Jo Lam Mon Per Ro Vi Saint- Ber É Ché Fran'),
    middle: split('a e i é ou ai an on è'),
    end: split('tier lle ette rac nais guy mont vier çois reau ard lène'),
  },
  {
    start: split('Schwarz Grün Licht Berg Stein Kraft Wald Müh Ober Unter Hein Fried Kö Nacht Eis'),
    middle: split('en er el'),
    end: split('mann bach werk feld meister hof haus stadt ich rich ßen ler'),
  },
  {
    start: split('San Mon Cor Bra Cas Del Es Fer Gua Hi Jua Lo Mé Pa Río Se Va'),
    middle: split('ta ra li ma ño ri do ci'),
    end: split('dad ción dor dero ez illo ita ana uela ría to'),
  },
  {
    start: split('Sv Kjær Bj Sto Gö Åk Øst Lin Ny Sø Hå Vi Tor Hel Eng'),
    middle: split('en er a o ö e'),
    end: split('gren berg ström sen dal vik lund gård quist holm'),
  },
  {
    start: split('Ka Mi Shi Ta Yu Ha No Su Ki O Mo Ri Na To'),
    middle: split('ka ki mu ra shi ta no ri ma ku'),
    end: split('moto yama da ko mi ra ki to shita wa'),
  },
  {
    start: split('Ol Ad Chi Em If Ken Mo Nne Oba Ke Ze Tu Ay Bab'),
    middle: split('u a e o i'),
    end: split('kunle deji wale koya mba ndu la ra de tunde'),
  },
  {
    start: split('Pol Dvo Kra Wi Zie Mar Jab Now Szy Che Ži Čer'),
    middle: split('a o e i ow ł'),
    end: split('ski czak wicz ková nik ný łek chal var ń'),
  },
];

const scripts: Record<Script, readonly string[]> = {
  latin: [],
  cyrillic: split(
    'ночь свет дом река город ветер песня звезда любовь мир дорога зима весна море огонь время голос тень сон небо',
  ),
  greek: split('νύχτα φως θάλασσα δρόμος καρδιά άνεμος πόλη τραγούδι όνειρο χρόνος φωτιά βροχή'),
  japanese: split('夜 光 海 風 夢 東京 サクラ ライト ブルー 音楽 街 花火 星 恋 が 雨 ガール'),
  hebrew: split('לילה אור ים רוח חלום עיר שיר לב אש דרך'),
  arabic: split('ليل نور بحر ريح حلم مدينة قلب طريق نجمة'),
};

/** For words outside the Latin script that no list above has. */
const syllables: Record<Script, readonly string[]> = {
  latin: [],
  cyrillic: split('бо ве гра до жи за ка ли ми но пе ри со ту фе ха ца чу ша лё ский ова ин ень'),
  greek: split('α βε γι δο ζη θα κι λο μα νε ξη πα ρο σι τα φω χρη ψα νο ιά ρη'),
  japanese: split(
    'アイ カミ サト タナ ナカ ハル マツ ヤマ ユキ ラン 山 川 田 中 村 木 本 小 大 高 子 の ー ト',
  ),
  hebrew: split('א בר גל דן הר ור זי חן טל ים כר לב מי נו ס עד פר צו קר ר שי ת'),
  arabic: split('ال بد تا جم حس خا دي را زي سم شم صا طا عب غا فا قم كر لي مر نو ها'),
};

/** The script of a name or title. */
export type Script = 'latin' | 'cyrillic' | 'greek' | 'japanese' | 'hebrew' | 'arabic';

const tail = 60_000;
const made: string[] = [];

/** A word of the long tail; the same number is the same word in every sample. */
function rareWord(index: number): string {
  return (made[index] ??= makeWord(new Random(0, 11, index)));
}

function makeWord(random: Random): string {
  const { start, middle, end } = random.pick(flavours);
  const inner = random.chance(0.35)
    ? random.pick(middle) + random.pick(middle)
    : random.pick(middle);
  return random.pick(start) + inner + random.pick(end);
}

/** A word for a name or title; `rare` is how often it comes from the long tail. */
export function word(random: Random, rare: number, script: Script = 'latin'): string {
  if (script !== 'latin') {
    if (random.chance(0.3)) return random.pick(scripts[script]);
    return Array.from({ length: random.between(2, 4) }, () => random.pick(syllables[script])).join(
      '',
    );
  }
  return random.chance(rare)
    ? rareWord(random.skewed(tail, 1.6))
    : common[random.skewed(common.length, 1.3)]!;
}

/** `n` words with blanks between (Japanese has none). */
export function words(random: Random, n: number, rare: number, script: Script = 'latin'): string {
  const list = Array.from({ length: n }, () => word(random, rare, script));
  return list.join(script === 'japanese' ? '' : ' ');
}

/** Mostly Latin. */
export function scriptOf(random: Random): Script {
  if (random.chance(0.95)) return 'latin';
  return random.pick([
    'cyrillic',
    'cyrillic',
    'japanese',
    'japanese',
    'greek',
    'hebrew',
    'arabic',
  ] as const);
}

function split(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
