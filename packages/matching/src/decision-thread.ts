/** A classifier in a thread of its own: releases are decided while the caller reads the next ones. */

import { packBasis, type MatchBasis } from './basis.js';
import type { Decision, Release } from './decision.js';
import { Thread } from './thread.js';

/**
 * It starts while the caller reads the library, and builds its index while the caller reads the first releases.
 *
 * @example
 * const thread = new DecisionThread();
 * thread.use({ library: readLibrary('library.db') });
 * const [decision] = await thread.decide([{ id: 1, title: 'Dots And Loops', credits: [{ name: 'Stereolab' }] }]);
 * await thread.close();
 */
export class DecisionThread {
  private readonly thread = new Thread<readonly Release[], Decision[]>(new URL('./decision-worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });

  /** What to decide by. To be called before anything is asked. */
  use(basis: MatchBasis): void {
    this.thread.tell(packBasis(basis));
  }

  /** What {@link Classifier.decide} says of each release. */
  async decide(releases: readonly Release[]): Promise<Decision[]> {
    return this.thread.ask(releases);
  }

  async close(): Promise<void> {
    await this.thread.close();
  }
}
