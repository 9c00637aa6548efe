export { embeddedDirectory, embeddedRole, startEmbedded, withDatabase, type EmbeddedOptions, type EmbeddedServer } from './embedded.js';
