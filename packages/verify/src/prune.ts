/** Deletes what the library does not own. REVIEW releases and what consumers fetched stay. */

import { removeReleases } from '@wxyc/cache';
import { publishedSchema } from '@wxyc/dataset';
import { withRunLock } from '@wxyc/postgres';
import {
  checkOptions,
  inParts,
  option,
  type OptionKinds,
  stepContext,
  type StepContext,
  type StepResult,
} from '@wxyc/step';
import { doomedTable, doomReleases, refuseToEmpty } from './doomed.js';
import { withoutForeignKeys } from './foreign-keys.js';
import { type VerifyOptions, verifyKinds } from './options.js';
import { assembleReport, type VerifyReport } from './report.js';
import { guardDecisionsFile, withDecisions } from './session.js';

export interface PruneOptions extends VerifyOptions {
  /** Assemble a report; otherwise a build's stored decisions are used if they fit, and nothing is decided twice. */
  report?: boolean | undefined;
}

export interface PruneResult extends StepResult {
  /** Deleted rows by table. */
  removed: Record<string, number>;
  /** The state before the deletion; only if asked for. */
  report?: VerifyReport;
}

const optionKinds: OptionKinds<PruneOptions> = { ...verifyKinds, report: option.flag };

/**
 * Prunes a schema in one transaction: either all of it happens or nothing.
 *
 * @throws BadInputError if nothing would stay; LockedError while another run works on the database.
 * @example
 * await prune({ libraryDb: 'library.db', databaseUrl: 'postgresql:///discogs' });
 */
export async function prune(
  options: PruneOptions,
  context?: Partial<StepContext>,
): Promise<PruneResult> {
  checkOptions('prune', options, optionKinds);
  const began = performance.now();
  const { logger } = stepContext(context);
  await guardDecisionsFile(options);
  return withRunLock(options, 'wxyc-verify', context, (lock, context) => {
    const settings = {
      detail: options.report === true,
      what: 'Pruning',
      applicationName: lock.applicationName('wxyc-verify'),
    };
    return withDecisions(
      options,
      settings,
      context,
      async ({ client, schema, decisions, detail }) => {
        await client.query('BEGIN');
        const { doom, report, removed } = await inParts(
          context.progress,
          'prune',
          ['deciding which releases are owned', 'measuring tables', 'removing releases'],
          async (begin) => {
            begin('deciding which releases are owned');
            // Only a published cache has consumers who write.
            const doom = await doomReleases(client, schema, decisions, {
              lock: schema === publishedSchema,
            });
            refuseToEmpty(doom, options.library ?? options.libraryDb, 'the prune');
            begin('measuring tables');
            const report =
              detail && options.report
                ? await assembleReport(client, schema, { ...detail, doom })
                : undefined;
            begin('removing releases');
            const { removed } =
              doom.doomed > 0
                ? await withoutForeignKeys(client, schema, doom.doomed, () =>
                    removeReleases(client, { schema, doomed: doomedTable }),
                  )
                : { removed: {} };
            await client.query('COMMIT');
            return { doom, report, removed };
          },
        );
        logger.info(
          { removed, fetched: doom.fetched },
          `pruned ${doom.doomed} of ${doom.releases} releases`,
        );
        return {
          step: 'prune',
          unit: 'releases',
          read: doom.releases,
          written: doom.releases - doom.doomed,
          dropped: { 'not in the library': doom.doomed },
          seconds: (performance.now() - began) / 1000,
          ...(doom.doomed === 0 ? { note: 'There is nothing to prune.' } : {}),
          removed,
          ...(report ? { report } : {}),
        };
      },
    );
  });
}
