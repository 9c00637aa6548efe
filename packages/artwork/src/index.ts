export { defaultApi, checkToken, type ApiOptions } from './discogs-api.js';
export {
  fillArtwork,
  surveyArtwork,
  type ArtworkOptions,
  type ArtworkResult,
  type ArtworkSurvey,
} from './fill-artwork.js';
