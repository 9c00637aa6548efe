// What an installation downloads and takes: `node tools/packaging/weight.mjs [PACKAGE..]`, by default those of the table in
// docs/performance.md. Packs the packages, installs each into an empty project as a user would, with an empty npm cache, and measures
// both. check.mjs compares the table with what it installs.
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { npmInstall } from './install.mjs';
import { pack, publishedPackages } from './tarballs.mjs';

/** Bytes of all files below a folder, links not followed. */
function bytesBelow(path) {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}

/** Of an installed project: its packages, their bytes, and which of them are largest. */
export function measure(project) {
  const modules = join(project, 'node_modules');
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  const parts = Object.keys(packages)
    .map((place) => ({
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      // A nested package counts as a package of its own.
      bytes:
        bytesBelow(join(project, place)) -
        Object.keys(packages)
          .filter((other) => other.startsWith(`${place}/node_modules/`))
          .filter((other) => !other.slice(place.length + 14).includes('/node_modules/'))
          .reduce((sum, other) => sum + bytesBelow(join(project, other)), 0),
    }))
    .sort((a, b) => b.bytes - a.bytes);
  return { packages: parts.length, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts };
}

/** A project in `folder` with the package and those of ours that it needs, from tarballs. */
export function installed(name, packages, folder, options = []) {
  mkdirSync(folder, { recursive: true });
  const byName = new Map(packages.map((one) => [one.manifest.name, one]));
  const needed = new Set([name]);
  for (const one of needed)
    for (const next of Object.keys(byName.get(one).manifest.dependencies ?? {}))
      if (byName.has(next)) needed.add(next);
  const dependencies = Object.fromEntries(
    [...needed].map((one) => [one, `file:${byName.get(one).tarball}`]),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  npmInstall(folder, ...options);
  return measure(folder);
}

/** The rows of the table: what is installed, and with which further options. */
const table = [['@wxyc/pipeline'], ['@wxyc/pipeline', '--omit=optional'], ['@wxyc/matching']];
const page = 'docs/performance.md';
const megabytes = (bytes) => Math.max(1, Math.round(bytes / 1e6));
const labelOf = (name, options) => [name, ...options].map((word) => `\`${word}\``).join(' ');

/** Where the page differs from an installation here by more than newer versions of third-party packages explain. */
export function weightProblems(packages, folder) {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const problems = [];
  for (const [at, [name, ...options]] of table.entries()) {
    const label = labelOf(name, options);
    const row = text.split('\n').find((line) => line.startsWith(`| ${label} |`));
    if (!row) {
      problems.push(`${page} has no row for ${label}`);
      continue;
    }
    const said = row
      .split('|')
      .slice(2, 4)
      .map((cell) => Number.parseInt(cell));
    const found = installed(name, packages, join(folder, String(at)), [
      '--prefer-offline',
      ...options,
    ]);
    const measured = [found.packages, megabytes(found.bytes)];
    if (measured.some((count, column) => Math.abs(count - said[column]) > 2 + said[column] / 8))
      problems.push(
        `${page} says ${said.join(' packages, ')} MB of ${label}; here it is ${measured.join(' packages, ')} MB`,
      );
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const rows = positionals.length > 0 ? positionals.map((name) => [name]) : table;
  const folder = mkdtempSync(join(tmpdir(), 'wxyc-weight-'));
  try {
    mkdirSync(join(folder, 'tarballs'));
    const packages = pack(publishedPackages(), join(folder, 'tarballs'));
    for (const [at, [name, ...options]] of rows.entries()) {
      const cache = join(folder, `cache-${at}`);
      const { parts, ...whole } = installed(name, packages, join(folder, String(at)), [
        `--cache=${cache}`,
        ...options,
      ]);
      const ours = packages
        .filter(({ manifest }) => parts.some((part) => part.name === manifest.name))
        .reduce((sum, { tarball }) => sum + lstatSync(tarball).size, 0);
      const downloaded = bytesBelow(join(cache, '_cacache')) + ours;
      console.log(
        `| ${labelOf(name, options)} | ${whole.packages} | ${megabytes(whole.bytes)} MB | ${megabytes(downloaded)} MB |`,
      );
      const largest = parts.slice(0, 4).map((part) => `${part.name} ${megabytes(part.bytes)} MB`);
      console.log(`  most of it: ${largest.join(', ')}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
