import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { startApi, startDumpSite, type Api, type DumpSite } from '@wxyc/fault-server';
import { root, runCommand, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { blocks, markdownFiles } from './markdown.ts';

/** READMEs of what is published, and the pages. */
const examples = markdownFiles()
  .filter((file) => !file.startsWith('tools/') && file !== 'docs/consumers.md')
  .flatMap(blocks)
  .filter(({ language }) => language === 'js' || language === 'ts');

/** What an example may take for granted, as the text around it says. */
const given = [{ name: 'databaseUrl', type: 'string', value: 'process.env.DATABASE_URL' }];
const notDeclared = (code: string): typeof given =>
  given.filter(({ name }) => !code.includes(`const ${name}`));
let folder: string;
let database: TestDatabase;
/** What stands for discogs.com: a site with one month, and an API that knows no release. */
let site: DumpSite;
let api: Api;

/** A folder as a reader would have it: the packages installed, a dump, a library, CSV files, a cache. */
beforeAll(async () => {
  folder = temporaryFolder();
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const sample = { releases: 300, albums: 40 };
  writeLibrary(join(folder, 'library.db'), join(folder, 'library_artists.txt'), sample);
  await writeDump(join(folder, 'releases.xml.gz'), { ...sample, generation: 'new' });
  cpSync(join(folder, 'library_artists.txt'), join(folder, 'artists.txt'));
  writeFileSync(join(folder, 'artist_mappings.json'), '{"keep":{},"prune":{}}');
  mkdirSync(join(folder, 'out'));
  database = await testDatabase();
  wxyc('pipeline', '--xml', 'releases.xml.gz', '--library-db', 'library.db', '--keep-csv', 'csv');
  for (const name of ['filtered', 'cleaned'])
    cpSync(join(folder, 'csv'), join(folder, name), { recursive: true });
  cpSync(join(folder, 'csv/release.csv'), join(folder, 'release.csv'));
  const dumps: Record<string, Buffer> = {};
  for (const kind of ['releases', 'artists', 'labels', 'masters'])
    dumps[`discogs_20260901_${kind}.xml.gz`] = gzipSync(`<${kind}></${kind}>`);
  site = await startDumpSite({ files: dumps });
  api = await startApi({ token: 'token' });
  writeFileSync(
    join(folder, 'redirect.mjs'),
    `const hosts = { 'data.discogs.com': '${site.url}', 'api.discogs.com': '${api.url}' };
     const real = globalThis.fetch;
     globalThis.fetch = (input, init) => {
       const url = new URL(input instanceof Request ? input.url : input);
       return real(new URL(url.pathname + url.search, hosts[url.hostname] ?? url), init);
     };`,
  );
}, 180_000);
afterAll(async () => {
  await database.drop();
  await Promise.all([site.close(), api.close()]);
});

function wxyc(bin: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    [`${root}packages/${bin}/bin/wxyc-${bin}.js`, ...args],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, DATABASE_URL: database.url } },
  );
  if (status !== 0) throw new Error(`${bin}: ${stderr}`);
}

test('there are examples', () => expect(examples.length).toBeGreaterThan(15));

test('examples compile', () => {
  const names = examples.map(({ code }, i) => {
    const name = `example-${i}.mts`;
    writeFileSync(
      join(folder, name),
      `${notDeclared(code)
        .map((one) => `declare const ${one.name}: ${one.type};`)
        .join(' ')}\n${code}\nexport {};\n`,
    );
    return name;
  });
  // Examples are mostly JavaScript, and take environment variables as given.
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        strict: true,
        noImplicitAny: false,
        strictNullChecks: false,
        noEmit: true,
        skipLibCheck: true,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      },
      files: names,
    }),
  );
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
    { encoding: 'utf8', cwd: folder },
  );
  const where = stdout.replace(/example-(\d+)\.mts/g, (_, i: string) => examples[Number(i)]!.file);
  expect(where).toBe('');
}, 120_000);

test.each(
  examples.map((block) => ({
    ...block,
    first: block.code.split('\n').find((line) => line.includes('import'))!,
  })),
)(
  '$file runs: $first',
  async ({ code }) => {
    // Examples of single steps expect a build beside the cache.
    if (code.includes('discogs_next') && !code.includes('createSchema')) {
      wxyc('schema', 'create', '--schema', 'discogs_next');
      wxyc('import', 'filtered', '--schema', 'discogs_next');
    }
    // Where an example names a database of its own it is given the test's.
    const text = `${notDeclared(code)
      .map((one) => `const ${one.name} = ${one.value};`)
      .join(' ')}\n${code}`.replace(
      /'(?:postgresql:\/\/\/discogs|embedded:[^']*)'/g,
      'process.env.DATABASE_URL',
    );
    // A bin's module lies in dist/, beside its package.json, and is called with an argument.
    mkdirSync(join(folder, 'bin-example/dist'), { recursive: true });
    writeFileSync(join(folder, 'bin-example/package.json'), '{"version":"1.0.0","type":"module"}');
    writeFileSync(join(folder, 'bin-example/dist/run.js'), text);
    const args = [
      '--import',
      './redirect.mjs',
      'bin-example/dist/run.js',
      ...(code.includes('packageUrl') ? ['names.txt'] : []),
    ];
    const env = {
      DATABASE_URL: database.url,
      DATABASE_URL_DISCOGS: database.url,
      DISCOGS_TOKEN: 'token',
    };
    const result = await runCommand(process.execPath, args, { cwd: folder, env, timeout: 60_000 });
    expect({ code: result.code, stderr: result.code === 0 ? '' : result.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
  },
  90_000,
);
