/** The settings of every session of ours. */
import { quoteIdentifier } from './quoting.js';

/** What the server's present settings decide about ours. */
export interface SessionFacts {
  /** As in server_version_num. */
  version: number;
  synchronousCommit: string;
}

/** The server looks this often whether the client is still there: a killed run must not go on building. */
export const connectionCheck = { name: 'client_connection_check_interval', value: '2s' };

/** Settings by name. No role's or database's own time-out may end an hour's work. */
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
    // A network that loses packets without a word: the server gives up after half a minute, not after two hours.
    tcp_keepalives_idle: '20',
    tcp_keepalives_interval: '5',
    tcp_keepalives_count: '3',
    // Also while an answer is on its way. Long, since it counts too while we are slow to read.
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
    // Texts and catalogue entries must read as they are compared.
    IntervalStyle: 'postgres',
    bytea_output: 'hex',
    extra_float_digits: '1',
    transform_null_equals: 'off',
    array_nulls: 'on',
    gin_fuzzy_search_limit: '0',
  };
}
