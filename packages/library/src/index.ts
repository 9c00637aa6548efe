export * from './artist-file.js';
export * from './library.js';
