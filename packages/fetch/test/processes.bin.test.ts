/** The bin as a process: killed at any moment and run again, over TLS, and what it prints. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate, startDumpSite, type DumpSite } from '@wxyc/fault-server';
import { runBin, startBin, temporaryFolder } from '@wxyc/testing';
import { contentOf, dump, month, nameOf, sha256 } from './dumps.js';

const stamp = '20260901';
const name = nameOf(stamp);
const content = dump(2_000_000);
const whole = { [name]: sha256(content), [`discogs_${stamp}_CHECKSUM.txt`]: expect.any(String) };
const sites: DumpSite[] = [];
const serve = async (
  more: Partial<Parameters<typeof startDumpSite>[0]> = {},
): Promise<DumpSite> => {
  const site = await startDumpSite({ files: month(stamp, content), ...more });
  sites.push(site);
  return site;
};
afterAll(() => Promise.all(sites.map((site) => site.close())));

it('killed at random moments and run again, it ends with the same file', async () => {
  const site = await serve({ rate: 1_500_000 });
  const output = temporaryFolder();
  let kills = 0;
  for (;;) {
    const run = startBin('wxyc-fetch', ['--output', output, '--base-url', site.url]);
    const partial = join(output, `${name}.partial`);
    const before = existsSync(partial) ? statSync(partial).size : 0;
    const target = before + 100_000 + Math.random() * 500_000;
    const watch = setInterval(() => {
      if (existsSync(partial) && statSync(partial).size > target) run.child.kill('SIGKILL');
    }, 5);
    const { code, signal } = await run.finished;
    clearInterval(watch);
    if (signal === 'SIGKILL') {
      kills += 1;
      expect(existsSync(join(output, name))).toBe(false);
      continue;
    }
    expect(code).toBe(0);
    break;
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  const { '.wxyc-fetch.lock': _, ...left } = contentOf(output);
  expect(left).toEqual(whole);
  const ranges = site.requests
    .filter(({ query }) => query.endsWith(name))
    .map(({ range }) => range);
  // If it was killed at the last moment, nothing is left to request.
  expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
});

it('SIGTERM ends it cleanly: 130, no lock, and what arrived stays', async () => {
  const site = await serve({ faults: [{ stallAt: 500_000 }] });
  const output = temporaryFolder();
  const run = startBin('wxyc-fetch', ['--output', output, '--base-url', site.url]);
  const partial = join(output, `${name}.partial`);
  while (!existsSync(partial) || statSync(partial).size < 400_000)
    await new Promise((resolve) => setTimeout(resolve, 10));
  run.child.kill('SIGTERM');
  expect((await run.finished).code).toBe(130);
  expect(Object.keys(contentOf(output))).toEqual([
    `discogs_${stamp}_CHECKSUM.txt`,
    `${name}.partial`,
    `${name}.partial.json`,
  ]);
});

it('accepts a trusted TLS certificate, and refuses any other', async () => {
  const tls = makeCertificate();
  const site = await serve({ tls, redirect: true, faults: [{ resetAt: 700_000 }] });
  const certificates = join(temporaryFolder(), 'ca.pem');
  writeFileSync(certificates, tls.cert);
  const output = temporaryFolder();
  const refused = await runBin('wxyc-fetch', ['--output', output, '--base-url', site.url]);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/certificate is not trusted \(\w+\); .* NODE_EXTRA_CA_CERTS/);
  const run = await runBin('wxyc-fetch', ['--output', output, '--base-url', site.url], {
    env: { NODE_EXTRA_CA_CERTS: certificates },
  });
  expect(run.stderr).toMatch(/connection was (?:reset|closed)/);
  expect(run).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/fetch +bytes +2,0\d\d,\d{3} +2,0\d\d,\d{3} +0/),
  });
  expect(contentOf(output)).toEqual(whole);
});

it('names a place that cannot be written to', async () => {
  const site = await serve();
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const { code, stderr } = await runBin('wxyc-fetch', ['--output', file, '--base-url', site.url]);
  expect(code).not.toBe(0);
  expect(stderr).toContain(file);
  expect(readFileSync(file, 'utf8')).toBe('');
});

it('needs --output, unless it lists', async () => {
  const { code, stderr } = await runBin('wxyc-fetch', []);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--output is needed/);
});
