export * from './code-points.js';
export * from './compilations.js';
export * from './normal-forms.js';
export * from './scores.js';
export * from './white-space.js';
