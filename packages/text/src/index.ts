export { compareCodePoints, sortCodePoints } from './code-points.js';
export * from './compilations.js';
export * from './label-forms.js';
export { ratio, tokenSetRatio, tokenSortRatio } from './scores.js';
export { isWhiteSpace, pythonStrip } from './white-space.js';
export { andWords, articles, joinWords, numberWords, romanToDigits } from './words.js';
export {
  artistBag,
  artistWords,
  bagWord,
  joinLetters,
  looseArtist,
  mappingKey,
  normalizeArtist,
  splitJoined,
} from './artist-forms.js';
export { foldedAlone } from './folding.js';
export {
  letterPlaces,
  normalizeTitle,
  TitleForm,
  titleForm,
  titleForms,
  titleWords,
} from './title-forms.js';
export { withoutEditions } from './title-editions.js';
