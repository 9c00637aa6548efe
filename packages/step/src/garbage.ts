/** Gives memory back in time: left alone, V8 lets a heap grow to several times the size of what is alive in it. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let gc: (() => void) | undefined;

/** Call it where there is much garbage: it takes some ten milliseconds. */
export function collectGarbage(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}

/** How much garbage may pile up before collecting it is worth those milliseconds. */
const mostLeft = 32 * 1024 * 1024;
let living = 0;

/** Collects the thread's garbage if there is much. Cheap enough to be called for every batch of a long work. */
export function tidyUp(): void {
  if (getHeapStatistics().used_heap_size < living + mostLeft) return;
  collectGarbage();
  living = getHeapStatistics().used_heap_size;
}

/** Collects, after a large piece of work, what it leaves behind. */
export function tidyUpAfter(): void {
  living = 0;
  tidyUp();
}
