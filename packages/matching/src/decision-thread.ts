/** A classifier in a thread of its own: releases are decided while the caller reads the next ones. */

import type { ClassifierOptions, DecisionCode } from './classifier.js';
import type { Decision } from './decision.js';
import type { DecisionAnswer, DecisionRequest } from './decision-worker.js';
import { Thread } from './thread.js';

/** A release as decisions need it: names of its main credits, and its title. */
export interface Undecided {
  artists: string[];
  title: string;
}

/**
 * @example
 * const thread = new DecisionThread({ library: readLibrary('library.db') });
 * const [code] = await thread.codes([{ artists: ['Stereolab'], title: 'Dots And Loops' }]); // 2, KEEP
 * await thread.close();
 */
export class DecisionThread {
  private readonly thread: Thread<DecisionRequest, DecisionAnswer>;

  constructor(options: ClassifierOptions) {
    this.thread = new Thread(new URL('./decision-worker.js', import.meta.url), options, { maxYoungGenerationSizeMb: 16 });
  }

  /** What {@link Classifier.decisionOf} says of each release. */
  async codes(releases: readonly Undecided[]): Promise<DecisionCode[]> {
    return (await this.thread.ask({ releases, detailed: false })) as DecisionCode[];
  }

  /** What {@link Classifier.decide} says of each release. */
  async decisions(releases: readonly Undecided[]): Promise<Decision[]> {
    return (await this.thread.ask({ releases, detailed: true })) as Decision[];
  }

  async close(): Promise<void> {
    await this.thread.close();
  }
}
