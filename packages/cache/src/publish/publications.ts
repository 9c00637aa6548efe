/** Publications for logical replication that would include the build: its bare tables could then be neither updated nor pruned. */
import type { Client } from '@wxyc/postgres';

/** Names each such publication; empty when there is none. */
export async function coveringPublications(client: Client, schema: string): Promise<string[]> {
  const all = await client.query<{ name: string }>(
    'SELECT pubname AS name FROM pg_publication WHERE puballtables AND (pubupdate OR pubdelete)',
  );
  const version = await client.query<{ v: number }>(
    "SELECT current_setting('server_version_num')::int AS v",
  );
  const ofSchema =
    (version.rows[0]?.v ?? 0) < 150_000
      ? { rows: [] }
      : await client.query<{ name: string }>(
          'SELECT pubname AS name FROM pg_publication p JOIN pg_publication_namespace n ON n.pnpubid = p.oid WHERE n.pnnspid = to_regnamespace(quote_ident($1)) AND (pubupdate OR pubdelete)',
          [schema],
        );
  return [
    ...all.rows.map(
      ({ name }) =>
        `the publication ${name} is FOR ALL TABLES and would include the build's tables, which have no keys yet and could then not be changed (make it FOR TABLES IN SCHEMA or FOR TABLE)`,
    ),
    ...ofSchema.rows.map(
      ({ name }) =>
        `the publication ${name} is for all tables of the schema ${schema}, where the build's tables have no keys yet and could then not be changed`,
    ),
  ];
}
