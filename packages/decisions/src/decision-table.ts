/**
 * Decisions in the database, for the steps that act on them by SQL: the build's own table, kept from match to prune, or
 * a temporary one of a session.
 */

import { dropScratch, matchTable, queryable } from '@wxyc/cache';
import { decisionCodes } from '@wxyc/dataset';
import {
  basisFingerprint,
  Classifier,
  isScored,
  measureCoverage,
  NearestReleases,
  type Decision,
  type LibraryCoverage,
  type Release,
} from '@wxyc/matching';
import { type ReadBasis } from '@wxyc/library';
import { copyIn, openClient, qualifiedName, quoteLiteral, type Client } from '@wxyc/postgres';
import { stepContext, throwIfInterrupted, tidyUp, type StepContext } from '@wxyc/step';
import { writeCoverage } from './coverage-writer.js';
import { DecisionsWriter } from './decisions-writer.js';
import { pressingCloseness } from './pressing-closeness.js';
import { countReleases, streamReleases } from './release-stream.js';
import { DecisionSummary } from './summary.js';

/** Name of the table that a session makes for itself. */
const temporaryTable = 'release_match_session';

const columns =
  'release_id integer NOT NULL, decision smallint NOT NULL, album integer, closeness smallint NOT NULL, score real NOT NULL';
const columnNames = 'release_id, decision, album, closeness, score';

export interface DecisionTableOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Where the releases are. */
  schema: string;
  /** What decisions are made from. */
  basis: ReadBasis;
  /** CSV file for every release that a rule scored. */
  decisions?: string | undefined;
  /** CSV file for every album of the library. */
  coverage?: string | undefined;
  /** As shown in pg_stat_activity. */
  applicationName?: string | undefined;
  /** Called with each release and its decision. Which album a pruned one came nearest to is known only with `decisions`. */
  onDecision?: ((release: Release, decision: Decision) => void) | undefined;
}

export interface DecisionTable {
  /**
   * SQL name of a table with one row per release: `release_id`, `decision` (0 PRUNE, 1 REVIEW, 2 KEEP), `album` (place of the library
   * row from 0, or null), `closeness` (how closely this pressing matches its album: 0 not at all, 1 similar title, 2 title equal in
   * loose form, 3 in normal form, 4 owned by its own id), `score` (0..1). It says no more about pruned releases.
   */
  name: string;
  summary: DecisionSummary;
  /** Of the library's albums, by the releases of the schema. */
  coverage: LibraryCoverage;
  releases: number;
}

/**
 * Decides every release of the schema and keeps the outcome as the build's own table, in one transaction. What an
 * earlier call left is replaced.
 */
