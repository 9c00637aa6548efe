/** The dry run: decides every release and reports, and changes nothing. */

import { gently } from '@wxyc/postgres';
import { checkOptions, inParts, stepContext, type StepContext, type StepResult } from '@wxyc/step';
import { doomReleases } from './doomed.js';
import { type VerifyOptions, verifyKinds } from './options.js';
import { assembleReport, type VerifyReport } from './report.js';
import { withDecisions } from './session.js';

export interface VerifyResult extends StepResult {
  /** What the decisions mean for the tables. */
  report: VerifyReport;
}

/**
 * Decides which releases of a cache the library owns. The database is left as it was; only `decisions` and `coverage` are written.
 *
 * @throws BadInputError for an unusable library, mappings file or schema.
 * @example
 * const { report } = await verify({ libraryDb: 'library.db', databaseUrl: 'postgresql:///discogs' });
 * console.log(report.decisions); // { keep: 61234, review: 812, prune: 120345 }
 */
export async function verify(
  options: VerifyOptions,
  context?: Partial<StepContext>,
): Promise<VerifyResult> {
  checkOptions('verify', options, verifyKinds);
  const began = performance.now();
  return gently(options.gentle, () => decided(options, began, context));
}

function decided(
  options: VerifyOptions,
  began: number,
  context: Partial<StepContext> | undefined,
): Promise<VerifyResult> {
  return withDecisions(
    options,
    { detail: true, what: 'Verifying', applicationName: 'wxyc-verify' },
    context,
    async (session) => {
      const { client, schema, decisions, detail } = session;
      // One snapshot for all counts. Only temporary tables are written, and they are dropped with the transaction.
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      const { doom, report } = await inParts(
        stepContext(context).progress,
        'verify',
        ['deciding which releases are owned', 'measuring tables'],
        async (begin) => {
          begin('deciding which releases are owned');
          const doom = await doomReleases(client, schema, decisions, { lock: false });
          begin('measuring tables');
          return { doom, report: await assembleReport(client, schema, { ...detail!, doom }) };
        },
      );
      await client.query('ROLLBACK');
      return {
        step: 'verify',
        unit: 'releases',
        read: doom.releases,
        written: doom.releases - doom.doomed,
        dropped: { 'would be pruned': doom.doomed },
        seconds: (performance.now() - began) / 1000,
        note: 'A dry run: nothing was changed. Add --prune or --copy-to URL to act on it.',
        report,
      };
    },
  );
}
