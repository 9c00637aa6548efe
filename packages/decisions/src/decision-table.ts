/**
 * Decisions in the database, for the steps that act on them by SQL: the build's own table, kept from match to prune, or
 * a temporary one of a session.
 */

import { dropScratch, matchTable, queryable } from '@wxyc/cache';
import { decisionCodes } from '@wxyc/dataset';
import { copyIn, openClient, qualifiedName, quoteLiteral, type Client } from '@wxyc/postgres';
import { stepContext, type StepContext } from '@wxyc/step';
import { createClassifier, decideAll, type Decided } from '@wxyc/matching';
import { DecisionsWriter } from './decisions-writer.js';
import type { Judgement } from './judgement.js';
import { countReleases, streamReleases } from './release-stream.js';
import { DecisionSummary } from './summary.js';

/** Name of the table that a session makes for itself. */
export const temporaryTable = 'release_match_session';

export interface DecisionTableOptions {
  databaseUrl: string;
  schema: string;
  judgement: Judgement;
  /** CSV file for every decision. */
  decisions?: string | undefined;
  /** Search threads; default one for each processor. */
  jobs?: number | undefined;
  applicationName?: string | undefined;
}

export interface DecisionTable {
  /** SQL name of a table `release_id, decision` (0 PRUNE, 1 REVIEW, 2 KEEP), one row a release. */
  name: string;
  summary: DecisionSummary;
  releases: number;
}

/**
 * Decides every release of the schema and keeps the outcome as the build's own table, in one transaction. What an
 * earlier call left is replaced.
 */
export async function storeDecisions(options: DecisionTableOptions, context?: Partial<StepContext>): Promise<DecisionTable> {
  const { signal } = stepContext(context);
  const client = await openClient(options.databaseUrl, { applicationName: options.applicationName, signal });
  const name = qualifiedName(options.schema, matchTable);
  try {
    await client.query('BEGIN');
    await dropScratch(queryable(client), options.schema, [matchTable]);
    await client.query(`CREATE TABLE ${name} (release_id integer NOT NULL, decision smallint NOT NULL)`);
    const table = await fill(client, name, options, context);
    await client.query(`ALTER TABLE ${name} ADD PRIMARY KEY (release_id)`);
    await client.query(`COMMENT ON TABLE ${name} IS ${quoteLiteral(options.judgement.fingerprint)}`);
    await client.query(`ANALYZE ${name}`);
    await client.query('COMMIT');
    return table;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether the build's own table is there and was made by a judgement that decides the same. */
export async function decisionsFit(client: Client, schema: string, judgement: Judgement): Promise<boolean> {
  const { rows } = await client.query<{ fingerprint: string | null }>(
    `SELECT obj_description(to_regclass(${quoteLiteral(qualifiedName(schema, matchTable))}), 'pg_class') AS fingerprint`,
  );
  return rows[0]?.fingerprint === judgement.fingerprint;
}

/**
 * A table with the decision for every release: the build's own if it fits, else a temporary one on this session, which
 * is filled now. Either way only ids cross the wire, by COPY.
 *
 * @returns Its SQL name.
 * @example
 * const decisions = await decisionsFor(client, { databaseUrl, schema, judgement: readJudgement({ libraryDb }) });
 * await client.query(`SELECT r.id FROM release r JOIN ${decisions} d ON d.release_id = r.id WHERE d.decision = 0`);
 */
export async function decisionsFor(client: Client, options: DecisionTableOptions, context?: Partial<StepContext>): Promise<string> {
  if (await decisionsFit(client, options.schema, options.judgement)) return qualifiedName(options.schema, matchTable);
  return (await decideForSession(client, options, context)).name;
}

/** Decides every release of the schema into a temporary table of the client's session. */
export async function decideForSession(client: Client, options: DecisionTableOptions, context?: Partial<StepContext>): Promise<DecisionTable> {
  await client.query(`DROP TABLE IF EXISTS pg_temp.${temporaryTable}`);
  await client.query(`CREATE TEMPORARY TABLE ${temporaryTable} (release_id integer NOT NULL, decision smallint NOT NULL)`);
  const table = await fill(client, `pg_temp.${temporaryTable}`, options, context);
  await client.query(`ALTER TABLE pg_temp.${temporaryTable} ADD PRIMARY KEY (release_id)`);
  await client.query(`ANALYZE pg_temp.${temporaryTable}`);
  return table;
}

/** Reads on a connection of its own while the ids go to the server on the caller's. */
async function fill(client: Client, name: string, options: DecisionTableOptions, partial?: Partial<StepContext>): Promise<DecisionTable> {
  const context = stepContext(partial);
  const summary = new DecisionSummary();
  const reader = await openClient(options.databaseUrl, { applicationName: options.applicationName, signal: context.signal });
  const writer = options.decisions === undefined ? undefined : await DecisionsWriter.create(options.decisions);
  try {
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const releases = await countReleases(reader, options.schema);
    const classifier = createClassifier(options.judgement);
    const { missingTargets } = classifier;
    if (missingTargets.length > 0) {
      context.logger.warn({ artists: missingTargets }, `mappings name ${missingTargets.length} library artists that the library lacks: ${missingTargets.slice(0, 5).join(', ')}`);
    }
    const decided = decideAll(streamReleases(reader, options.schema), { classifier, library: [], jobs: options.jobs, total: releases }, context);
    await copyIn(client, `COPY ${name} (release_id, decision) FROM STDIN`, linesOf(decided, summary, writer), context.signal);
    await reader.query('COMMIT');
    await writer?.finish();
    return { name, summary, releases };
  } catch (error) {
    await writer?.discard();
    throw error;
  } finally {
    await reader.end().catch(() => undefined);
  }
}

async function* linesOf(decided: AsyncIterable<Decided[]>, summary: DecisionSummary, writer: DecisionsWriter | undefined): AsyncGenerator<string> {
  for await (const batch of decided) {
    for (const item of batch) summary.add(item);
    await writer?.write(batch);
    yield batch.map(({ id, decision }) => `${id}\t${decisionCodes[decision.decision]}\n`).join('');
  }
}
