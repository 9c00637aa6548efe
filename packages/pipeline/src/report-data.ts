/** What a run did, as data. */
import type { LibraryCoverage } from '@wxyc/matching';
import type { StepResult } from '@wxyc/step';
import type { ReportedChanges } from './changes.js';
import type { TableSize } from './table-sizes.js';
import type { Mode } from './run-plan.js';
import type { RunFailure, RunFile } from './run-end.js';

export interface PipelineReport {
  version: 1;
  runId: string;
  /** When the run was first begun, by the database's clock. */
  startedAt: string;
  /** Wall time of this process, plus that of the steps that were done before it resumed the run. */
  seconds: number;
  mode: Mode;
  /** A sentence that says that nothing was pruned, for a run without a library. */
  note?: string;
  database: string;
  target?: string;
  /** The step at which the run failed. The numbers are then those of the steps before it, and there are no tables. */
  failure?: RunFailure;
  /** What the cache is made from, by name. The month is known from Discogs' site or from the dump's name. */
  origin: { month: string | null; dump: string | null; library: string | null };
  inputs: Record<string, string>;
  /** What the run has written beside the database. */
  files: RunFile[];
  /** How to reach the cache. */
  connect: string;
  steps: StepResult[];
  /** How many releases were left after each stage, from dump to cache. */
  funnel: { stage: string; releases: number }[];
  /** All releases that were decided, before dedup. */
  decisions?: { keep: number; review: number; prune: number };
  /** The library's size, and which of its albums have a release. */
  library?: LibraryCoverage;
  /** Compared with the cache that was replaced, or the target's in copy mode; absent for a first publication. */
  changes?: ReportedChanges;
  /** REVIEW artists by number of releases, with the best library match. */
  review: { artist: string; releases: number; candidate: string | null; score: number | null }[];
  /** Entries of the mappings file that no release met. */
  unmetMappings?: string[];
  tables: TableSize[];
  targetTables?: TableSize[];
}
