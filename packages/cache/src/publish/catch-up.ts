/**
 * Passes without the lock, one before each attempt to get it: every change that is left for the time under the lock makes
 * consumers wait.
 * A reader may hold the tables for half an hour, in which consumers fetch tens of thousands of releases.
 */
import { quoteLiteral, type Client } from '@wxyc/postgres';
import { throwIfInterrupted } from '@wxyc/step';
import type { Moment } from '../moment.js';
import type { Profiles } from '../profile.js';
import { carryChanges, carryEverything, type CarryOverResult } from './carry-over.js';
import { readOldCache, sameOldCache } from './old-cache.js';
import type { RunStart } from './run-start.js';

/** This many changes cost little under the lock. A pass that finds more is followed by another, during which fewer new ones can occur. */
const fewChanges = 50;
/** The most passes: consumers may be faster than we are, and then further ones do not help. */
const mostPasses = 5;
/** How long a fetch may take from its first statement, which writes the release, to its last. */
const fetchMilliseconds = 30_000;

export class CatchUp {
  /** The moments of all passes that may still be the margin, oldest first, with the time by our clock. */
  private readonly moments: { moment: Moment; at: number }[];
  private pass: CarryOverResult | undefined;

  /** `margin`: a moment from before the first pass. */
  constructor(
    private readonly client: Client,
    private readonly schema: string,
    private readonly profiles: Profiles,
    private readonly start: RunStart,
    margin: Moment,
  ) {
    this.moments = [{ moment: margin, at: performance.now() }];
  }

  /** Carries data over until a pass finds next to nothing; hands on each pass's result. */
  async run(signal: AbortSignal, carried: (pass: CarryOverResult) => void): Promise<void> {
    for (let passes = 0; passes < mostPasses; passes++) {
      throwIfInterrupted(signal);
      const at = performance.now();
      const { client, schema, profiles, start } = this;
      // Somebody may alter the old tables meanwhile, and a new column has to be filled.
      const known =
        this.pass !== undefined &&
        sameOldCache(this.pass.old, await readOldCache(client, profiles));
      this.pass =
        this.pass && known
          ? await carryChanges(client, schema, profiles, start, this.pass.moment)
          : await carryEverything(client, schema, profiles, start);
      this.moments.push({ moment: this.pass.moment, at });
      await this.forgetMoments(at - fetchMilliseconds);
      carried(this.pass);
      if (this.pass.releases + this.pass.amended + this.pass.artists <= fewChanges) break;
    }
    await emptyPendingLists(this.client, this.schema);
  }

  /** For the search under the lock: the last pass, and the moment from which on a fetch may still be under way. */
  get late(): { pass: CarryOverResult; margin: Moment } | undefined {
    return this.pass && { pass: this.pass, margin: this.moments[0]!.moment };
  }

  /** Drops moments, so that the first one kept is the last one before `at`, with the ids that it saw. */
  private async forgetMoments(at: number): Promise<void> {
    while (this.moments[1] && this.moments[1].at <= at) {
      const seen = this.moments.shift()?.moment.seen;
      if (seen) await this.client.query(`DROP TABLE ${seen}`);
    }
  }
}

/**
 * New rows of a GIN index wait in a list, and whoever makes it too long has to sort all of it in. That must not happen while
 * consumers wait; and the build's tables have no readers who would need it sorted earlier.
 */
async function emptyPendingLists(client: Client, schema: string): Promise<void> {
  await client.query(
    `SELECT gin_clean_pending_list(i.oid) FROM pg_class i JOIN pg_am m ON m.oid = i.relam
      WHERE i.relnamespace = to_regnamespace(quote_ident(${quoteLiteral(schema)})) AND i.relkind = 'i' AND m.amname = 'gin'`,
  );
}
