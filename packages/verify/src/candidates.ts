/** The library artists that come closest to a name, for people: every one is scored, the best few are shown. */

import type { Classifier } from '@wxyc/matching';
import { normalizeArtist, normalizeTitle, tokenSetRatio } from '@wxyc/text';

export interface ArtistCandidate {
  /** As the library spells it. */
  artist: string;
  /** token_set_ratio of the normal forms, 0..100. */
  score: number;
  /** Of its titles the one most similar to the title in question. */
  title: string;
  /** token_set_ratio of the titles, 0..100. */
  titleScore: number;
}

/** The best `count` library artists for a name, each with its best title. The order of equals is that of the library. */
export function closestArtists(classifier: Classifier, name: string, title: string, count = 3): ArtistCandidate[] {
  const form = normalizeArtist(name);
  const scored = classifier.index.artists.map((artist, number) => ({ number, score: tokenSetRatio(form, artist) }));
  return scored
    .sort((a, b) => b.score - a.score || a.number - b.number)
    .slice(0, count)
    .map(({ number, score }) => ({ artist: classifier.index.artistSpellings[number]!, score, ...closestTitle(classifier, number, title) }));
}

function closestTitle({ index }: Classifier, artist: number, title: string): { title: string; titleScore: number } {
  const form = normalizeTitle(title);
  let best = { title: '', titleScore: -1 };
  const { forms, spellings } = index.titlesOf(artist);
  forms.forEach((candidate, at) => {
    const titleScore = tokenSetRatio(form, candidate);
    if (titleScore > best.titleScore) best = { title: spellings[at]!, titleScore };
  });
  return best;
}
