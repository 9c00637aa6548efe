export * from './code-points.js';
export * from './compilations.js';
export { artistBag, artistWords, bagWord, looseArtist, mappingKey, normalizeArtist, splitJoined } from './artist-forms.js';
export * from './scores.js';
export { formOfWords, normalizeTitle, titleForm, titleForms, titleWords, type TitleForm } from './title-forms.js';
export * from './white-space.js';
export { andWords, articles, joinWords, numberWords, romanToDigits } from './words.js';
