/**
 * Settings of libpq, in a URL or the environment, that this product cannot follow. Silently ignored, they would weaken what
 * somebody asked for, or lead to another server: each is refused by name, if its value asks for something.
 */

interface Setting {
  /** As a parameter of a URL. */
  name: string;
  variable?: string;
  /** Values that ask only for what is done anyway; any other is refused. */
  harmless: RegExp;
  instead: string;
}

const settings: readonly Setting[] = [
  {
    name: 'channel_binding',
    variable: 'PGCHANNELBINDING',
    harmless: /^(?:|disable|prefer)$/,
    instead: 'sslmode=verify-full prevents interception',
  },
  {
    name: 'gssencmode',
    variable: 'PGGSSENCMODE',
    harmless: /^(?:|disable|prefer)$/,
    instead: 'use TLS, with sslmode',
  },
  {
    name: 'hostaddr',
    variable: 'PGHOSTADDR',
    harmless: /^$/,
    instead: 'give the address as the host',
  },
  { name: 'passfile', harmless: /^$/, instead: 'name the file in PGPASSFILE' },
  { name: 'require_auth', variable: 'PGREQUIREAUTH', harmless: /^$/, instead: 'leave it out' },
  {
    name: 'requiressl',
    variable: 'PGREQUIRESSL',
    harmless: /^(?:|0)$/,
    instead: 'use sslmode=require',
  },
  {
    name: 'service',
    variable: 'PGSERVICE',
    harmless: /^$/,
    instead: "write the service's host, port, user and database into the URL",
  },
  {
    name: 'ssl_max_protocol_version',
    variable: 'PGSSLMAXPROTOCOLVERSION',
    harmless: /^$/,
    instead: 'leave it out',
  },
  {
    name: 'ssl_min_protocol_version',
    variable: 'PGSSLMINPROTOCOLVERSION',
    harmless: /^(?:|TLSv1(?:\.[12])?)$/,
    instead: 'set it on the server',
  },
  {
    name: 'sslcertmode',
    variable: 'PGSSLCERTMODE',
    harmless: /^(?:|allow)$/,
    instead: 'give sslcert and sslkey, or leave them out',
  },
  { name: 'sslcrl', variable: 'PGSSLCRL', harmless: /^$/, instead: 'leave it out' },
  { name: 'sslcrldir', variable: 'PGSSLCRLDIR', harmless: /^$/, instead: 'leave it out' },
  {
    name: 'sslnegotiation',
    variable: 'PGSSLNEGOTIATION',
    harmless: /^(?:|postgres)$/,
    instead: 'leave it out',
  },
  { name: 'sslsni', variable: 'PGSSLSNI', harmless: /^(?:|1)$/, instead: 'leave it out' },
  {
    name: 'target_session_attrs',
    variable: 'PGTARGETSESSIONATTRS',
    harmless: /^(?:|any|primary|read-write)$/,
    instead: 'a cache is built on a primary',
  },
];

/** Whether a parameter is one of these: its value is judged by {@link unsupportedSetting}. */
export const isJudgedParameter = (name: string): boolean =>
  settings.some((setting) => setting.name === name);

/** A sentence about the first setting that cannot be followed; undefined if all can. A parameter takes precedence over its variable. */
export function unsupportedSetting(
  parameters: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): string | undefined {
  for (const { name, variable, harmless, instead } of settings) {
    const given = parameters.get(name);
    const value = given ?? (variable === undefined ? undefined : env[variable]);
    if (value === undefined || harmless.test(value)) continue;
    return `${given === undefined ? variable : name}=${value} is not supported: ${instead}`;
  }
  return undefined;
}
