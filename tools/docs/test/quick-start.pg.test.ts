/** The README's quick start, as it stands: from a list of albums to a cache that answers, in five lines. */
import { gzipSync } from 'node:zlib';
import { startDumpSite } from '@wxyc/fault-server';
import { root, runCommand, temporaryFolder } from '@wxyc/testing';
import { blocks } from './markdown.ts';

const release = (id: number, artist: string, title: string): string =>
  `<release id="${id}" status="Accepted"><artists><artist><id>${id}</id><name>${artist}</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>${title}</title><country>UK</country><released>1997</released><tracklist><track><position>1</position><title>Brakhage</title><duration>5:30</duration></track></tracklist></release>`;

test('five lines from albums.csv to an answer', async () => {
  const lines = blocks('README.md')
    .find(({ note }) => note === 'run: quick start')!
    .code.trim()
    .split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('npm ci && npm run build');
  const dump = gzipSync(
    `<?xml version="1.0"?>\n<releases>\n${release(1, 'Stereolab', 'Dots And Loops')}\n${release(2, 'Kessler', 'Night Ferry')}\n</releases>\n`,
  );
  const files = Object.fromEntries(
    ['artists', 'labels', 'masters'].map((kind) => [
      `discogs_20260901_${kind}.xml.gz`,
      gzipSync(
        `<${kind}>\n<${kind.slice(0, -1)}><id>1</id><name>Nobody</name></${kind.slice(0, -1)}>\n</${kind}>\n`,
      ),
    ]),
  );
  const site = await startDumpSite({
    files: { ...files, 'discogs_20260901_releases.xml.gz': dump },
  });
  try {
    // The packages are there and built: npx would find them in the repository, PATH does here.
    const script = lines
      .slice(1)
      .join('\n')
      .replaceAll('npx ', '')
      .replaceAll('--month latest', `--month latest --base-url ${site.url}`);
    expect(script.match(/--base-url/g)).toHaveLength(2);
    const { code, stdout, stderr } = await runCommand('bash', ['-e', '-c', script], {
      cwd: temporaryFolder(),
      env: { PATH: `${root}node_modules/.bin:${process.env['PATH']}`, DISCOGS_TOKEN: undefined },
    });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/2 albums by 2 artists/);
    expect(stdout).toMatch(/1 KEEP, 0 REVIEW, 1 PRUNE/);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/Stereolab.*Dots And Loops/);
  } finally {
    await site.close();
  }
}, 60_000);
