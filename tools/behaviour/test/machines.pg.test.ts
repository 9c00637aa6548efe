/** Machines as they are: users without a home or a name, strict umasks, read-only places, paths with any letters. */
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  root,
  runCommand,
  succeeded,
  temporaryFolder,
  testDatabase,
  type RunResult,
  type TestDatabase,
} from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let folder: string;
let link: string;
beforeAll(async () => {
  inputs = await makeInputs();
}, 60_000);
beforeEach(() => {
  folder = join(temporaryFolder(), 'a b\'c"d\ne $x;%s\\');
  mkdirSync(folder);
  link = `${folder} link`;
  symlinkSync(folder, link);
  for (const name of ['csv', 'library.db', 'releases.xml.gz'])
    cpSync(join(inputs.folder, name), join(folder, name), { recursive: true });
});

const nobody = 65_534;
/** In no system's list of users. */
const nameless = 54_321;

/** As another user, with no environment but PATH, under a strict umask, where nothing else below /tmp can be written to. */
async function asUser(uid: number, bin: string, words: string[]): Promise<RunResult> {
  for (const name of ['.', ...(readdirSync(folder, { recursive: true }) as string[])])
    chownSync(join(folder, name), uid, uid);
  const result = await runCommand('unshare', [
    '--mount',
    'sh',
    '-c',
    'mount --bind "$1" "$1" && mount --rbind /tmp /tmp && mount -o remount,ro,bind /tmp && cd "$2" && umask 077 && uid="$3" && shift 3 && exec setpriv --reuid="$uid" --regid="$uid" --clear-groups env -i "PATH=$PATH" "$@"',
    'sh',
    folder,
    link,
    String(uid),
    process.execPath,
    `${root}packages/${bin.slice(5)}/bin/${bin}.js`,
    ...words,
  ]);
  return onSuchMachine(result);
}

/** Never skipped in silence: this is part of what is promised. */
function onSuchMachine(result: RunResult): RunResult {
  if (/unshare|^mount:|setpriv/m.test(result.stderr))
    throw new Error(
      `No such machine for this test: "${result.stderr.trim()}". Run it as root (a container with --cap-add SYS_ADMIN will do), or leave it out by name: --testPathIgnorePatterns machines`,
    );
  return result;
}

/** As root, on a machine that has no user `postgres` yet. `etc` in the folder becomes its /etc. */
async function withoutPostgres(bin: string, words: string[]): Promise<RunResult> {
  const etc = join(folder, 'etc');
  if (!existsSync(etc)) {
    await runCommand('cp', ['-a', '/etc', etc]);
    for (const name of ['passwd', 'shadow', 'group', 'gshadow'])
      await runCommand('sed', ['-i', '/^postgres:/d', join(etc, name)]);
  }
  return onSuchMachine(
    await runCommand('unshare', [
      '--mount',
      'sh',
      '-c',
      'mount --bind "$1" /etc && cd "$2" && shift 2 && exec "$@"',
      'sh',
      etc,
      folder,
      process.execPath,
      `${root}packages/${bin.slice(5)}/bin/${bin}.js`,
      ...words,
    ]),
  );
}

const hasPostgres = (): boolean =>
  /^postgres:/m.test(readFileSync(join(folder, 'etc', 'passwd'), 'utf8'));

const run = (url: string): string[] => [
  '--xml',
  join(link, 'releases.xml.gz'),
  '--library-db',
  './library.db',
  '--database-url',
  url,
  '--report',
  join(link, 'run.html'),
  '--keep-csv',
  'c s v',
];
test('an ordinary user without a home, with a read-only /tmp, in a folder with a strange name behind a link: an embedded database', async () => {
  succeeded(await asUser(nobody, 'wxyc-pipeline', run(`embedded:${join(link, 'cache')}`)));
  succeeded(await asUser(nobody, 'wxyc-schema', ['check', 'embedded:cache']));
  expect(readdirSync(folder).sort()).toEqual([
    '.pipeline_state.json',
    'c s v',
    'cache',
    'csv',
    'library.db',
    'releases.xml.gz',
    'run.html',
  ]);
  for (const name of ['.pipeline_state.json', 'c s v', 'cache', 'run.html'])
    expect({ name, open: statSync(join(folder, name)).mode & 0o77 }).toEqual({ name, open: 0 });
}, 60_000);

test('the embedded server refuses a user id without a name, with the ways out', async () => {
  const { code, stderr } = await asUser(nameless, 'wxyc-pipeline', run('embedded:cache'));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /ERROR.* the user id 54321 has no line in \/etc\/passwd: add one, run as another user, or give --database-url/,
    ),
  });
  expect(existsSync(join(folder, 'cache'))).toBe(false);
});

test('root without a user for the embedded server: doctor says what would become of it, and only a start makes the user', async () => {
  const open = temporaryFolder();
  chmodSync(open, 0o755);
  const doctor = (directory: string): Promise<RunResult> =>
    withoutPostgres('wxyc-pipeline', [
      'doctor',
      '--csv-dir',
      'csv',
      '--database-url',
      `embedded:${directory}`,
    ]);
  const would = await doctor(join(open, 'cache'));
  expect(would.stdout + would.stderr).toMatch(/embedded:.*cache will be created/);
  mkdirSync(join(open, 'private'), { mode: 0o700 });
  const closed = await doctor(join(open, 'private', 'cache'));
  expect(closed.stdout + closed.stderr).toMatch(/private is closed to others/);
  expect(hasPostgres()).toBe(false);
  expect(readdirSync(open)).toEqual(['private']);
  succeeded(await withoutPostgres('wxyc-schema', ['create', `embedded:${join(open, 'cache')}`]));
  expect(hasPostgres()).toBe(true);
}, 60_000);

describe('with a server', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(() => database.drop());

  test('a user id without a name, as containers have them', async () => {
    succeeded(await asUser(nameless, 'wxyc-pipeline', run(database.url)));
  });

  test('rejects are loaded again where /tmp cannot be written to', async () => {
    succeeded(await asUser(nameless, 'wxyc-schema', ['create', database.url]));
    succeeded(await asUser(nameless, 'wxyc-import', ['csv', database.url]));
    writeFileSync(
      join(folder, 'rejects.csv'),
      'file,row,reason,record\r\nrelease_label.csv,0,header,"release_id,label,catno"\r\n',
    );
    succeeded(await asUser(nameless, 'wxyc-import', ['rejects.csv', database.url]));
    expect(readdirSync(folder).sort()).toEqual(['csv', 'library.db', 'releases.xml.gz']);
  });
});
