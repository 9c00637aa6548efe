/** What the contract check has to say. */
import type { Profile } from '@wxyc/dataset';

/** What was compared, and one sentence for each difference; none means that the contract is kept. */
export interface ContractReport {
  /** What the schema was compared with. */
  profile: Profile;
  checks: number;
  differences: string[];
  /** A sentence if the database's locale keeps some names from being found by trigrams. It does not count as a difference, since it cannot be changed here. */
  mute?: string | undefined;
}
