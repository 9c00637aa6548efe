/** A thread that decides: first what to decide by, then releases in, and decisions or their codes out. */

import { parentPort } from 'node:worker_threads';
import { libraryRows, type LibraryColumns } from '@wxyc/library';
import { createClassifier, type Classifier, type ClassifierOptions, type DecisionCode } from './classifier.js';
import type { Decision } from './decision.js';

/** What {@link ClassifierOptions} say, in the form in which it goes to a thread fastest. */
export interface DecisionBasis extends Omit<ClassifierOptions, 'library'> {
  library: LibraryColumns;
}

/** Releases one behind the other: of each its title, then its artists. */
export interface DecisionRequest {
  texts: readonly string[];
  artistCounts: readonly number[];
  /** Whole decisions, not only codes. */
  detailed: boolean;
}

export type DecisionAnswer = DecisionCode[] | Decision[];

const port = parentPort!;

port.once('message', ({ library, ...options }: DecisionBasis) => {
  const classifier = createClassifier({ ...options, library: libraryRows(library) });
  port.on('message', (request: DecisionRequest) => port.postMessage(decide(classifier, request)));
});

function decide(classifier: Classifier, { texts, artistCounts, detailed }: DecisionRequest): DecisionAnswer {
  let at = 0;
  return artistCounts.map((count) => {
    const title = texts[at]!;
    const artists = texts.slice(at + 1, at + 1 + count);
    at += 1 + count;
    return detailed ? classifier.decide(artists, title) : classifier.decisionOf(artists, title);
  }) as DecisionAnswer;
}
