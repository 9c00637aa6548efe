export { vacuum, type VacuumOptions, type VacuumResult } from './vacuum.js';
export * from '@wxyc/step/for-callers';
