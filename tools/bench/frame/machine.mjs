// Where a measurement was taken.
import { cpus, release, totalmem, type } from 'node:os';

export function machine() {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, ${type()} ${release()}, Node ${process.version}`;
}
