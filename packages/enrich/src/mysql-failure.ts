/** Says in one sentence why a MySQL server could not be used. */
import { BadInputError, StepError } from '@wxyc/step';
import type { MysqlAddress } from './mysql-url.js';

/** Server and driver codes of a login method that one side no longer has. */
const oldLogin = new Set([
  'ER_NOT_SUPPORTED_AUTH_MODE',
  'ER_SERVER_IS_IN_SECURE_AUTH_MODE',
  'AUTH_SWITCH_PLUGIN_ERROR',
  'AUTH_SWITCH_METHOD_ERROR',
]);
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'PROTOCOL_CONNECTION_LOST',
  'ENOENT',
]);

/** Turns what the driver threw into a failure with a clear sentence; expected failures pass through. */
export function describeMysqlFailure(error: unknown, address: MysqlAddress): unknown {
  if (error instanceof StepError) return error;
  const {
    code = '',
    errno,
    message = String(error),
  } = error as { code?: string; errno?: number; message?: string };
  const where = address.socketPath ?? `${address.host}:${address.port}`;
  const cause = { cause: error };
  if (
    oldLogin.has(code) ||
    /mysql_old_password|authentication protocol|unknown plugin/i.test(message)
  ) {
    return new StepError(
      `The MySQL server at ${where} asks for a login method that is too old or not supported (${message.split('\n')[0]}); ` +
        `give ${address.user} a current password there, or export the names and use --alternates FILE.`,
      cause,
    );
  }
  if (
    code === 'ER_ACCESS_DENIED_ERROR' ||
    code === 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR' ||
    errno === 1698
  ) {
    return new StepError(
      `The MySQL server at ${where} refuses user ${address.user}: wrong name or password${address.password ? '' : ' (none was given)'}.`,
      cause,
    );
  }
  if (code === 'ER_DBACCESS_DENIED_ERROR' || code === 'ER_TABLEACCESS_DENIED_ERROR') {
    return new StepError(
      `The user ${address.user} may not read the database ${address.database} at ${where} (${message}); grant SELECT on it.`,
      cause,
    );
  }
  if (code === 'ER_BAD_DB_ERROR')
    return new BadInputError(
      `The MySQL server at ${where} has no database ${address.database}.`,
      cause,
    );
  if (unreachable.has(code)) {
    return new StepError(
      `No MySQL server answers at ${where} (${code}); check --wxyc-db-url, or export the names and use --alternates FILE.`,
      cause,
    );
  }
  return new StepError(`The MySQL server at ${where} failed: ${message}`, cause);
}
