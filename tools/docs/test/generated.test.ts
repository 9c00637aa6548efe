import { spawnSync } from 'node:child_process';
import { root } from '@wxyc/testing';

describe('generated pages', () => {
  test.each(['cli-reference', 'trap-table'])(
    '%s is up to date',
    (name) => {
      const { status, stderr } = spawnSync(
        process.execPath,
        [`${root}tools/docs/${name}.mjs`, '--check'],
        { encoding: 'utf8' },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    },
    180_000,
  );
});
