/** The id of the run that published a cache, kept as the last line of the comment on its release table. */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName, quoteLiteral, type Client, withClient } from '@wxyc/postgres';
import { publishedComment as pattern } from '../recognise.js';

/**
 * Which run published the cache in `public`; null if there is no published cache, or no run published it. Written in the transaction of the
 * replacement itself, so that it shows after a kill whether that happened.
 */
export async function publishedRunId(
  databaseUrl: string,
  signal?: AbortSignal,
): Promise<string | null> {
  return withClient(
    databaseUrl,
    { applicationName: 'wxyc-published', signal, doing: 'Reading who published the cache' },
    (client) => readPublishedRunId(client),
  );
}

/** {@link publishedRunId} on an open connection. */
export async function readPublishedRunId(
  client: Client,
  schema = publishedSchema,
): Promise<string | null> {
  const found = await client.query<{ comment: string | null }>(
    `SELECT obj_description(oid, 'pg_class') AS comment FROM pg_catalog.pg_class
      WHERE relnamespace = to_regnamespace($1) AND relname = 'release' AND relkind = 'r'`,
    [schema],
  );
  return pattern.exec(found.rows[0]?.comment ?? '')?.[1] ?? null;
}

/** Removes the id of a cache that is loaded anew: no run has published that. */
export async function removePublishedRunId(client: Client): Promise<void> {
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT obj_description(to_regclass($1), 'pg_class') AS comment`,
    [qualifiedName(publishedSchema, 'release')],
  );
  const comment = rows[0]?.comment ?? '';
  if (pattern.test(comment)) await client.query(publishedRunStatement(null, comment));
}

/** The statement that writes the id, if there is one, after the rest of the comment. */
export function publishedRunStatement(runId: string | null, previous: string | null): string {
  const own = (previous ?? '').replace(pattern, '');
  const line = runId === null ? '' : `Published by run ${runId.replaceAll(/\s+/g, ' ')}`;
  const comment = [own, line].filter(Boolean).join('\n');
  return `COMMENT ON TABLE ${qualifiedName(publishedSchema, 'release')} IS ${comment ? quoteLiteral(comment) : 'NULL'}`;
}
