/**
 * The rules of matching written down as plainly as possible, every pair compared. It shares the normal forms and the
 * scores with the product (those have tests of their own), and nothing else.
 */

import type { LibraryRow } from '@wxyc/library';
import type { Decision, Mappings, Rule } from '@wxyc/matching';
import {
  compareCodePoints,
  isCompilationArtist,
  mappingKey,
  normalizeArtist,
  normalizeTitle,
  scoreTokens,
  tokenSetRatio,
  tokenSortRatio,
} from '@wxyc/text';

type Scorer = (a: string, b: string) => number;

function bestOf(query: string, choices: string[], scorer: Scorer): { choice: string; score: number } | undefined {
  let best: { choice: string; score: number } | undefined;
  for (const choice of choices) {
    const score = scorer(query, choice);
    if (!best || score > best.score) best = { choice, score };
  }
  return best;
}

const firstSpelling = (spellings: string[]): string => [...spellings].sort(compareCodePoints)[0]!;

export class Oracle {
  private artists = new Map<string, Map<string, string[]>>();
  private spellings = new Map<string, string[]>();
  private compilations = new Map<string, string[]>();
  private sortedArtists: string[];
  private words = new Set<string>();
  private keep = new Map<string, string | null>();
  private prune = new Set<string>();
  private bestArtists = new Map<string, { choice: string; score: number } | undefined>();

  constructor(
    library: LibraryRow[],
    mappings: Mappings = { keep: new Map(), prune: new Set() },
    private cutoff = 0.75,
  ) {
    for (const row of library) {
      const title = normalizeTitle(row.title);
      const artist = normalizeArtist(row.artist);
      if (title === '') continue;
      if (isCompilationArtist(row.artist)) {
        this.compilations.set(title, [...(this.compilations.get(title) ?? []), row.title]);
      } else if (artist !== '') {
        const titles = this.artists.get(artist) ?? new Map<string, string[]>();
        titles.set(title, [...(titles.get(title) ?? []), row.title]);
        this.artists.set(artist, titles);
        this.spellings.set(artist, [...(this.spellings.get(artist) ?? []), row.artist]);
      }
    }
    this.sortedArtists = [...this.artists.keys()].sort(compareCodePoints);
    for (const artist of this.sortedArtists) for (const word of longWords(artist)) this.words.add(word);
    for (const [artist, target] of mappings.keep) this.keep.set(mappingKey(artist), target);
    for (const artist of mappings.prune) this.prune.add(mappingKey(artist));
  }

  decide(mainArtists: string[], title: string): Decision {
    const verdicts = mainArtists
      .filter((artist) => artist !== '')
      .map((artist) => this.decideCredit(artist, title))
      .sort((a, b) => {
        const rank = { KEEP: 0, REVIEW: 1, PRUNE: 2 };
        return (
          rank[a.decision] - rank[b.decision] ||
          (b.score ?? -1) - (a.score ?? -1) ||
          compareCodePoints(a.artist!, b.artist!)
        );
      });
    return verdicts[0] ?? decision('REVIEW', '0 no main credit', null, title);
  }

  private decideCredit(artist: string, title: string): Decision {
    const form = normalizeArtist(artist);
    const key = mappingKey(artist);
    if (this.keep.has(key)) {
      const target = this.keep.get(key)!;
      if (target === null) return decision('KEEP', '1 mapped: keep', artist, title);
      if (!this.artists.has(normalizeArtist(target))) {
        return decision('PRUNE', '1 mapped: keep as an artist that the library lacks', artist, title);
      }
      const byTitle = this.ruleThree(artist, normalizeArtist(target), title);
      if (byTitle.decision === 'REVIEW') byTitle.decision = 'KEEP';
      return { ...byTitle, rule: '1 mapped: keep as library artist' };
    }
    if (this.prune.has(key)) {
      if (!this.artists.has(form)) return decision('PRUNE', '1 mapped: prune', artist, title);
      const byTitle = this.ruleThree(artist, form, title);
      return byTitle.decision === 'KEEP'
        ? { ...byTitle, rule: '1 mapped: prune, but owned' }
        : { ...byTitle, decision: 'PRUNE', rule: '1 mapped: prune' };
    }
    if (isCompilationArtist(artist)) return this.ruleTwo(artist, title);
    if (this.artists.has(form)) return this.ruleThree(artist, form, title);
    if (!longWords(form).some((word) => this.words.has(word))) {
      return decision('PRUNE', '4 no word shared with a library artist', artist, title);
    }
    return this.ruleFive(artist, form, title);
  }

  private ruleTwo(artist: string, title: string): Decision {
    const form = normalizeTitle(title);
    const titles = [...this.compilations.keys()].sort(compareCodePoints);
    const best = this.compilations.has(form) ? { choice: form, score: 100 } : bestOf(form, titles, tokenSortRatio);
    if (!best || best.score < 80 || form === '') return decision('PRUNE', '2 compilation, title unknown', artist, title);
    return {
      ...decision('KEEP', '2 compilation, title known', artist, title),
      matchedTitle: firstSpelling(this.compilations.get(best.choice)!),
      titleScore: best.score,
      score: best.score / 100,
    };
  }

  private ruleThree(artist: string, match: string, title: string): Decision {
    const { exact, choice, score } = this.bestTitle(match, title);
    return {
      decision: exact || score / 100 >= this.cutoff ? 'KEEP' : score / 100 >= 0.65 ? 'REVIEW' : 'PRUNE',
      artist,
      title,
      matchedArtist: firstSpelling(this.spellings.get(match)!),
      matchedTitle: firstSpelling(this.artists.get(match)!.get(choice)!),
      artistScore: 100,
      titleScore: score,
      score: score / 100,
      rule: exact ? '3 library artist, exact title' : '3 library artist, best title',
    };
  }

  private ruleFive(artist: string, form: string, title: string): Decision {
    // Each distinct name once, or the oracle would take hours.
    if (!this.bestArtists.has(form)) this.bestArtists.set(form, bestOf(form, this.sortedArtists, tokenSetRatio));
    const best = this.bestArtists.get(form);
    if (!best || best.score < 60) return decision('PRUNE', '5 no similar artist', artist, title);
    const { exact, choice, score: titleScore } = this.bestTitle(best.choice, title);
    const score = Math.sqrt(best.score * titleScore) / 100;
    return {
      decision: exact || score >= this.cutoff ? 'KEEP' : score >= 0.65 ? 'REVIEW' : 'PRUNE',
      artist,
      title,
      matchedArtist: firstSpelling(this.spellings.get(best.choice)!),
      matchedTitle: firstSpelling(this.artists.get(best.choice)!.get(choice)!),
      artistScore: best.score,
      titleScore,
      score,
      rule: exact ? '5 similar artist, exact title' : '5 similar artist, best title',
    };
  }

  private bestTitle(match: string, title: string): { exact: boolean; choice: string; score: number } {
    const form = normalizeTitle(title);
    const titles = this.artists.get(match)!;
    if (titles.has(form)) return { exact: true, choice: form, score: 100 };
    return { exact: false, ...bestOf(form, [...titles.keys()].sort(compareCodePoints), tokenSetRatio)! };
  }
}

function longWords(artist: string): string[] {
  return scoreTokens(artist).filter((word) => [...word].length >= 3);
}

function decision(code: Decision['decision'], rule: Rule, artist: string | null, title: string): Decision {
  const none = { matchedArtist: null, matchedTitle: null, artistScore: null, titleScore: null, score: null };
  return { decision: code, artist, title, ...none, rule };
}
