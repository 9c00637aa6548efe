export { createSchema, publish, type CreateSchemaOptions, type CreateSchemaResult, type PublishOptions, type PublishResult } from '@wxyc/cache';
export { checkSchema, ContractBroken, type CheckSchemaOptions } from './check.js';
