/** Keeps one pressing of each master, in one transaction. */
import {
  createReleaseCompanions,
  dropScratch,
  editionTable,
  existingColumns,
  isDeduplicated,
  noteDeduplicated,
  queryable,
  readProfile,
  removeReleases,
  trackCountTable,
} from '@wxyc/cache';
import { decisionCodes, publishedSchema, table, type DecisionName } from '@wxyc/dataset';
import { decisionsFor } from '@wxyc/decisions';
import { albumGroups } from '@wxyc/matching';
import { matchFileKinds, type MatchFiles, readMatchBasis, withLibrary } from '@wxyc/library';
import {
  qualifiedName,
  quoteLiteral,
  isGentle,
  withRunLock,
  type Client,
  type RunLock,
  withClient,
} from '@wxyc/postgres';
import {
  checkOptions,
  inParts,
  option,
  type OptionKinds,
  required,
  type StepContext,
  StepError,
  type StepResult,
  UsageError,
} from '@wxyc/step';
import { fitTable } from './fit-table.js';
import { doomedQuery, type RankingSources } from './ranking.js';

export interface DedupOptions extends MatchFiles {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** Whose pressings come before others', as Discogs spells it. Default US. */
  preferCountry?: string | undefined;
  /** CSV file `name,parent_name` of labels, such as convert's `label.csv`: parent and sublabels of a label then count as that label. Needs a library. */
  labels?: string | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
  /** Leave the server to those who use it: one process, little memory, COPY throttled. Slower. */
  gentle?: boolean | undefined;
}

export interface DedupResult extends StepResult {
  /** Releases removed, by what the library says about them; absent without a library. */
  removedByDecision?: Record<DecisionName, number>;
  /** Rows removed, by table. */
  removedRows: Record<string, number>;
}

const optionKinds: OptionKinds<DedupOptions> = {
  ...matchFileKinds,
  databaseUrl: required(option.text),
  schema: option.text,
  preferCountry: option.text,
  labels: option.text,
  lock: option.object,
  gentle: option.flag,
};

const parts = ['comparing pressings', 'ranking pressings', 'removing releases'] as const;

/**
 * Removes all but the best pressing of each master, then drops `master_id` unless the profile has it; does all of this or nothing. With a library, each of its
 * albums under one master keeps its best pressing. On a deduplicated schema it does nothing. Refuses a schema whose releases have neither tracks nor the base import's track counts.
 *
 * @example
 * await dedup({ databaseUrl: 'postgresql:///discogs', schema: 'discogs_next', libraryDb: 'library.db' });
 */
export async function dedup(
  options: DedupOptions,
  context?: Partial<StepContext>,
): Promise<DedupResult> {
  checkOptions('dedup', options, optionKinds);
  const {
    databaseUrl,
    schema = publishedSchema,
    libraryDb,
    preferCountry = 'US',
    labels,
    lock,
    gentle,
    ...files
  } = await withLibrary(options, context?.signal);
  if (labels !== undefined && libraryDb === undefined)
    throw new UsageError('labels needs a library: give libraryDb too.');
  const basis = libraryDb === undefined ? undefined : await readMatchBasis({ ...files, libraryDb });
  const began = performance.now();
  return withRunLock({ databaseUrl, lock, gentle }, 'wxyc-dedup', context, async (lock, full) => {
    const applicationName = lock.applicationName('wxyc-dedup');
    return withClient(
      databaseUrl,
      { schema, applicationName, signal: full.signal, doing: 'Removing duplicate pressings' },
      async (client) => {
        const columns = (await existingColumns(queryable(client), schema)).get('release');
        if (!columns)
          throw new StepError(
            `The schema ${schema} holds no table release: run wxyc-schema and wxyc-import first`,
          );
        const total = await countReleases(client, schema);
        if (await isDeduplicated(queryable(client), schema, columns))
          return finished(total, full, began);
        const counts = await trackCounts(client, schema, total);
        const decisions = basis
          ? await decisionsFor(client, { databaseUrl, schema, basis, applicationName }, full)
          : undefined;
        const removed = await inParts(full.progress, 'dedup', parts, async (begin) => {
          begin('comparing pressings');
          const groups = basis && albumGroups(basis.library);
          const albums = groups && (await albumTable(client, groups));
          const fits =
            basis && decisions && groups
              ? await fitTable(
                  client,
                  { schema, decisions, library: basis.library, groups, labels },
                  full.signal,
                )
              : undefined;
          return removePressings(
            client,
            { schema, counts, decisions, albums, fits, preferCountry },
            begin,
          );
        });
        return resultOf(total, removed, basis !== undefined, full, began);
      },
    );
  });
}

