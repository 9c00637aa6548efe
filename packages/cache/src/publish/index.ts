export { carryOver, type CarryOverOptions, type CarryOverResult } from './carry-over.js';
export { type Carried } from './carry-pass.js';
export { type CacheChanges, type ChangedRelease, type ChangeList } from './changes.js';
export { shrinkWarning } from './guards.js';
export { publish, type PublishOptions, type PublishResult } from './publish.js';
export {
  publishObstacles,
  refuseObstacles,
  replacementRemarks,
  type ObstacleOptions,
} from './publish-obstacles.js';
export { publishedRunId, removePublishedRunId } from './run-comment.js';
export { undoPublication, type UndoOptions, type UndoResult } from './undo.js';
export type { OldCache } from './old-cache.js';
export type { ReplacedCache } from './replacing.js';
export type { OldTable } from './old-cache.js';
