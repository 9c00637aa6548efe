/** A classifier in a thread of its own: releases are decided while the caller reads the next ones. */

import { libraryColumns } from '@wxyc/library';
import type { ClassifierOptions, DecisionCode } from './classifier.js';
import type { Decision } from './decision.js';
import type { DecisionAnswer, DecisionRequest, DecisionBasis } from './decision-worker.js';
import { Thread } from './thread.js';

/** A release as decisions need it: names of its main credits, and its title. */
export interface Undecided {
  artists: string[];
  title: string;
}

/**
 * It starts while the caller reads the library, and builds its index while the caller reads the first releases.
 *
 * @example
 * const thread = new DecisionThread();
 * thread.use({ library: readLibrary('library.db') });
 * const [code] = await thread.codes([{ artists: ['Stereolab'], title: 'Dots And Loops' }]); // 2, KEEP
 * await thread.close();
 */
export class DecisionThread {
  private readonly thread = new Thread<DecisionRequest, DecisionAnswer>(new URL('./decision-worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });

  /** What to decide by. To be called before anything is asked. */
  use(options: ClassifierOptions): void {
    const basis: DecisionBasis = { ...options, library: libraryColumns(options.library) };
    this.thread.tell(basis);
  }

  /** What {@link Classifier.decisionOf} says of each release. */
  async codes(releases: readonly Undecided[]): Promise<DecisionCode[]> {
    return (await this.ask(releases, false)) as DecisionCode[];
  }

  /** What {@link Classifier.decide} says of each release. */
  async decisions(releases: readonly Undecided[]): Promise<Decision[]> {
    return (await this.ask(releases, true)) as Decision[];
  }

  async close(): Promise<void> {
    await this.thread.close();
  }

  private ask(releases: readonly Undecided[], detailed: boolean): Promise<DecisionAnswer> {
    const texts = releases.flatMap(({ artists, title }) => [title, ...artists]);
    return this.thread.ask({ texts, artistCounts: releases.map(({ artists }) => artists.length), detailed });
  }
}
