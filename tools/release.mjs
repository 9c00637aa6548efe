// Cuts a release: one version for all packages, the changelog from the version plans, a commit and a tag.
//
//   npm run release              shows what would change, changes nothing
//   npm run release -- --go      makes it (from a clean main, after testing the packages), and says how to publish
//   npm run release -- minor     a step other than the version plans ask for
//
// A change that an operator will notice brings a version plan, written for operators:
//   npx nx release plan minor --only-touched=false --message "A dump that ends early is refused with its byte offset"
import { execFileSync, spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { go: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
const run = (command, ...args) => {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  if (status !== 0) {
    console.error(
      `release: ${command} ${args.join(' ')} ended with exit ${status}; nothing further was done`,
    );
    process.exit(1);
  }
};

if (values.go) {
  const obstacle =
    git('branch', '--show-current') !== 'main'
      ? 'not on main'
      : git('status', '--porcelain') !== ''
        ? 'the working tree has changes'
        : undefined;
  if (obstacle) {
    console.error(`release: ${obstacle}`);
    process.exit(2);
  }
  run('npm', 'run', 'test:packages');
}
// Before the first tag, the only version to start from is the one in the files.
const first = git('tag', '--list', 'v*') === '' ? ['--first-release'] : [];
run(
  'npx',
  'nx',
  'release',
  ...positionals,
  '--skip-publish',
  ...first,
  ...(values.go ? [] : ['--dry-run']),
);
console.log(
  values.go
    ? '\nTo publish: git push --follow-tags && npx nx release publish'
    : '\nNothing was changed. To do it: npm run release -- --go',
);
