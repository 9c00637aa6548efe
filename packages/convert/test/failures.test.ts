// What goes wrong while a large dump is under way.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { root, runCommand, temporaryFolder } from '@wxyc/testing';
import { DumpSource } from '../dist/dump-source.js';
import { createListWalk, PlainListWalk } from '../dist/list-walk.js';

/** A dump of some megabytes that does not compress well. */
function dump(releases: number): string {
  const parts = ['<releases>\n'];
  for (let id = 1; id <= releases; id++) {
    const words = Array.from({ length: 40 }, (_, word) =>
      ((id * 2654435761 + word * 40503) >>> 0).toString(36),
    ).join(' ');
    parts.push(
      `<release id="${id}" status="Accepted"><title>Title ${id}</title><notes>${words}</notes></release>\n`,
    );
  }
  parts.push('</releases>\n');
  return parts.join('');
}

test.each([0, 20])(
  'damage is reported where the bytes end, however slowly they are read (%i ms each)',
  async (pause) => {
    const file = join(temporaryFolder(), 'cut.xml.gz');
    const bytes = gzipSync(dump(12_000));
    writeFileSync(file, bytes.subarray(0, bytes.length - 2000));
    const source = await DumpSource.open(file);
    let length = 0;
    for await (const chunk of source.chunks()) {
      length += chunk.length;
      await setTimeout(pause);
    }
    expect(source.damage).toMatchObject({ offset: length });
  },
);

test.each([
  ['fails', 'broken thread'],
  ['exit', 'A worker thread ended unexpectedly'],
])(
  'a thread that %ss while other batches are awaited ends in one error and leaves nothing behind',
  async (how, sentence) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'releases.xml'), dump(30_000));
    const { code, stdout, stderr } = await runCommand(
      process.execPath,
      [
        '--import',
        new URL('fixtures/broken-thread.mjs', import.meta.url).href,
        `${root}packages/convert/bin/wxyc-convert.js`,
        ...['releases.xml', '--output', 'csv', '--jobs', '1'],
      ],
      { cwd, env: { BROKEN_THREAD: how } },
    );
    expect({ code, stdout, errors: stderr.match(/ERROR.*/g) }).toEqual({
      code: 1,
      stdout: '',
      errors: [expect.stringContaining(sentence)],
    });
    expect(readdirSync(cwd, { recursive: true }).sort()).toEqual(['csv', 'releases.xml']);
  },
);

test('without memory for vectors, lists are walked byte by byte', () => {
  const space = (globalThis as unknown as { WebAssembly: { Memory: unknown } }).WebAssembly;
  const original = space.Memory;
  try {
    space.Memory = class {
      constructor() {
        throw new RangeError('could not allocate memory');
      }
    };
    expect(createListWalk()).toBeInstanceOf(PlainListWalk);
  } finally {
    space.Memory = original;
  }
});
