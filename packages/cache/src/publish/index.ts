export { carryOver, type CarryOverOptions, type CarryOverResult } from './carry-over.js';
export { type Carried } from './carry-pass.js';
export { publish, publishObstacles, refuseObstacles, type PublishOptions, type PublishResult } from './publish.js';
export { publishedRunId } from './run-comment.js';
