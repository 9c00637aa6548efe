/** What a verification found, as data: the same for a dry run, a prune and a copy. */

import { existingColumns, queryable, readProfile } from '@wxyc/cache';
import { releaseTablesOf } from '@wxyc/dataset';
import type { DecisionCounts, DecisionSummary, ReviewArtist } from '@wxyc/decisions';
import type { LibraryCoverage } from '@wxyc/matching';
import { qualifiedName, quoteIdentifier, quoteLiteral, type Client } from '@wxyc/postgres';
import { doomedTable, type Doom } from './doomed.js';

/** One table of the cache. */
export interface TableReport {
  name: string;
  rows: number;
  /** On disk, indexes included. */
  bytes: number;
  deletableRows: number;
  /** Its share of the bytes, by share of the rows. */
  estimatedSavings: number;
}

export interface VerifyReport {
  /** The library's size, and which of its albums have a release. */
  library: LibraryCoverage;
  releases: number;
  decisions: DecisionCounts;
  /** PRUNE releases that stay because a consumer fetched them from the API. */
  fetchedByConsumers: number;
  tables: TableReport[];
  /** Artists in doubt, most releases first. */
  review: ReviewArtist[];
  /** REVIEW releases that no artist decided, such as compilations: no mapping can settle them. */
  reviewWithoutArtist: number;
  /** Entries of the mappings file that no release of the schema met. */
  unmetMappings: string[];
}

/** Measures the tables before anything is deleted. {@link doomedTable} must be filled. */
export async function assembleReport(
  client: Client,
  schema: string,
  facts: { summary: DecisionSummary; coverage: LibraryCoverage; doom: Doom },
): Promise<VerifyReport> {
  const { summary, coverage, doom } = facts;
  return {
    library: coverage,
    releases: doom.releases,
    decisions: { ...summary.counts },
    fetchedByConsumers: doom.fetched,
    tables: await measureTables(client, schema),
    review: summary.reviewArtists(),
    reviewWithoutArtist: summary.withoutArtist,
    unmetMappings: summary.unmetMappings,
  };
}

async function measureTables(client: Client, schema: string): Promise<TableReport[]> {
  const present = await existingColumns(queryable(client), schema);
  const reports: TableReport[] = [];
  for (const table of releaseTablesOf(await readProfile(queryable(client), schema))) {
    if (!present.has(table.name)) continue;
    const name = qualifiedName(schema, table.name);
    const { rows } = await client.query<{ rows: string; deletable: string; bytes: string }>(
      `SELECT count(*) AS rows, count(d.id) AS deletable, pg_total_relation_size(${quoteLiteral(name)}::regclass) AS bytes
         FROM ${name} t LEFT JOIN ${doomedTable} d ON d.id = t.${quoteIdentifier(table.rootKey ?? 'id')}`,
    );
    const measured = {
      rows: Number(rows[0]!.rows),
      bytes: Number(rows[0]!.bytes),
      deletableRows: Number(rows[0]!.deletable),
    };
    const share = measured.rows === 0 ? 0 : measured.deletableRows / measured.rows;
    reports.push({
      name: table.name,
      ...measured,
      estimatedSavings: Math.round(measured.bytes * share),
    });
  }
  return reports;
}