export async function storeDecisions(
  options: DecisionTableOptions,
  context?: Partial<StepContext>,
): Promise<DecisionTable> {
  const { signal } = stepContext(context);
  const client = await openClient(options.databaseUrl, {
    applicationName: options.applicationName,
    signal,
  });
  const name = qualifiedName(options.schema, matchTable);
  try {
    await client.query('BEGIN');
    await dropScratch(queryable(client), options.schema, [matchTable]);
    await client.query(`CREATE TABLE ${name} (${columns})`);
    const table = await fill(client, name, options, context);
    await client.query(`ALTER TABLE ${name} ADD PRIMARY KEY (release_id)`);
    await client.query(
      `COMMENT ON TABLE ${name} IS ${quoteLiteral(basisFingerprint(options.basis))}`,
    );
    await client.query(`ANALYZE ${name}`);
    await client.query('COMMIT');
    return table;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether the build's own table exists and was made from a basis that decides the same. */
export async function decisionsFit(
  client: Client,
  schema: string,
  basis: ReadBasis,
): Promise<boolean> {
  const { rows } = await client.query<{ fingerprint: string | null }>(
    `SELECT obj_description(to_regclass(${quoteLiteral(qualifiedName(schema, matchTable))}), 'pg_class') AS fingerprint`,
  );
  return rows[0]?.fingerprint === basisFingerprint(basis);
}

/**
 * A table with the decision for every release: the build's own if it fits, or else a temporary one in this session, which
 * is filled now.
 *
 * @returns Its SQL name; see {@link DecisionTable}.
 * @example
 * const decisions = await decisionsFor(client, { databaseUrl, schema, basis: await readMatchBasis({ libraryDb }) });
 * await client.query(`SELECT r.id FROM release r JOIN ${decisions} d ON d.release_id = r.id WHERE d.decision = 0`);
 */
export async function decisionsFor(
  client: Client,
  options: DecisionTableOptions,
  context?: Partial<StepContext>,
): Promise<string> {
  if (await decisionsFit(client, options.schema, options.basis))
    return qualifiedName(options.schema, matchTable);
  return (await decideForSession(client, options, context)).name;
}

/** Decides every release of the schema into a temporary table of the client's session. */
export async function decideForSession(
  client: Client,
  options: DecisionTableOptions,
  context?: Partial<StepContext>,
): Promise<DecisionTable> {
  await client.query(`DROP TABLE IF EXISTS pg_temp.${temporaryTable}`);
  await client.query(`CREATE TEMPORARY TABLE ${temporaryTable} (${columns})`);
  const table = await fill(client, `pg_temp.${temporaryTable}`, options, context);
  await client.query(`ALTER TABLE pg_temp.${temporaryTable} ADD PRIMARY KEY (release_id)`);
  await client.query(`ANALYZE pg_temp.${temporaryTable}`);
  return table;
}

/** Reads on a connection of its own while the decisions go to the server on the caller's. */
async function fill(
  client: Client,
  name: string,
  options: DecisionTableOptions,
  partial?: Partial<StepContext>,
): Promise<DecisionTable> {
  const context = stepContext(partial);
  const reader = await openClient(options.databaseUrl, {
    applicationName: options.applicationName,
    signal: context.signal,
  });
  let writer: DecisionsWriter | undefined;
  try {
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const releases = await countReleases(reader, options.schema);
    if (options.decisions !== undefined) writer = await DecisionsWriter.create(options.decisions);
    const classifier = new Classifier(options.basis);
    // Only the decisions file has what a pruned release came near to.
    classifier.namesNearest = writer !== undefined;
    warnOfTargets(classifier, context);
    const summary = new DecisionSummary();
    const library = { rows: options.basis.library, leftOut: options.basis.skipped };
    const nearest = new NearestReleases(library.rows);
    nearest.observe(classifier);
    const task = context.progress.start('match', { unit: 'releases', total: releases });
    try {
      let done = 0;
      const rows = async function* (): AsyncGenerator<string> {
        for await (const batch of streamReleases(reader, options.schema)) {
          throwIfInterrupted(context.signal);
          let text = '';
          for (const release of batch) {
            const decision = classifier.decide(release);
            summary.add(release.id, decision);
            options.onDecision?.(release, decision);
            if (isScored(decision)) writer?.add(release.id, decision);
            text += `${release.id}\t${tableValues(decision)}\n`;
          }
          await writer?.flush();
          tidyUp();
          task.update((done += batch.length));
          yield text;
        }
      };
      await copyIn(client, `COPY ${name} (${columnNames}) FROM STDIN`, rows(), context.signal);
    } finally {
      task.end();
    }
    await reader.query('COMMIT');
    await writer?.finish();
    summary.unmetMappings = classifier.unmetMappings();
    if (options.coverage !== undefined) await writeCoverage(options.coverage, library, nearest);
    return { name, summary, coverage: measureCoverage(library, nearest), releases };
  } catch (error) {
    await writer?.discard();
    throw error;
  } finally {
    await reader.end().catch(() => undefined);
  }
}

function tableValues(decision: Decision): string {
  const { album, score } = decision.decision === 'PRUNE' ? { album: null, score: 0 } : decision;
  return `${decisionCodes[decision.decision]}\t${album ?? '\\N'}\t${pressingCloseness(decision)}\t${score}`;
}

function warnOfTargets({ missingTargets }: Classifier, { logger }: StepContext): void {
  if (missingTargets.length === 0) return;
  logger.warn(
    { artists: missingTargets },
    `mappings name ${missingTargets.length} library artists that the library lacks: ${missingTargets.slice(0, 5).join(', ')}`,
  );
}
