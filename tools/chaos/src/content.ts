/** A database's content as lines of text, so that two databases can be compared and their differences shown. */
import { onConnection } from './scratch-server.js';

/** Lines of one database, sorted; each begins with what it is about. */
export type Content = readonly string[];

/** The previous cache is left out: a run that had to start over after it had published has published twice. */
const own = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'discogs_previous')";
/** Members of extensions do not count. */
const notOfExtension = (catalog: string): string =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = o.oid AND d.deptype = 'e')`;

/** Everything except the rows: kinds, columns, keys, indexes, rights, functions, schemas, extensions; each with its schema. */
const catalog = `
  SELECT n.nspname AS schema, 'schema ' || n.nspname AS line FROM pg_namespace n WHERE ${own}
  UNION ALL
  SELECT n.nspname, format('relation %s.%s kind %s persistence %s rights %s', n.nspname, o.relname, o.relkind, o.relpersistence, o.relacl)
    FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE ${own} AND ${notOfExtension('pg_class')}
  UNION ALL
  SELECT n.nspname, format('column %s.%s %s %s not null %s default %s', n.nspname, o.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN pg_class o ON o.oid = a.attrelid JOIN pg_namespace n ON n.oid = o.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = o.oid AND d.adnum = a.attnum
   WHERE ${own} AND o.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND ${notOfExtension('pg_class')}
  UNION ALL
  SELECT n.nspname, format('constraint %s on %s.%s: %s valid %s', o.conname, n.nspname, c.relname, pg_get_constraintdef(o.oid), o.convalidated)
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${own}
  UNION ALL
  SELECT n.nspname, format('index %s: %s valid %s', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisvalid)
    FROM pg_index i JOIN pg_class o ON o.oid = i.indexrelid JOIN pg_namespace n ON n.oid = o.relnamespace WHERE ${own}
  UNION ALL
  SELECT n.nspname, format('function %s.%s %s', n.nspname, o.proname, md5(pg_get_functiondef(o.oid)))
    FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE ${own} AND o.prokind = 'f' AND ${notOfExtension('pg_proc')}
  UNION ALL
  SELECT 'public', format('extension %s in %s', e.extname, e.extnamespace::regnamespace) FROM pg_extension e`;

/**
 * Reads a database: every row of every table, and the catalogue. Left out is when a dump's rows were cached, and when and by which run
 * they were published; when consumers' rows were cached is included.
 *
 * @param schema only this one; default: all.
 */
export function contentOf(url: string, schema?: string): Promise<Content> {
  return onConnection(url, async (client) => {
    // One snapshot: a publication between two reads would look like a mixture. No search path: names come with their schema.
    await client.query(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ''",
    );
    const wanted = (row: { schema: string }): boolean =>
      schema === undefined || row.schema === schema;
    const lines = (await client.query<{ line: string; schema: string }>(catalog)).rows
      .filter(wanted)
      .map(({ line }) => line);
    const tables = await client.query<{ place: string; columns: string[]; schema: string }>(
      `SELECT format('%I.%I', n.nspname, o.relname) AS place, n.nspname AS schema,
              array_agg(CASE WHEN a.attname = 'cached_at' THEN 'CASE WHEN source = ''api_fetch'' THEN cached_at END' WHEN o.relname = 'artist' AND a.attname = 'fetched_at' THEN 'CASE WHEN id >= 900000000 THEN fetched_at END' WHEN o.relname = 'cache_origin' AND a.attname IN ('run_id', 'published_at') THEN 'NULL' ELSE quote_ident(a.attname) END ORDER BY a.attnum) AS columns
         FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace JOIN pg_attribute a ON a.attrelid = o.oid
        WHERE ${own} AND o.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1, 2`,
    );
    for (const { place, columns } of tables.rows.filter(wanted)) {
      const rows = await client.query<{ line: string }>(
        `SELECT row(${columns.join(', ')})::text AS line FROM ${place}`,
      );
      for (const { line } of rows.rows) lines.push(`row ${place} ${line}`);
    }
    return lines.sort();
  });
}

/** Up to `most` lines that only one side has; empty if both are equal. */
export function differencesOf(expected: Content, found: Content, most = 12): string[] {
  const [missing, extra] = [
    [expected, found],
    [found, expected],
  ].map(([a, b]) => {
    const counts = new Map<string, number>();
    for (const line of b!) counts.set(line, (counts.get(line) ?? 0) + 1);
    return a!.filter((line) => {
      const count = counts.get(line) ?? 0;
      counts.set(line, count - 1);
      return count <= 0;
    });
  }) as [string[], string[]];
  const shown = (sign: string, lines: string[]): string[] => [
    ...lines.slice(0, most).map((line) => `${sign} ${line.slice(0, 300)}`),
    ...(lines.length > most ? [`${sign} … ${lines.length} in all`] : []),
  ];
  return [...shown('missing:', missing), ...shown('unexpected:', extra)];
}
