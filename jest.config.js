// Tests import the built packages: what is tested is what is published. `npm test` builds first.

/** One kind of test, told by file name. Its set-up runs only when one of its tests is going to run. */
export const project = (name, testRegex) => ({
  displayName: name,
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/packages', '<rootDir>/tools'],
  testRegex,
  testEnvironment: '<rootDir>/tools/testing/jest-environment.js',
  globalSetup: `<rootDir>/tools/testing/dist/jest/${name}-setup.js`,
  globalTeardown: `<rootDir>/tools/testing/dist/jest/${name}-teardown.js`,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  // A test's own helpers are TypeScript, imported by the name that they would have when built.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transformIgnorePatterns: ['/node_modules/', '/dist/'],
  setupFilesAfterEnv: [
    '<rootDir>/tools/testing/jest-timeout.js',
    '<rootDir>/tools/testing/jest-native.js',
  ],
});

export default {
  projects: [
    project('fast', String.raw`/test/(?!.*\.(bin|pg|mysql)\.test\.ts$).*\.test\.ts$`),
    project('bin', String.raw`/test/.*\.bin\.test\.ts$`),
    project('pg', String.raw`/test/.*\.pg\.test\.ts$`),
  ],
  maxWorkers: 2,
  testSequencer: './tools/testing/jest-sequencer.js',
  reporters: ['default', './tools/testing/jest-tally.js'],
};
