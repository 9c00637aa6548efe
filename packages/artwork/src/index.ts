export { checkToken, type ApiOptions } from './discogs-api.js';
export {
  fillArtwork,
  surveyArtwork,
  type ArtworkOptions,
  type ArtworkResult,
  type ArtworkSurvey,
} from './fill-artwork.js';
export type { LackingCounts } from './lacking.js';
export * from '@wxyc/step/for-callers';
