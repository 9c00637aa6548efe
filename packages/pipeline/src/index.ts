export { describePlan } from './dry-run.js';
export { diagnose, type Check } from './doctor.js';
export type { Mode, PipelineOptions } from './plan.js';
export { reportText, writeReport, type PipelineReport } from './report.js';
export { reportPage } from './report-page.js';
export { runPipeline } from './run.js';
export { serve } from './serve.js';
export { readState, stepNames, type RunState, type StepName } from './state.js';
export type { TableSize } from './table-sizes.js';
