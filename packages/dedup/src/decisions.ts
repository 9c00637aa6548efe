/** The library's decisions about the releases that compete for a place: read from the match step's table, or made here. */
import { matchTable } from '@wxyc/cache';
import { decisionCodes } from '@wxyc/dataset';
import { readLibrary } from '@wxyc/library';
import { decideAll, matchFingerprint, readMappings, type Candidate, type ClassifierOptions } from '@wxyc/matching';
import { connect, copyIn, qualifiedName, quoteLiteral, type Client, type Sql } from '@wxyc/postgres';
import type { StepContext } from '@wxyc/step';

export interface LibraryOptions {
  libraryDb: string;
  mappingsFile?: string | undefined;
  scoreCutoff?: number | undefined;
}

/** Reads library and mappings. Throws a BadInputError that names the file. */
export function readClassifierOptions({ libraryDb, mappingsFile, scoreCutoff }: LibraryOptions): ClassifierOptions {
  return {
    library: readLibrary(libraryDb),
    ...(mappingsFile === undefined ? {} : { mappings: readMappings(mappingsFile) }),
    ...(scoreCutoff === undefined ? {} : { scoreCutoff }),
  };
}

/** Whether the match step has decided this schema's releases by the same library, mappings and cut-off. */
export async function hasMatchTable(client: Client, schema: string, options: ClassifierOptions): Promise<boolean> {
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT obj_description(to_regclass(${quoteLiteral(qualifiedName(schema, matchTable))}), 'pg_class') AS comment`,
  );
  return rows[0]?.comment === matchFingerprint(options);
}

/** Fills the temporary table `dedup_decision (release_id, decision)` for all releases that share their master with another. */
export async function decideCompetitors(client: Client, url: string, schema: string, options: ClassifierOptions, applicationName: string, context: StepContext): Promise<string> {
  await client.query('CREATE TEMP TABLE dedup_decision (release_id integer NOT NULL, decision smallint NOT NULL)');
  const sql = await connect(url, { schema, applicationName, signal: context.signal, max: 1 });
  try {
    await copyIn(client, 'COPY dedup_decision FROM STDIN', decisionRows(sql, schema, options, context), context.signal);
  } finally {
    await sql.end();
  }
  await client.query('ANALYZE dedup_decision');
  return 'dedup_decision';
}

async function* decisionRows(sql: Sql, schema: string, options: ClassifierOptions, context: StepContext): AsyncGenerator<string> {
  for await (const batch of decideAll(competitors(sql, schema), options, context)) {
    yield batch.map(({ id, decision }) => `${id}\t${decisionCodes[decision.decision]}\n`).join('');
  }
}

/** Releases of masters with several pressings, with their main artists. */
async function* competitors(sql: Sql, schema: string): AsyncGenerator<Candidate[]> {
  const release = qualifiedName(schema, 'release');
  const query = sql.unsafe<Candidate[]>(
    `SELECT r.id, r.title, coalesce(a.artists, '{}') AS artists
       FROM ${release} r
       LEFT JOIN (SELECT release_id, array_agg(artist_name ORDER BY artist_name) AS artists
                    FROM ${qualifiedName(schema, 'release_artist')} WHERE extra = 0 GROUP BY release_id) a ON a.release_id = r.id
      WHERE r.master_id IN (SELECT master_id FROM ${release} WHERE master_id <> 0 GROUP BY master_id HAVING count(*) > 1)`,
  );
  for await (const rows of query.cursor(5000)) yield rows as unknown as Candidate[];
}
