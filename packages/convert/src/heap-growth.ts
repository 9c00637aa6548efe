// V8's own rule of when to look for garbage, and when it does not fit a conversion.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** How many of the dump's bytes may come and go before V8 looks for garbage. */
const byteRoom = 64 * 1024 * 1024;

/**
 * Makes V8 look for garbage less often; the function it returns restores V8's own rule.
 *
 * The dump's bytes come in buffers of a megabyte, which V8 counts as part of the heap. With a heap of nine megabytes it would
 * look through all of it after every seventeen: an eighth of a conversion's processor time. The flag holds for all threads of
 * the process, so each of them has to call `tidyUp`.
 */
export function letHeapGrow(): () => void {
  const used = getHeapStatistics().used_heap_size;
  // A larger heap, of a large library, has that room by V8's own rule; this one would only narrow it.
  if (used > byteRoom / 2) return () => undefined;
  setFlagsFromString(`--heap-growing-percent=${Math.round((100 * byteRoom) / used)}`);
  return () => setFlagsFromString('--heap-growing-percent=0');
}
