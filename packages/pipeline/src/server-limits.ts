/** Limits of the server that a run would hit only hours after its start. */
import { formatBytes } from '@wxyc/cli';
import type { Sql } from '@wxyc/postgres';
import { StepError } from '@wxyc/step';

/** The import opens most: one for releases, five beside it, the run's lock and the import's own; and one more to end them all. */
const connections = 9;
/** A lower limit is refused for any run: for a small run, an estimate of what it sorts is not worth while. */
const leastTemporaryBytes = 16e6;

interface Limits {
  super: boolean;
  role: string;
  database: string;
  /** Null: no limit. */
  temporary: string | null;
  free: number;
  of_role: number | null;
  of_database: number | null;
}

/**
 * Names each limit that a run would break.
 *
 * @param needs.open connections of this process that are open already.
 * @param needs.temporaryBytes what the largest sort may write, in bytes.
 */
export async function serverLimits(
  sql: Sql,
  needs: { open: number; temporaryBytes: number },
): Promise<string[]> {
  const [limits] = await sql.unsafe<Limits[]>(
    `WITH session AS (SELECT datid, usesysid FROM pg_stat_activity WHERE datid IS NOT NULL OR usesysid IS NOT NULL)
     SELECT r.rolsuper AS super, r.rolname AS role, d.datname AS database,
            (SELECT CASE WHEN setting::bigint >= 0 THEN (setting::bigint * 1024)::text END FROM pg_settings WHERE name = 'temp_file_limit') AS temporary,
            current_setting('max_connections')::int - (SELECT count(*) FROM session)::int
              - CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true)::int, 0) END AS free,
            CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper THEN r.rolconnlimit - (SELECT count(*) FROM session WHERE usesysid = r.oid)::int END AS of_role,
            CASE WHEN d.datconnlimit >= 0 AND NOT r.rolsuper THEN d.datconnlimit - (SELECT count(*) FROM session WHERE datid = d.oid)::int END AS of_database
       FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`,
  );
  if (!limits) return [];
  const problems: string[] = [];
  const wanted = connections - needs.open;
  const short = (left: number | null, mend: string): void => {
    if (left !== null && left < wanted)
      problems.push(
        `${Math.max(0, left)} more connections are free, but a run needs ${wanted} (${mend})`,
      );
  };
  short(limits.free, 'raise max_connections, or end idle sessions');
  short(limits.of_role, `ALTER ROLE ${limits.role} CONNECTION LIMIT`);
  short(limits.of_database, `ALTER DATABASE ${limits.database} CONNECTION LIMIT`);
  const bytes = Math.max(leastTemporaryBytes, needs.temporaryBytes);
  if (limits.temporary !== null && Number(limits.temporary) < bytes) {
    problems.push(
      `temp_file_limit is ${formatBytes(Number(limits.temporary))}, but sorting may write ${formatBytes(bytes)} (ALTER ROLE ${limits.role} SET temp_file_limit, as a superuser)`,
    );
  }
  return problems;
}

/** Throws a StepError that names the limits, if any would be broken. */
export async function refuseServerLimits(
  sql: Sql,
  needs: { open: number; temporaryBytes: number },
): Promise<void> {
  const found = await serverLimits(sql, needs);
  if (found.length > 0)
    throw new StepError(
      `The server's limits would stop this run: ${found.join('; ')}. Nothing was changed`,
    );
}
