/** Options that all functions of this package take. */

import type { MatchFiles } from '@wxyc/matching';
import type { RunLock } from '@wxyc/postgres';

export interface VerifyOptions extends MatchFiles {
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** CSV file for every release that a rule scored. */
  decisions?: string | undefined;
  /** CSV file for every album of the library, found or not. */
  coverage?: string | undefined;
  /** A lock held already. */
  lock?: RunLock | undefined;
}
