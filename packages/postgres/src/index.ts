export { backendOf, terminateBackends } from './backends.js';
export { type Client } from './client.js';
export { openClient, type SessionOptions } from './open-client.js';
export { gently, isGentle } from './gentle.js';
export { copyIn, copyOut, type CopySource } from './copy.js';
export { clusterIdentifier, createDatabaseIfMissing, sameDatabase } from './databases.js';
export { databaseFailure, errorCode, isConnectionLost } from './failure.js';
export { connect, type PoolOptions, type Sql, type TransactionSql } from './pool.js';
export { qualifiedName, quoteIdentifier, quoteLiteral, withValues } from './quoting.js';
export { type Doing, withClient, withSql } from './with-connection.js';
export {
  acquireRunLock,
  runLockHolder,
  withRunLock,
  type LockHolder,
  type RunLock,
  type UnderLock,
} from './run-lock.js';
export {
  describeAddress,
  parseDatabaseUrl,
  withDatabaseName,
  type DatabaseAddress,
  type SslMode,
} from './url.js';
export {
  checkEmbeddedDirectory,
  embeddedDirectory,
  requireEmbeddedDatabase,
  startEmbedded,
  withDatabase,
  withExistingDatabase,
  type EmbeddedOptions,
  type EmbeddedServer,
} from './embedded.js';
export type { Backends } from './backends.js';
export { redactUrl } from '@wxyc/step';
