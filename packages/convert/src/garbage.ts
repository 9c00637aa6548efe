// Gives memory back in time: left alone, V8 lets a heap grow to several times the size of what is alive in it.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Call it where there is much garbage: it takes some ten milliseconds. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** How much garbage may pile up before collecting it is worth those milliseconds. */
const mostLeft = 32 * 1024 * 1024;
let living = 0;

/** Collects the garbage if there is much. Cheap enough to be called for every batch. */
export function tidyUp(): void {
  if (getHeapStatistics().used_heap_size < living + mostLeft) return;
  collectGarbage();
  living = getHeapStatistics().used_heap_size;
}

/** How many of the dump's bytes may come and go before V8 looks for garbage. */
const byteRoom = 64 * 1024 * 1024;

/**
 * Makes V8 look for garbage less often; the function it returns restores V8's own rule.
 *
 * The dump's bytes come in buffers of a megabyte, which V8 counts as part of the heap. With a heap of nine megabytes it would
 * look through all of it after every seventeen: an eighth of a conversion's processor time. The flag holds for all threads of
 * the process, so each of them has to call {@link tidyUp}.
 */
export function letHeapGrow(): () => void {
  const used = getHeapStatistics().used_heap_size;
  // A larger heap, of a large library, has that room by V8's own rule; this one would only narrow it.
  if (used > byteRoom / 2) return () => undefined;
  setFlagsFromString(`--heap-growing-percent=${Math.round((100 * byteRoom) / used)}`);
  return () => setFlagsFromString('--heap-growing-percent=0');
}
