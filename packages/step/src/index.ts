export * from './context.js';
export * from './failures.js';
export * from './input-file.js';
export * from './redact.js';
export * from './result.js';
