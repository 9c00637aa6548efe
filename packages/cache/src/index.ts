export {
  createReleaseCompanions,
  emptyReleaseCompanions,
  presentCompanions,
} from './companions.js';
export { checkContract, type CheckContractOptions } from './check.js';
export type { ContractReport } from './contract-report.js';
export { createSchema, type CreateSchemaOptions, type CreateSchemaResult } from './create.js';
export {
  existingColumns,
  isDeduplicated,
  isInUse,
  noteDeduplicated,
  noteDuplicated,
  refusePublishedCache,
} from './existing.js';
export { queryable, type Queryable } from './queryable.js';
export {
  profileTables,
  publishedProfile,
  readProfile,
  refuseOtherProfile,
  refuseProfileChange,
} from './profile.js';
export {
  olderMonth,
  readOrigin,
  refuseOlderMonth,
  unknownOrigin,
  type CacheOrigin,
  type PublishedOrigin,
} from './origin.js';
export { cacheStatus, type CacheFacts, type CacheStatus } from './status.js';
export {
  dropScratch,
  dropUnusedForDedup,
  editionTable,
  matchTable,
  loadedTable,
  trackCountTable,
} from './scratch.js';
export {
  buildSteps,
  readStepMarks,
  removeMarksSince,
  removeStepMarks,
  setStepMarks,
  stepNamesOf,
} from './step-marks.js';
export { muteTrigrams } from './search.js';
export {
  ensureIndexes,
  dropSecondary,
  type EnsureIndexesOptions,
  type BuiltIndexes,
  type IndexGroup,
} from './indexes.js';
export { removeReleases, type RemovedRows } from './remove.js';
export { functionObstacles, refuseUnfitServer } from './server-fit.js';
export * from './publish/index.js';
export type { Moment } from './moment.js';
