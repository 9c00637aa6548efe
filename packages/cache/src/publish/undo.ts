/** Undo: the previous cache and the published one change places. */
import { previousSchema, tablesOf, type Profile } from '@wxyc/dataset';
import {
  qualifiedName,
  quoteIdentifier,
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
} from '@wxyc/step';
import { checkContract } from '../check.js';
import { createReleaseCompanions } from '../companions.js';
import { ensureOrigin } from '../origin.js';
import { existingColumns } from '../existing.js';
import { queryable } from '../queryable.js';
import { namesOf, readProfiles } from '../profile.js';
import { sqlStatements, tableFiles } from '../sql-files.js';
import { addColumns } from './added-columns.js';
import { furtherIndexes } from './attachments.js';
import { noteNow } from './carry-over.js';
import { throwObstacles } from './obstacles.js';
import { readOldCache } from './old-cache.js';
import { asideSchema, readReplacementStart, tablesIn } from './previous.js';
import { allObstacles } from './publish-obstacles.js';
import {
  Replacement,
  replacementParts,
  type ReplacedCache,
  type ReplacementPart,
} from './replacing.js';
import { readPublishedRunId } from './run-comment.js';

export interface UndoOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
  /** For how long to try again while somebody holds the tables, in minutes; default 30. */
  retryMinutes?: number | undefined;
}

export interface UndoResult extends StepResult, ReplacedCache {
  /** The run that had published the cache that is restored; null if none did. */
  runId: string | null;
}

const optionKinds: OptionKinds<UndoOptions> = {
  databaseUrl: required(option.text),
  lock: option.object,
  retryMinutes: option.amount,
};

/**
 * Restores the cache in `discogs_previous` and keeps the published one there, in one transaction and under the same locks as a
 * publication. What consumers wrote since that was published is carried over, by a publication's rules. A second call
 * undoes the first.
 *
 * @throws StepError if nothing is kept, or something is in the way; LockedError while another run works on the database.
 * @example
 * const { runId } = await undoPublication({ databaseUrl }, { signal, logger });
 */
export async function undoPublication(
  options: UndoOptions,
  context?: Partial<StepContext>,
): Promise<UndoResult> {
  checkOptions('undoPublication', options, optionKinds);
  const { databaseUrl } = options;
  return withRunLock(options, 'wxyc-undo', context, async (lock, context) => {
    return withClient(
      databaseUrl,
      {
        applicationName: lock.applicationName('wxyc-undo'),
        signal: context.signal,
        doing: 'Bringing back the previous cache',
      },
      (client) =>
        inParts(context.progress, 'undo', replacementParts, (begin) =>
          undoOn(client, options, lock, context, begin),
        ),
    );
  });
}

async function undoOn(
  client: Client,
  options: UndoOptions,
  lock: RunLock,
  context: StepContext,
  begin: (part: ReplacementPart) => void,
): Promise<UndoResult> {
  const { databaseUrl } = options;
  const began = performance.now();
  begin('checking');
  await client.query('SET search_path = pg_catalog; SET jit = off; SET random_page_cost = 1.1');
  if (!(await tablesIn(client, previousSchema)).includes('release')) {
    throw new StepError(
      `There is no cache in ${previousSchema} to bring back: the published one is the first, or was published with --no-keep-previous. Nothing was changed`,
    );
  }
  const profiles = await readProfiles(queryable(client), previousSchema);
  throwObstacles([
    ...(await allObstacles(client, previousSchema, true, profiles)),
    ...(await asideObstacles(client)),
  ]);
  await completeLayout(client, profiles.build);
  await addColumns(client, previousSchema, profiles);
  const old = await readOldCache(client, profiles);
  const margin = await noteNow(client, profiles);
  const { differences } = await checkContract({ databaseUrl, schema: previousSchema }, context);
  for (const difference of differences)
    context.logger.warn(
      `the previous cache differs from the contract, and comes back all the same: ${difference}`,
    );
  begin('indexes that somebody added');
  for (const index of await furtherIndexes(client, previousSchema, namesOf(profiles))) {
    context.logger.info(
      { index: index.name },
      `building ${index.name}, which somebody added to the published cache`,
    );
    await client.query(index.create);
  }
  const start = await readReplacementStart(client);
  if (start.moment === null)
    context.logger.warn(
      'there is no record of which rows consumers changed since this cache was published: only whole releases and artwork that they wrote are kept',
    );
  const runId = await readPublishedRunId(client, previousSchema);
  const wayOut = 'nothing was changed; wxyc-schema undo tries again';
  const replacement = new Replacement(
    client,
    {
      databaseUrl,
      schema: previousSchema,
      profiles,
      runId,
      keep: true,
      retryMinutes: options.retryMinutes ?? 30,
      wayOut,
    },
    lock,
    context,
  );
  begin('replacing the published cache');
  const done = await replacement.replace(start, margin, old.size > 0);
  const count = (await replacement.countReleases()) ?? 0;
  context.logger.info(
    { releases: count, ...done },
    `the previous cache is back: ${count} releases; consumers waited at most ${done.lockSeconds.toFixed(2)}s; the one that it replaced is kept in ${previousSchema}, and the same command brings that back`,
  );
  return {
    step: 'undo',
    unit: 'releases',
    read: count,
    written: count,
    dropped: {},
    seconds: (performance.now() - began) / 1000,
    runId,
    ...done,
  };
}

