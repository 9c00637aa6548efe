export * from './companions.js';
export * from './dumps.js';
export * from './earlier-columns.js';
export * from './origin.js';
export * from './schemas.js';
export * from './source.js';
export * from './table.js';
export * from './tables.js';
