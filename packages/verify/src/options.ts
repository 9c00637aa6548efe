/** Options that all functions of this package take. */

import type { JudgementOptions } from '@wxyc/decisions';
import type { RunLock } from '@wxyc/postgres';

export interface VerifyOptions extends JudgementOptions {
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** CSV file for every decision. */
  decisions?: string | undefined;
  /** Search threads; default one for each processor. */
  jobs?: number | undefined;
  /** A lock held already. */
  lock?: RunLock | undefined;
}
