/** The questions of `review` at a terminal, or answered by a script through a pipe. */

import { createInterface } from 'node:readline';
import { formatScore, out, visible } from '@wxyc/cli';
import { detailsInWords, discogsUrl } from './release-details.js';
import type { ReviewAnswer, ReviewQuestion } from './review.js';
import { ruleInWords } from './rule-words.js';

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
  let isFirst = true;
  signal.addEventListener('abort', close, { once: true });
  return {
    close,
    async ask(question) {
      out(questionText(question));
      if (isFirst) out(helpText(question));
      isFirst = false;
      for (;;) {
        out(promptText(question));
        const line = await lines.next();
        if (line.done) return 'quit';
        if (['?', 'h', 'help'].includes(line.value.trim().toLowerCase())) {
          out(helpText(question));
          continue;
        }
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

/** The letters of a question's answers, on one line. */
function promptText({ item, candidates }: ReviewQuestion): string {
  const artist = item.artist === null ? [] : ['k', ...numbers(candidates.length), 'p'];
  return `${['a', ...artist, 's', 'b', 'q'].join(', ')}, or ? for help: `;
}

function helpText({ item, album, candidates }: ReviewQuestion): string {
  const pressings =
    album.releaseIds.length === 1 ? 'this release' : `these ${album.releaseIds.length} releases`;
  const answers = [
    ['a', `keep this album, by the id of ${pressings}; decides nothing about the artist`],
    ...(item.artist === null
      ? []
      : [
          ['k', 'keep everything by this artist'],
          ...numbers(candidates.length).map((which) => [
            which,
            'this is the library artist with that number, under another name',
          ]),
          ['p', 'this is another artist: leave out what is in doubt'],
        ]),
    ['s', 'skip: decide later (Enter does the same)'],
    ['b', 'back: undo the previous answer and ask again'],
    ['q', 'quit; your answers so far are saved'],
  ];
  return answers.map(([key, what]) => `  ${key!.padEnd(4)}${what}\n`).join('');
}

const numbers = (count: number): string[] =>
  count === 0 ? [] : count === 1 ? ['1'] : [`1-${count}`];

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
    `\n${number} of ${of}: ${item.artist ?? (details && details.artists.length > 0 ? details.artists.join(' / ') : 'no deciding artist')}, ${releases} in doubt${place}`,
    `  release: ${album.title}${facts ? ` (${facts})` : ''}  ${discogsUrl(id!)}`,
    `  library: ${library}, score ${formatScore(album.score)}, rule ${ruleInWords(album.rule)}`,
    ...candidates.map(
      (candidate, at) =>
        `  ${at + 1}  ${candidate.artist} (${formatScore(candidate.score)}), ${candidate.title} (${formatScore(candidate.titleScore)})`,
    ),
  ];
  // Names and titles are whatever the dump and the library hold.
  return `${lines.map((line) => (line.startsWith('\n') ? `\n${visible(line.slice(1))}` : visible(line))).join('\n')}\n`;
}
