import type { Blow } from './trial-plan.js';

/** The outcome of one strike. */
export interface Hit {
  blow: Blow;
  /** The step that was running; undefined: the run had ended before. */
  step: number | undefined;
}