async function asideObstacles(client: Client): Promise<string[]> {
  const { rows } = await client.query<{
    there: boolean;
    creates: boolean;
    me: string;
    database: string;
  }>(
    `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS there, has_database_privilege(current_database(), 'CREATE') AS creates, current_user AS me, current_database() AS database`,
    [asideSchema],
  );
  const { there = false, creates = true, me = '', database = '' } = rows[0] ?? {};
  return [
    ...(there ? [`a schema ${asideSchema} exists, and undo briefly needs that name`] : []),
    ...(creates
      ? []
      : [
          `the role ${me} may not create the schema ${asideSchema}, which undo briefly needs (GRANT CREATE ON DATABASE ${database} TO ${me})`,
        ]),
  ];
}

/**
 * Adds what an older layout lacks, so that it can take consumers' later writes; what it has stays as it is. Refuses columns
 * of other types: rows of the two could not be compared.
 */
async function completeLayout(client: Client, profile: Profile): Promise<void> {
  const tables = tablesOf(profile);
  const present = await existingColumns(queryable(client), previousSchema);
  const schema = quoteIdentifier(previousSchema);
  const types = await client.query<{ place: string; type: string }>(
    `SELECT c.relname || '.' || a.attname AS place, format_type(a.atttypid, a.atttypmod) AS type FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'`,
    [previousSchema],
  );
  const typeOf = new Map(types.rows.map(({ place, type }) => [place, type]));
  const other = tables.flatMap(({ name, columns }) =>
    columns
      .map((column) => ({ place: `${name}.${column.name}`, type: column.type }))
      .filter(({ place, type }) => typeOf.has(place) && typeOf.get(place) !== type),
  );
  if (other.length > 0) {
    throw new StepError(
      `The cache in ${previousSchema} has another layout (${other.map(({ place, type }) => `${place} is ${typeOf.get(place)}, not ${type}`).join('; ')}) and cannot take what consumers wrote since. Nothing was changed`,
    );
  }
  for (const table of tables) {
    const found = present.get(table.name);
    if (!found) {
      const create = tableFiles(profile)
        .flatMap(sqlStatements)
        .find((statement) => statement.startsWith(`CREATE TABLE IF NOT EXISTS ${table.name} `))!;
      await client.query(`SET search_path = ${schema}; ${create}; SET search_path = pg_catalog`);
      continue;
    }
    for (const column of table.columns.filter(({ name }) => !found.includes(name))) {
      await client.query(
        `ALTER TABLE ${qualifiedName(previousSchema, table.name)} ADD COLUMN ${quoteIdentifier(column.name)} ${column.type}${column.default === undefined ? '' : ` DEFAULT ${column.default}${column.notNull ? ' NOT NULL' : ''}`}`,
      );
    }
  }
  await createReleaseCompanions(client, previousSchema);
  await ensureOrigin(queryable(client), previousSchema);
}
