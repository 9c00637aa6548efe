export { default } from './fast-teardown.js';
