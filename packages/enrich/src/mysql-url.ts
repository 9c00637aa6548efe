/** URLs of MySQL databases. */
import { redactUrl, rememberSecret, UsageError } from '@wxyc/step';

export interface MysqlAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** A Unix socket instead of host and port. */
  socketPath?: string;
  ssl?: { rejectUnauthorized: boolean };
}

/**
 * Takes a `mysql://user:password@host:3306/database` apart, parts percent-decoded. Parameters: `socket=/path`, and
 * `ssl=true` (certificate checked) or `ssl=insecure`.
 *
 * @throws UsageError if it is not such a URL; the message holds no password.
 */
export function parseMysqlUrl(url: string): MysqlAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^(mysql|mariadb):$/.test(parsed.protocol)) {
    throw new UsageError(
      `${redactUrl(url)} is not the URL of a MySQL database; give mysql://USER@HOST:3306/DATABASE, a password after USER and a colon, special characters percent-encoded.`,
    );
  }
  const shown = redactUrl(url);
  const database = decode(parsed.pathname.replace(/^\//, ''), shown);
  if (!database)
    throw new UsageError(`${shown} names no database; give mysql://USER@HOST:3306/DATABASE.`);
  const address: MysqlAddress = {
    host: parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(parsed.port || 3306),
    user: decode(parsed.username, shown),
    password: decode(parsed.password, shown),
    database,
  };
  rememberSecret(address.password, [address.user, address.host, database]);
  for (const [name, value] of parsed.searchParams) {
    if (name === 'socket') address.socketPath = value;
    else if (name === 'ssl' && value === 'true') address.ssl = { rejectUnauthorized: true };
    else if (name === 'ssl' && value === 'insecure') address.ssl = { rejectUnauthorized: false };
    else
      throw new UsageError(
        `${shown}: unknown parameter ${name}; known are socket=/path, ssl=true and ssl=insecure.`,
      );
  }
  return address;
}

function decode(part: string, shown: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new UsageError(`${shown}: a % that does not begin an escape; write it as %25.`, {
      cause: error,
    });
  }
}
