// Memory that is given back in time: by itself V8 lets a heap grow to some times of what lives in it.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Call it where much was left behind: it takes some ten milliseconds. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** So much may be left behind before it is worth those milliseconds. */
const mostLeft = 32 * 1024 * 1024;
let living = 0;

/** Collects what was left behind if it has become much. Cheap enough to be called for every batch. */
export function tidyUp(): void {
  if (getHeapStatistics().used_heap_size < living + mostLeft) return;
  collectGarbage();
  living = getHeapStatistics().used_heap_size;
}
