export * from './dump.js';
export * from './library.js';
export { makeRelease, type Release } from './release.js';
export { World, type SampleOptions } from './world.js';
export { releaseXml, type Generation } from './xml.js';
export { settled } from './settled.js';
