// The search for similar artists at production's size, whatever --scale says: it depends on the library, not on the dump.
//
//   node tools/bench/match.mjs          the same without the bench frame
import { fileURLToPath } from 'node:url';
import { createClassifier, decideAll } from '@wxyc/matching';
import { codePoints, normalizeArtist, scoreTokens, sortCodePoints, tokenSetRatio } from '@wxyc/text';
import { artistName } from '../sample/dist/names.js';

export const about = '200,000 unmatched names against 24,000 library artists, beside a brute force with typed arrays and score cut-off';

const size = { names: 200_000, artists: 24_000, albums: 65_000 };
/** Names that the brute force searches: its rate does not depend on how many. */
const sample = 600;
const target = { rate: 5_500, memory: 600 * 2 ** 20 };

export default async function bench({ measure, row, note }) {
  const child = async (part) => {
    const run = await measure(['node', fileURLToPath(import.meta.url), part]);
    return { ...run, ...JSON.parse(run.stdout) };
  };
  const brute = await child('brute');
  const fast = await child('fast');
  if (JSON.stringify(fast.sampled) !== JSON.stringify(brute.sampled)) throw new Error('the fast search and the brute force disagree');
  const input = `${size.artists.toLocaleString('en')} artists`;
  const per = (run) => `${Math.round(run.names / run.seconds).toLocaleString('en')}/s`;
  row({ what: `brute force, ${brute.names} names`, input, wall: brute.seconds, cpu: brute.cpu, memory: brute.memory, rate: per(brute) });
  const rate = fast.names / fast.seconds;
  row({
    what: `decideAll, ${fast.names.toLocaleString('en')} names`,
    input,
    wall: fast.seconds,
    cpu: fast.cpu,
    memory: fast.memory,
    rate: per(fast),
    ratio: rate / (brute.names / brute.seconds),
    against: 'brute force',
    target: `≥ ${target.rate.toLocaleString('en')}/s, ≤ ${target.memory / 2 ** 20} MB`,
    ok: rate >= target.rate && fast.memory <= target.memory,
  });
  note(`Index of the library: ${fast.indexSeconds.toFixed(2)} s. All names share a word with the library, so each was searched; the ${sample} names of the brute force have the same answers.`);
  note(`Per second of CPU time: ${Math.round(fast.names / fast.cpu).toLocaleString('en')} names, brute force ${Math.round(brute.names / brute.cpu).toLocaleString('en')}.`);
}

/** Distinct artists; every eighth is the library's until it has enough. The others are asked for if they need a search. */
function makeWorld() {
  const artists = [];
  const others = [];
  const seen = new Set();
  for (let at = 0; others.length < size.names * 1.3; at += 1) {
    const name = artistName(1, at);
    const form = normalizeArtist(name);
    if (seen.has(form)) continue;
    seen.add(form);
    if (at % 8 === 0 && artists.length < size.artists) artists.push(name);
    else others.push(name);
  }
  const library = Array.from({ length: size.albums }, (_, at) => ({ artist: artists[at % artists.length], title: `${others[at % others.length]} ${at % 7}` }));
  return { library, others };
}

const parts = {
  async fast() {
    const { library, others } = makeWorld();
    const began = performance.now();
    const classifier = createClassifier({ library });
    const indexSeconds = (performance.now() - began) / 1000;
    const names = others.filter((name) => classifier.needsSearch(name) !== undefined).slice(0, size.names);
    const releases = names.map((name, id) => ({ id, title: 'untitled', artists: [name] }));
    const batches = Array.from({ length: Math.ceil(releases.length / 4_000) }, (_, at) => releases.slice(at * 4_000, (at + 1) * 4_000));
    const started = performance.now();
    let count = 0;
    for await (const batch of decideAll(batches, { classifier, library })) count += batch.length;
    const seconds = (performance.now() - started) / 1000;
    const sampled = names.slice(0, sample).map((name) => {
      const found = classifier.similar(normalizeArtist(name));
      return found ? [classifier.index.artists[found.artist], found.score] : null;
    });
    return { names: count, seconds, indexSeconds, sampled };
  },

  async brute() {
    const { library, others } = makeWorld();
    const classifier = createClassifier({ library });
    const names = others.filter((name) => classifier.needsSearch(name) !== undefined).slice(0, sample).map(normalizeArtist);
    const search = bruteForce(classifier.index.artists);
    const started = performance.now();
    const sampled = names.map(search);
    return { names: names.length, seconds: (performance.now() - started) / 1000, sampled };
  },
};

/**
 * Scores every artist, as a good library function does: words and characters prepared as numbers once, alignment with
 * 32 columns at a time, and none where the lengths alone rule out a better score than the best so far.
 */
function bruteForce(artists) {
  const tokenNumbers = new Map();
  const number = (token) => tokenNumbers.get(token) ?? (tokenNumbers.set(token, tokenNumbers.size), tokenNumbers.size - 1);
  const prepare = (text) => {
    const tokens = sortCodePoints([...new Set(scoreTokens(text))]);
    return { text, tokens: Int32Array.from(tokens, number), lengths: Int32Array.from(tokens, (token) => codePoints(token).length), points: codePoints(tokens.join(' ')) };
  };
  const prepared = artists.map(prepare);
  const bits = new Int32Array(0x20000);
  const marks = new Uint8Array(4_000_000);
  return (name) => {
    const query = prepare(name);
    const length = query.points.length;
    const short = length <= 32;
    query.points.forEach((point, at) => (bits[point & 0x1ffff] |= 1 << at));
    for (const token of query.tokens) marks[token] = 1;
    let best = null;
    let bar = 60;
    for (const artist of prepared) {
      let shared = -1;
      for (let at = 0; at < artist.tokens.length; at += 1) if (marks[artist.tokens[at]] === 1) shared += artist.lengths[at] + 1;
      const other = artist.points.length;
      let score;
      if (shared >= 0 || !short) {
        const shorter = Math.min(length, other);
        const bound = Math.max(shared < 0 ? 0 : (200 * shared) / (shared + shorter), (200 * shorter) / (length + other));
        if (bound < bar) continue;
        score = tokenSetRatio(query.text, artist.text);
      } else {
        if (200 * Math.min(length, other) < bar * (length + other)) continue;
        let state = -1;
        for (let at = 0; at < other; at += 1) {
          const hit = state & bits[artist.points[at] & 0x1ffff];
          state = (state + hit) | (state & ~hit);
        }
        let zeros = ~state;
        let common = 0;
        for (; zeros !== 0; zeros &= zeros - 1) common += 1;
        score = 100 - (100 * (length + other - 2 * common)) / (length + other);
      }
      if (score > bar || (score === bar && best === null)) {
        best = [artist.text, score];
        bar = score;
      }
    }
    for (const point of query.points) bits[point & 0x1ffff] = 0;
    for (const token of query.tokens) marks[token] = 0;
    return best;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const part = parts[process.argv[2]];
  if (part) {
    const result = await part();
    process.stdout.write(JSON.stringify(result));
  } else {
    const { measure } = await import('./frame/measure.mjs');
    const { printTable } = await import('./frame/table.mjs');
    const rows = [];
    console.log(`${about}\n`);
    await bench({ measure, row: (row) => rows.push(row), note: (text) => console.log(text) });
    printTable(rows);
  }
}
