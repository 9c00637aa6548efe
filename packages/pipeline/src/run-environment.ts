import type { RunLock, Sql } from '@wxyc/postgres';
import type { StepContext } from '@wxyc/step';
import type { Plan } from './run-plan.js';
import type { RunState } from './state.js';

/** What a step works on. */
export interface RunEnvironment {
  plan: Plan;
  /** Ordinary URL of the database; an embedded server is already up. */
  url: string;
  targetUrl: string | undefined;
  lock: RunLock;
  sql: Sql;
  state: RunState;
  context: StepContext;
}
