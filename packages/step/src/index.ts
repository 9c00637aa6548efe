export * from './context.js';
export * from './failures.js';
export * from './growing-input.js';
export * from './input-file.js';
export * from './options.js';
export * from './redact.js';
export * from './result.js';
export * from './touched-file.js';
