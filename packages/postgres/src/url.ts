/**
 * Database URLs as libpq reads them: `postgresql://user:password@host:port/name?sslmode=require`, sockets
 * (`postgresql:///name`, `postgresql://%2Frun%2Fpostgresql/name`, `?host=/run/postgresql`), percent-encoding everywhere.
 */
import { userInfo } from 'node:os';
import { redact, redactUrl, rememberSecret, UsageError } from '@wxyc/step';
import { isJudgedParameter, unsupportedSetting } from './libpq-settings.js';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** A database URL taken apart, defaults filled in. Holds the password: never log it whole. */
export interface DatabaseAddress {
  /** A host name or address, or a socket directory (begins with `/`). */
  host: string;
  port: number;
  database: string;
  user: string;
  /** Absent: none was given; a password file may still know one. */
  password?: string | undefined;
  sslMode: SslMode;
  sslRootCertificate?: string | undefined;
  sslCertificate?: string | undefined;
  sslKey?: string | undefined;
  /** Seconds. */
  connectTimeout: number;
  /** `-c name=value` words for the server, as in libpq's `options`. */
  serverOptions?: string | undefined;
}

const sslModes = new Set<string>([
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
]);

/** Parameters that libpq knows and that change nothing here. */
const ignoredParameters = new Set(
  'application_name fallback_application_name client_encoding sslcompression keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout krbsrvname'.split(
    ' ',
  ),
);

/** A `user:` whose password does not end before the first / ? or #; a port there would be digits. */
const unencodedPassword =
  /^postgres(?:ql)?:\/\/(?!\[)(?:[^/?#@]*:(?!\d*(?:[/?#]|$))[^/?#@]*[/?#].*@|[^/?#@]*:\d+\/[^?#]*@|[^?]*#)/i;

/** A directory with a database of its own, where a URL is expected. */
const isEmbedded = /^embedded:/;

/**
 * Takes a URL apart. Throws a UsageError for anything but a PostgreSQL URL, for an unknown query parameter (a misspelt
 * `sslmode` must not mean "no encryption"), or several hosts.
 *
 * @example
 * parseDatabaseUrl('postgresql:///discogs').host // '/var/run/postgresql' or PGHOST
 */
export function parseDatabaseUrl(
  url: string,
  env: NodeJS.ProcessEnv = process.env,
): DatabaseAddress {
  // Otherwise the rest of the password would be taken for host, database or parameter, and be shown as such.
  if (unencodedPassword.test(url.trim()))
    throw refuse(url, 'a /, ? or # in the user or the password must be written as %2F, %3F or %23');
  if (isEmbedded.test(url.trim()))
    throw new UsageError(
      `${redactUrl(url.trim())} is a directory, whose server must be started first: withDatabase(url, context, (databaseUrl) => ...) of @wxyc/postgres does it, and stops it afterwards`,
    );
  const match = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(url.trim());
  if (!match)
    throw refuse(
      url,
      'it must look like postgresql://user@host:5432/name, postgresql:///name or embedded:DIR',
    );
  const [, authority = '', path = '', query = ''] = match;
  const at = authority.lastIndexOf('@');
  const userPart = at < 0 ? '' : authority.slice(0, at);
  const colon = userPart.indexOf(':');
  const parameters = readParameters(url, query);
  const place = readHost(url, authority.slice(at + 1));
  const decode = (text: string): string => decodePart(url, text);
  const unsupported = unsupportedSetting(parameters, env);
  if (unsupported !== undefined) throw refuse(url, unsupported);

  const user =
    parameters.get('user') ??
    (decode(colon < 0 ? userPart : userPart.slice(0, colon)) ||
      env['PGUSER'] ||
      operatingSystemUser());
  const sslMode = parameters.get('sslmode') ?? env['PGSSLMODE'] ?? 'prefer';
  if (!sslModes.has(sslMode))
    throw refuse(url, `sslmode=${sslMode} is not one of ${[...sslModes].join(', ')}`);
  const password =
    parameters.get('password') ??
    (colon < 0 ? env['PGPASSWORD'] : decode(userPart.slice(colon + 1)));
  rememberSecret(password, [user, decode(path), ...place.host.split(/\W+/)]);
  const host =
    parameters.get('host') ?? (decode(place.host) || env['PGHOST'] || '/var/run/postgresql');
  const port = parameters.get('port') ?? (place.port || env['PGPORT'] || '5432');
  if (/,/.test(host + port)) throw refuse(url, 'several hosts are not supported, give one');
  return {
    host,
    port: readPort(url, port),
    database: parameters.get('dbname') ?? (decode(path) || env['PGDATABASE'] || user),
    user,
    password,
    sslMode: sslMode as SslMode,
    sslRootCertificate: parameters.get('sslrootcert') ?? env['PGSSLROOTCERT'],
    sslCertificate: parameters.get('sslcert') ?? env['PGSSLCERT'],
    sslKey: parameters.get('sslkey') ?? env['PGSSLKEY'],
    connectTimeout:
      Number(parameters.get('connect_timeout') ?? env['PGCONNECT_TIMEOUT'] ?? 30) || 30,
    serverOptions: parameters.get('options') ?? env['PGOPTIONS'],
  };
}

/** `host:port/name` for messages. */
export function describeAddress({
  host,
  port,
  database,
}: Pick<DatabaseAddress, 'host' | 'port' | 'database'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

/** The same server, credentials and parameters, another database. */
export function withDatabaseName(url: string, database: string): string {
  const [beforeQuery = '', query] = url.trim().split('?', 2);
  const scheme = /^[a-z]+:\/\/[^/]*/i.exec(beforeQuery)?.[0] ?? beforeQuery;
  const rest = query
    ?.split('&')
    .filter((pair) => !/^dbname=/i.test(pair))
    .join('&');
  return `${scheme}/${encodeURIComponent(database)}${rest ? `?${rest}` : ''}`;
}

function readParameters(url: string, query: string): Map<string, string> {
  const known = new Set(
    'host port dbname user password sslmode ssl sslrootcert sslcert sslkey connect_timeout options'.split(
      ' ',
    ),
  );
  const parameters = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (!pair) continue;
    const equals = pair.indexOf('=');
    const name = decodePart(url, equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodePart(url, pair.slice(equals + 1));
    if (ignoredParameters.has(name)) continue;
    if (!known.has(name) && !isJudgedParameter(name))
      throw refuse(
        url,
        `the query parameter "${name}" is unknown; known are ${[...known].join(', ')}`,
      );
    if (name !== 'ssl') parameters.set(name, value);
    else if (!parameters.has('sslmode'))
      parameters.set(
        'sslmode',
        value === 'true' || value === '1'
          ? 'require'
          : value === 'false' || value === '0'
            ? 'disable'
            : value,
      );
  }
  return parameters;
}

function readHost(url: string, text: string): { host: string; port: string } {
  if (text.includes(',')) throw refuse(url, 'several hosts are not supported, give one');
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text);
  if (!match) throw refuse(url, 'an IPv6 address needs brackets, as in [::1]:5432');
  return { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
}

function readPort(url: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw refuse(url, `"${text}" is not a port`);
  return port;
}

function decodePart(url: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse(url, 'a % is not followed by two hexadecimal digits; write % itself as %25');
  }
}

function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'postgres';
  }
}

function refuse(url: string, why: string): UsageError {
  return new UsageError(
    `The database URL ${redactUrl(url) || '(empty)'} cannot be used: ${redact(why)}`,
  );
}
