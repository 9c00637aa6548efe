export type { ReportedChanges } from './changes.js';
export { describePlan } from './dry-run.js';
export type { Check } from './check.js';
export { diagnose } from './doctor.js';
export type { Mode, PipelineOptions } from './plan.js';
export { reportText, writeReport, type PipelineReport } from './report.js';
export { reportPage } from './report-page.js';
export { runPipeline } from './run.js';
export { serve, type ServeOptions } from './serve.js';
export { readState, stepNames, type RunState, type StepName } from './state.js';
export type { TableSize } from './table-sizes.js';
export type { RunFailure } from './run-end.js';
export type { RunFile } from './run-end.js';
export type { StepState } from './state.js';
export type { FoundState } from './state.js';
export type { RunExtras } from './run.js';
export {
  BadInputError,
  DifferencesError,
  InterruptedError,
  LockedError,
  StepError,
  UsageError,
  type FailureCode,
  type Logger,
  type Progress,
  type ProgressTask,
  type StepContext,
  type StepResult,
} from '@wxyc/step';
