export type { Argv, ArgumentsCamelCase } from 'yargs';
export * from './command.js';
export * from './main.js';
export * from './options.js';
export { out } from './output.js';
export { describeFailure } from './failure.js';
export { visible } from './visible.js';
export { summaryTable, textTable, formatCount, formatBytes, formatScore } from './summary.js';
export type { Failure } from './failure.js';
