// Tests import the built packages: what is tested is what is published. `npm test` builds first.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/packages/*/test/**/*.test.ts', '<rootDir>/tools/*/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.mysql\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }] },
  moduleNameMapper: {},
  modulePathIgnorePatterns: ['<rootDir>/.nx/'],
  testTimeout: 60_000,
};
