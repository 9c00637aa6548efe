export { default } from './fast-setup.js';
