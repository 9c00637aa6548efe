/** A thread that decides: releases in, decisions or their codes out. */

import { parentPort, workerData } from 'node:worker_threads';
import { createClassifier, type ClassifierOptions, type DecisionCode } from './classifier.js';
import type { Decision } from './decision.js';
import type { Undecided } from './decision-thread.js';

export interface DecisionRequest {
  releases: readonly Undecided[];
  /** Whole decisions, not only codes. */
  detailed: boolean;
}

export type DecisionAnswer = DecisionCode[] | Decision[];

const classifier = createClassifier(workerData as ClassifierOptions);

parentPort!.on('message', ({ releases, detailed }: DecisionRequest) => {
  const answer: DecisionAnswer = detailed
    ? releases.map(({ artists, title }) => classifier.decide(artists, title))
    : releases.map(({ artists, title }) => classifier.decisionOf(artists, title));
  parentPort!.postMessage(answer);
});
