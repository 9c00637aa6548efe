export * from './campaign.js';
export { contentOf, differencesOf, type Content } from './content.js';
export {
  onConnection,
  postmasterOf,
  startScratchServer,
  type ScratchServer,
} from './scratch-server.js';
export {
  blows,
  everyStep,
  modes,
  parsePlan,
  places,
  planOf,
  planText,
  stepCounts,
  type Blow,
  type Mode,
  type Place,
  type Strike,
  type TrialPlan,
} from './trial-plan.js';
export { runTrial, type TrialResult } from './trial.js';
export type { Hit } from './hit.js';
export { makeWorld, type World, type WorldOptions } from './world.js';
