// Starts the suites that take longest first, or the last one would keep a single processor busy at the end. Without a cache of
// earlier runs jest goes by the size of the files, and these are small for what they do.
import Sequencer from '@jest/test-sequencer';

const long = [
  'tools/chaos/test/kill.pg.test.ts',
  'packages/matching/test/properties.test.ts',
  'tools/docs/test/examples.pg.test.ts',
  'tools/behaviour/test/names.pg.test.ts',
  'tools/behaviour/test/server-limits.pg.test.ts',
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => long.some((name) => path.endsWith(name));
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
