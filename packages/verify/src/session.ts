/** One database session with the decisions for a schema's releases in it. */

import { guardOutputs } from '@wxyc/csv';
import { publishedSchema } from '@wxyc/dataset';
import { decideForSession, decisionsFor, readJudgement, type DecisionSummary, type Judgement } from '@wxyc/decisions';
import { decisionsKind } from '@wxyc/matching';
import { databaseFailure, openClient, type Client } from '@wxyc/postgres';
import { stepContext, type StepContext } from '@wxyc/step';
import type { VerifyOptions } from './options.js';

export interface Session {
  client: Client;
  schema: string;
  judgement: Judgement;
  /** SQL name of the table with the decisions. */
  decisions: string;
  /** What came out in detail; absent where stored decisions served. */
  summary?: DecisionSummary | undefined;
}

/** Before anything is done: the decisions file must not be one that is read. */
export async function guardDecisionsFile({ decisions, libraryDb, mappingsFile }: Pick<VerifyOptions, 'decisions' | 'libraryDb' | 'mappingsFile'>): Promise<void> {
  await guardOutputs([{ flag: '--decisions', path: decisions, kind: decisionsKind }], [libraryDb, mappingsFile]);
}

/**
 * Opens a session, decides, and hands it to `work`.
 *
 * @param detail Whether the summary is needed; without it the decisions that a build holds already are taken if they fit.
 */
export async function withDecisions<T>(
  options: VerifyOptions,
  settings: { detail: boolean; what: string; applicationName: string },
  context: Partial<StepContext> | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { signal, logger } = stepContext(context);
  const { databaseUrl, schema = publishedSchema } = options;
  await guardDecisionsFile(options);
  const judgement = readJudgement(options);
  const client = await openClient(databaseUrl, { applicationName: settings.applicationName, signal });
  try {
    const table = { databaseUrl, schema, judgement, jobs: options.jobs, decisions: options.decisions, applicationName: settings.applicationName };
    if (!settings.detail && options.decisions === undefined) {
      return await work({ client, schema, judgement, decisions: await decisionsFor(client, table, context) });
    }
    const { name, summary, releases } = await decideForSession(client, table, context);
    logger.info({ releases, ...summary.counts }, `decided ${releases} releases`);
    return await work({ client, schema, judgement, decisions: name, summary });
  } catch (error) {
    throw databaseFailure(error, databaseUrl, settings.what, signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}
