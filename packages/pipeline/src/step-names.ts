import { buildSteps } from '@wxyc/cache';

/** The steps of a run in the order in which they run; in copy mode `prune`, which then copies, comes last. */
export const stepNames = ['enrich', 'convert', ...buildSteps] as const;

export type StepName = (typeof stepNames)[number];

/** Steps that not every run has: state files leave them out until there is something to record. */
export const stepsOfSome: ReadonlySet<StepName> = new Set(['import_artists']);
