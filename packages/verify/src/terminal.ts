/** The questions of `review` at a terminal, or answered by a script through a pipe. */

import { createInterface } from 'node:readline';
import { out, visible } from '@wxyc/cli';
import { detailsInWords, discogsUrl } from './release-details.js';
import type { ReviewAnswer, ReviewQuestion } from './review.js';
import { ruleInWords, scoreInWords } from './rule-words.js';

/**
 * Reads answers line by line; the end of the input means quit. `close` frees the input.
 *
 * @param signal Ends a question that waits.
 */
export function terminalQuestions(signal: AbortSignal): {
  ask: (question: ReviewQuestion) => Promise<ReviewAnswer>;
  close: () => void;
} {
  // Not as a terminal: then an interrupt reaches the process, and the frame ends the command in order.
  const reader = createInterface({ input: process.stdin, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  const close = (): void => reader.close();
  signal.addEventListener('abort', close, { once: true });
  return {
    close,
    async ask(question) {
      out(questionText(question));
      for (;;) {
        out(promptText(question));
        const line = await lines.next();
        if (line.done) return 'quit';
        const answer = parseAnswer(line.value, question);
        if (answer !== undefined) return answer;
        out(`"${line.value.trim()}" is not one of the answers.\n`);
      }
    },
  };
}

const artistAnswers = ['keep', 'prune'] as const;
const albumAnswers = ['album', 'skip', 'back', 'quit'] as const;

function parseAnswer(line: string, { item, candidates }: ReviewQuestion): ReviewAnswer | undefined {
  const word = line.trim().toLowerCase();
  const candidate = /^\d+$/.test(word) ? candidates[Number(word) - 1] : undefined;
  if (candidate) return { keepAs: candidate.artist };
  if (word === '') return 'skip';
  const possible = item.artist === null ? albumAnswers : [...albumAnswers, ...artistAnswers];
  return possible.find((answer) => answer === word || answer.charAt(0) === word);
}

function promptText({ item, album, candidates }: ReviewQuestion): string {
  const pressings =
    album.releaseIds.length === 1 ? 'this release' : `these ${album.releaseIds.length} releases`;
  const artist =
    item.artist === null
      ? ''
      : `everything by this artist (k), ${candidates.length > 0 ? `it is library artist 1..${candidates.length}, ` : ''}nothing by this artist (p), `;
  return `keep this album alone, ${pressings} (a), ${artist}skip (s), back (b), quit (q)? `;
}

function questionText({
  number,
  of,
  item,
  album,
  albumNumber,
  details,
  candidates,
}: ReviewQuestion): string {
  const [id] = album.releaseIds;
  const releases = item.releases === 1 ? '1 release' : `${item.releases} releases`;
  const place = item.albums.length > 1 ? `, album ${albumNumber} of ${item.albums.length}` : '';
  const facts = details ? detailsInWords(details) : '';
  const library =
    album.libraryTitle === null ? 'nothing' : `${album.libraryArtist} – ${album.libraryTitle}`;
  const lines = [
    `\n${number} of ${of}: ${item.artist ?? (details && details.artists.length > 0 ? details.artists.join(' / ') : 'no artist that decides')}, ${releases} in doubt${place}`,
    `  release: ${album.title}${facts ? ` (${facts})` : ''}  ${discogsUrl(id!)}`,
    `  library: ${library}, score ${scoreInWords(album.score)}, rule ${ruleInWords(album.rule)}`,
    ...candidates.map(
      (candidate, at) =>
        `  ${at + 1}  ${candidate.artist} (${scoreInWords(candidate.score)}), ${candidate.title} (${scoreInWords(candidate.titleScore)})`,
    ),
  ];
  // Names and titles are whatever the dump and the library hold.
  return `${lines.map((line) => (line.startsWith('\n') ? `\n${visible(line.slice(1))}` : visible(line))).join('\n')}\n`;
}
