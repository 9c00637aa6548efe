/** Options that all functions of this package take. */

import { matchFileKinds, type MatchFiles } from '@wxyc/library';
import type { RunLock } from '@wxyc/postgres';
import { option, required, type OptionKinds } from '@wxyc/step';

export interface VerifyOptions extends MatchFiles {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** CSV file for every release that a rule scored. */
  decisions?: string | undefined;
  /** CSV file for every album of the library, found or not. */
  coverage?: string | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
  /** Leave the server to those who use it: one process, little memory, COPY throttled. Slower. */
  gentle?: boolean | undefined;
}

/** For the functions that explain and ask. */
export const explainKinds: OptionKinds<Omit<VerifyOptions, 'coverage' | 'lock' | 'gentle'>> = {
  ...matchFileKinds,
  databaseUrl: required(option.text),
  schema: option.text,
  decisions: option.text,
};

export const verifyKinds: OptionKinds<VerifyOptions> = {
  ...explainKinds,
  coverage: option.text,
  lock: option.object,
  gentle: option.flag,
};
