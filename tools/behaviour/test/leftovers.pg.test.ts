/**
 * No step leaves anything behind in the process that called it: no open file, connection, timer, thread, child, listener or temporary
 * file, whether it succeeds, fails or is aborted. `WXYC_NODES` lists further Node binaries to try, separated by colons.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRow } from '@wxyc/csv';
import { startApi, startDumpSite, type Api, type DumpSite } from '@wxyc/fault-server';
import { readLibrary } from '@wxyc/library';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { runCommand, temporaryFolder, testDatabase } from '@wxyc/testing';

const nodes = [process.execPath, ...(process.env['WXYC_NODES']?.split(':').filter(Boolean) ?? [])];
const folder = temporaryFolder();
let site: DumpSite;
let api: Api;

beforeAll(async () => {
  const sample = { releases: 400, albums: 30 };
  const artists = join(folder, 'artists.txt');
  writeLibrary(join(folder, 'library.db'), artists, sample);
  const rows = readLibrary(join(folder, 'library.db')).map(({ artist, title }) =>
    encodeRow([artist, title]),
  );
  writeFileSync(join(folder, 'library.csv'), encodeRow(['artist', 'title']) + rows.join(''));
  const dump = join(folder, 'releases.xml.gz');
  await writeDump(dump, sample);
  const bytes = readFileSync(dump);
  writeFileSync(join(folder, 'cut.xml.gz'), bytes.subarray(0, bytes.length >> 1));
  mkdirSync(join(folder, 'bad'));
  writeFileSync(join(folder, 'bad/release.csv'), 'nothing\r\n1\r\n');
  const kinds = ['releases', 'artists', 'labels', 'masters'];
  site = await startDumpSite({
    files: Object.fromEntries(kinds.map((kind) => [`discogs_20260901_${kind}.xml.gz`, bytes])),
  });
  api = await startApi({ limit: 6000 });
});
afterAll(() => Promise.all([site.close(), api.close()]));

test.each(nodes)(
  '%s',
  async (node) => {
    const [database, target] = await Promise.all([testDatabase(), testDatabase()]);
    const own = temporaryFolder();
    try {
      const given = {
        databaseUrl: database.url,
        targetUrl: target.url,
        siteUrl: site.url,
        apiUrl: api.url,
        folder,
      };
      const script = join(import.meta.dirname, 'leftovers.mjs');
      const { code, stdout, stderr } = await runCommand(
        node,
        ['--expose-gc', script, JSON.stringify(given)],
        { env: { TMPDIR: own, TMP: own }, timeout: 500_000 },
      );
      // The process ends by itself: a leftover handle would keep it alive.
      expect([code, stdout.trim().split('\n'), code === 0 ? '' : stderr]).toEqual([
        0,
        ['22 steps, 0 problems'],
        '',
      ]);
    } finally {
      await Promise.all([database.drop(), target.drop()]);
    }
  },
  600_000,
);
