/** One database session with the decisions for a schema's releases in it. */

import { guardOutputs } from '@wxyc/csv';
import { publishedSchema } from '@wxyc/dataset';
import { decideForSession, decisionsFor, type DecisionTable } from '@wxyc/decisions';
import { coverageKind, decisionsKind } from '@wxyc/matching';
import { readMatchBasis, type ReadBasis } from '@wxyc/library';
import { type Client, withClient } from '@wxyc/postgres';
import { stepContext, type StepContext } from '@wxyc/step';
import type { VerifyOptions } from './options.js';

export interface Session {
  client: Client;
  schema: string;
  basis: ReadBasis;
  /** SQL name of the table with the decisions. */
  decisions: string;
  /** The outcome in detail; absent if stored decisions were used. */
  detail?: Pick<DecisionTable, 'summary' | 'coverage'> | undefined;
}

/** Checks, before anything is done, that the decisions file is not an input. */
export async function guardDecisionsFile({
  decisions,
  coverage,
  ...files
}: Omit<VerifyOptions, 'databaseUrl'>): Promise<void> {
  const outputs = [
    { flag: '--decisions', path: decisions, kind: decisionsKind },
    { flag: '--coverage', path: coverage, kind: coverageKind },
  ];
  await guardOutputs(outputs, [
    files.libraryDb,
    files.libraryArtists,
    files.mappingsFile,
    files.alternates,
    files.keepIds,
    files.aliases,
  ]);
}

/**
 * Opens a session, decides, and hands it to `work`.
 *
 * @param detail Whether the summary is needed; without it, the decisions that a build already holds are used if they fit.
 */
export async function withDecisions<T>(
  options: VerifyOptions,
  settings: { detail: boolean; what: string; applicationName: string },
  context: Partial<StepContext> | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { signal, logger } = stepContext(context);
  const { databaseUrl, schema = publishedSchema, decisions, coverage } = options;
  await guardDecisionsFile(options);
  const basis = await readMatchBasis(options);
  return withClient(
    databaseUrl,
    { applicationName: settings.applicationName, signal, doing: settings.what },
    async (client) => {
      const table = {
        databaseUrl,
        schema,
        basis,
        decisions,
        coverage,
        applicationName: settings.applicationName,
      };
      if (!settings.detail && decisions === undefined && coverage === undefined) {
        return await work({
          client,
          schema,
          basis,
          decisions: await decisionsFor(client, table, context),
        });
      }
      const detail = await decideForSession(client, table, context);
      logger.info(
        { releases: detail.releases, ...detail.summary.counts },
        `decided ${detail.releases} releases`,
      );
      return await work({ client, schema, basis, decisions: detail.name, detail });
    },
  );
}
