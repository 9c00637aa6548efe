// What needs a driver loads it when it is called: most test files want a folder and a process, and each of them loads all of this.
export * from './bin-host.js';
export * from './bins.js';
export { withSession } from './connections.js';
export * from './database.js';
export * from './folders.js';
export { libraryFile } from './library-file.js';
export * from './own-server.js';
export * from './mysql.js';
export * from './relay.js';
export { scansOf } from './scans.js';