async function countReleases(client: Client, schema: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM ${qualifiedName(schema, 'release')}`,
  );
  return Number(rows[0]?.count ?? 0);
}

/** SQL for `release_id, track_count`: what the base import counted, else the tracks themselves. */
async function trackCounts(client: Client, schema: string, releases: number): Promise<string> {
  const counted = qualifiedName(schema, trackCountTable);
  const { rows } = await client.query(
    `SELECT 1 FROM pg_class WHERE oid = to_regclass(${quoteLiteral(counted)})`,
  );
  if (rows.length)
    return `(SELECT release_id, sum(track_count) AS track_count FROM ${counted} GROUP BY release_id)`;
  const tracks = qualifiedName(schema, 'release_track');
  const loaded = await client.query(`SELECT 1 FROM ${tracks} LIMIT 1`);
  if (!loaded.rows.length && releases > 0) {
    throw new StepError(
      `The schema ${schema} holds neither tracks nor the track counts of a base import, so the fullest pressing cannot be determined: run wxyc-import --base-only again`,
    );
  }
  return `(SELECT release_id, count(*) AS track_count FROM ${tracks} GROUP BY release_id)`;
}

/** A temporary table `album, first`: rows of the library that are the same album as an earlier row. */
async function albumTable(client: Client, groups: Int32Array): Promise<string> {
  await client.query(
    'CREATE TEMP TABLE dedup_album (album integer PRIMARY KEY, first integer NOT NULL)',
  );
  const again = [...groups.entries()].filter(([album, first]) => album !== first);
  await client.query('INSERT INTO dedup_album SELECT * FROM unnest($1::integer[], $2::integer[])', [
    again.map(([album]) => album),
    again.map(([, first]) => first),
  ]);
  await client.query('ANALYZE dedup_album');
  return 'dedup_album';
}

interface Removed {
  byDecision: Map<number, number>;
  rows: Record<string, number>;
}

async function removePressings(
  client: Client,
  sources: RankingSources,
  begin: (part: (typeof parts)[number]) => void,
): Promise<Removed> {
  const { schema, decisions } = sources;
  begin('ranking pressings');
  await client.query('BEGIN');
  if (!isGentle()) await client.query("SET LOCAL work_mem = '256MB'");
  await client.query(`CREATE TEMP TABLE dedup_doomed ON COMMIT DROP AS ${doomedQuery(sources)}`);
  await client.query('ANALYZE dedup_doomed');
  const { rows } = await client.query<{ decision: number; count: string }>(
    'SELECT decision, count(*) FROM dedup_doomed GROUP BY decision',
  );
  const { transient = [] } = table('release', await readProfile(queryable(client), schema));
  if (decisions)
    await remember(
      client,
      schema,
      decisions,
      transient.some(({ name }) => name === 'master_id'),
    );
  // Before the removal, which may rewrite the table: then its rows have nothing left of the column.
  await noteDeduplicated(queryable(client), schema);
  begin('removing releases');
  const removed = await removeReleases(client, { schema, doomed: 'dedup_doomed' });
  await dropScratch(queryable(client), schema, [trackCountTable, editionTable]);
  await client.query('COMMIT');
  return {
    byDecision: new Map(rows.map(({ decision, count }) => [decision, Number(count)])),
    rows: removed.removed,
  };
}

/** Keeps what will explain which pressing was kept for another, and which release is owned by its master. */
async function remember(
  client: Client,
  schema: string,
  decisions: string,
  mastersGo: boolean,
): Promise<void> {
  await createReleaseCompanions(client, schema);
  const [pressings, masters] = [
    qualifiedName(schema, 'release_pressing'),
    qualifiedName(schema, 'release_master'),
  ];
  await client.query(`TRUNCATE ${pressings}, ${masters}`);
  await client.query(
    `INSERT INTO ${pressings} SELECT kept_id, id, reason FROM dedup_doomed WHERE decision > ${decisionCodes.PRUNE}`,
  );
  if (!mastersGo) return;
  await client.query(
    `INSERT INTO ${masters} SELECT r.id, r.master_id FROM ${qualifiedName(schema, 'release')} r JOIN ${decisions} d ON d.release_id = r.id
      WHERE r.master_id <> 0 AND d.decision > ${decisionCodes.PRUNE} AND NOT EXISTS (SELECT FROM dedup_doomed o WHERE o.id = r.id)`,
  );
}

function finished(total: number, { logger }: StepContext, began: number): DedupResult {
  const note = 'the releases are deduplicated already: nothing left to do';
  logger.info(note);
  return {
    step: 'dedup',
    unit: 'releases',
    read: total,
    written: total,
    dropped: {},
    seconds: (performance.now() - began) / 1000,
    note,
    removedRows: {},
  };
}

function resultOf(
  total: number,
  removed: Removed,
  byLibrary: boolean,
  { logger }: StepContext,
  began: number,
): DedupResult {
  const gone = removed.rows['release'] ?? 0;
  const by = (name: DecisionName): number => removed.byDecision.get(decisionCodes[name]) ?? 0;
  logger.info(
    { removed: gone, of: total },
    gone
      ? `removed ${gone} of ${total} releases, further pressings of a master`
      : 'no master has a second pressing',
  );
  return {
    step: 'dedup',
    unit: 'releases',
    read: total,
    written: total - gone,
    dropped: gone ? { 'another pressing was kept': gone } : {},
    seconds: (performance.now() - began) / 1000,
    ...(byLibrary
      ? { removedByDecision: { KEEP: by('KEEP'), REVIEW: by('REVIEW'), PRUNE: by('PRUNE') } }
      : {}),
    removedRows: removed.rows,
  };
}
