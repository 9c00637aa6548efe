/** The questions of `review` at a terminal, or answered by a script through a pipe. */

import { createInterface } from 'node:readline';
import { out, visible } from '@wxyc/cli';
import type { ReviewAnswer, ReviewQuestion } from './review.js';

/**
 * Reads answers line by line; the end of the input means quit. `close` frees the input.
 *
 * @param signal Ends a question that waits.
 */
export function terminalQuestions(signal: AbortSignal): { ask: (question: ReviewQuestion) => Promise<ReviewAnswer>; close: () => void } {
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
        out('keep (k), keep as 1..n, prune (p), skip (s), quit (q)? ');
        const line = await lines.next();
        if (line.done) return 'quit';
        const answer = parseAnswer(line.value, question);
        if (answer !== undefined) return answer;
        out(`"${line.value.trim()}" is none of the answers.\n`);
      }
    },
  };
}

function parseAnswer(line: string, { candidates }: ReviewQuestion): ReviewAnswer | undefined {
  const word = line.trim().toLowerCase();
  const candidate = /^\d+$/.test(word) ? candidates[Number(word) - 1] : undefined;
  if (candidate) return { keepAs: candidate.artist };
  if (word === '') return 'skip';
  return (['keep', 'prune', 'skip', 'quit'] as const).find((answer) => answer === word || answer.charAt(0) === word);
}

function questionText({ number, of, artist, candidates }: ReviewQuestion): string {
  const releases = artist.releases === 1 ? '1 release' : `${artist.releases} releases`;
  const score = artist.score === null ? '' : `, best score ${artist.score.toFixed(2)}`;
  const example = artist.candidateTitle === null ? artist.title : `${artist.title} (closest title in the library: ${artist.candidateTitle})`;
  const list = candidates.map(
    (candidate, at) => `  ${at + 1}  ${visible(candidate.artist)} (${candidate.score.toFixed(1)}), ${visible(candidate.title)} (${candidate.titleScore.toFixed(1)})\n`,
  );
  return `\n${number} of ${of}: ${visible(artist.artist)}, ${releases}${score}\n  for example: ${visible(example)}\n${list.join('')}`;
}
