export * from './code-points.js';
export * from './compilations.js';
export { mappingKey, normalizeArtist, normalizeTitle } from './normal-forms.js';
export * from './scores.js';
export * from './white-space.js';
