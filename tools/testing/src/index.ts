export * from './bin-host.js';
export * from './bins.js';
export * from './database.js';
export * from './folders.js';
export * from './own-server.js';
export * from './mysql.js';
export * from './relay.js';
