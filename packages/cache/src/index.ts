export { createCompanions, emptyCompanions, presentCompanions } from './companions.js';
export { checkContract, type CheckContractOptions } from './check.js';
export type { ContractReport } from './contract-report.js';
export {
  consumerStatements,
  type ConsumerStatement,
  type ConsumerStatements,
} from './consumers.js';
export { createSchema, type CreateSchemaOptions, type CreateSchemaResult } from './create.js';
export {
  existingColumns,
  holdsCache,
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
  buildTables,
  dropScratch,
  dropUnusedForDedup,
  editionTable,
  matchTable,
  loadedTable,
  scratchTables,
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
export { readSqlFile, sqlStatements, splitStatements, type SqlFile } from './sql-files.js';
export {
  ensureIndexes,
  dropSecondary,
  indexPlan,
  type EnsureIndexesOptions,
  type BuiltIndexes,
  type IndexGroup,
  type IndexPlan,
  type IndexStatement,
} from './indexes.js';
export { removeReleases, type RemovedRows } from './remove.js';
export { functionObstacles, refuseUnfitServer } from './server-fit.js';
export * from './publish/index.js';
export type { Moment } from './moment.js';
