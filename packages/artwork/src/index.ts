export { defaultApi, checkToken, type ApiOptions } from './discogs-api.js';
export {
  fillArtwork,
  surveyArtwork,
  type ArtworkOptions,
  type ArtworkResult,
  type ArtworkSurvey,
} from './fill-artwork.js';
export type { LackingCounts } from './lacking.js';
export {
  BadInputError,
  DifferencesError,
  InterruptedError,
  LockedError,
  StepError,
  UsageError,
  type FailureCode,
  type Logger,
  type Progress,
  type ProgressTask,
  type StepContext,
  type StepResult,
} from '@wxyc/step';
