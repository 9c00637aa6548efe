/** The settings of all our sessions. */
import { gentleSettings, isGentle } from './gentle.js';
import { quoteIdentifier } from './quoting.js';

/** What our settings depend on in the server's present ones. */
export interface SessionFacts {
  /** As in server_version_num. */
  version: number;
  synchronousCommit: string;
}

/** How often the server checks whether the client is still there: a killed run must not go on building. */
export const connectionCheck = { name: 'client_connection_check_interval', value: '2s' };

/** Settings by name. Time-outs of the role or the database must not end work that takes an hour. */
export function sessionSettings(
  schema: string | undefined,
  { version, synchronousCommit }: SessionFacts,
): Record<string, string> {
  return {
    search_path:
      schema === undefined || schema === 'public' ? 'public' : `${quoteIdentifier(schema)}, public`,
    statement_timeout: '0',
    lock_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    idle_session_timeout: '0',
    ...(version >= 170_000 ? { transaction_timeout: '0' } : {}),
    // A step is recorded as done once it is committed: a crash must not take that back. Only remote_apply promises more.
    synchronous_commit: synchronousCommit === 'remote_apply' ? 'remote_apply' : 'on',
    // If a network silently loses packets, the server gives up after half a minute, not after two hours.
    tcp_keepalives_idle: '20',
    tcp_keepalives_interval: '5',
    tcp_keepalives_count: '3',
    // The same while an answer is on its way. Longer, since time in which we are slow to read counts too.
    tcp_user_timeout: '10min',
    TimeZone: 'UTC',
    DateStyle: 'ISO, MDY',
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
    // Definitions are compared as the server prints them.
    quote_all_identifiers: 'off',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
    default_transaction_deferrable: 'off',
    // Texts and catalogue entries must come in the form in which they are compared.
    IntervalStyle: 'postgres',
    bytea_output: 'hex',
    extra_float_digits: '1',
    transform_null_equals: 'off',
    array_nulls: 'on',
    gin_fuzzy_search_limit: '0',
    ...(isGentle() ? gentleSettings : {}),
  };
}
