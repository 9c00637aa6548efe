// The published packages: which they are, their tarballs, and what must be in them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));

/** Folder and package.json of every package that is published. */
export function publishedPackages() {
  return readdirSync(packages)
    .map((name) => ({
      folder: join(packages, name),
      manifest: JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')),
    }))
    .filter(({ manifest }) => !manifest.private);
}

/** Packs them all into a folder. Each comes back with the tarball's path and the names of its files. */
export function pack(published, target) {
  const root = join(packages, '..');
  const answer = execFileSync(
    'npm',
    [
      'pack',
      '--json',
      '--pack-destination',
      target,
      ...published.map(({ manifest }) => `--workspace=${manifest.name}`),
    ],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  // A prepack script may print before the list.
  const listed = JSON.parse(answer.slice(answer.search(/^[[{]/m)));
  const packed = Array.isArray(listed) ? listed : Object.values(listed);
  return published.map((one) => {
    const found = packed.find(({ name }) => name === one.manifest.name);
    if (!found) throw new Error(`${one.manifest.name} was not packed`);
    return {
      ...one,
      tarball: join(target, found.filename),
      files: found.files.map(({ path }) => path),
    };
  });
}

/** What is wrong with a tarball's content, as sentences. */
export function contentProblems({ manifest, files }) {
  const problems = [];
  const wants = (path, why) =>
    files.includes(path) ||
    problems.push(`${manifest.name}: ${path} is not in the tarball (${why})`);
  wants('README.md', 'what the registry shows');
  wants('LICENSE', 'the terms');
  for (const path of Object.values(manifest.bin ?? {})) wants(path, 'bin');
  for (const entry of Object.values(manifest.exports))
    for (const path of typeof entry === 'string' ? [entry] : Object.values(entry))
      wants(path.replace(/^\.\//, ''), 'exports');
  if (manifest.name === '@wxyc/cache')
    for (const name of [
      'create_database',
      'create_full',
      'create_functions',
      'create_indexes',
      'create_track_indexes',
      'create_full_indexes',
    ])
      wants(`sql/${name}.sql`, 'the cache is made from it');
  const stray = files.filter((path) => /^(src|test)\/|\.tsbuildinfo$|(^|\/)tsconfig/.test(path));
  if (stray.length > 0)
    problems.push(`${manifest.name}: ${stray.slice(0, 3).join(', ')} should not be published`);
  for (const field of ['description', 'keywords', 'license', 'engines'])
    if (!manifest[field]) problems.push(`${manifest.name}: package.json has no ${field}`);
  return problems;
}
