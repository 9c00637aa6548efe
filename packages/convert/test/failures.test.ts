// What goes wrong while a large dump is under way.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { convert } from '@wxyc/convert';
import { temporaryFolder } from '@wxyc/testing';
import { DumpSource } from '../dist/dump-source.js';
import { createListWalk, PlainListWalk } from '../dist/list-walk.js';
import { WorkerPool } from '../dist/worker-pool.js';

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
  'damage is where the bytes end, however slowly they are taken (%i ms each)',
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

test('a failure in a thread, met while other batches are awaited, ends in an error and leaves nothing behind', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'releases.xml');
  writeFileSync(file, dump(30_000));
  const output = join(folder, 'csv');
  const original = WorkerPool.prototype.convert;
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  let batches = 0;
  try {
    WorkerPool.prototype.convert = function (batch) {
      return ++batches === 3
        ? Promise.reject(new Error('broken thread'))
        : original.call(this, batch);
    };
    await expect(convert({ inputs: [file], output, jobs: 1 })).rejects.toThrow('broken thread');
    await setTimeout(20);
  } finally {
    WorkerPool.prototype.convert = original;
    process.off('unhandledRejection', note);
  }
  expect(batches).toBeGreaterThan(3);
  expect(unhandled).toEqual([]);
  expect(existsSync(output) ? readdirSync(output) : []).toEqual([]);
});

test('where memory for vectors is refused, lists are walked byte by byte', () => {
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
