export {
  cacheStatus,
  createSchema,
  publish,
  undoPublication,
  type CacheFacts,
  type CacheStatus,
  type CreateSchemaOptions,
  type CreateSchemaResult,
  type PublishOptions,
  type PublishResult,
  type UndoOptions,
  type UndoResult,
} from '@wxyc/cache';
export { checkSchema, ContractBroken, type CheckSchemaOptions } from './check.js';
export * from '@wxyc/step/for-callers';
