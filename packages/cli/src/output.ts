/** stdout and stderr. If a reader goes away (`| head`), that ends the writing, never the work. */
import { StepError } from '@wxyc/step';
import { screen } from './screen.js';
import { visibleLines } from './visible.js';

let failure: NodeJS.ErrnoException | undefined;
let listening = false;

/** Writes a result to stdout, control characters in it made visible. The caller adds line ends. */
export function out(text: string): void {
  if (!listening) {
    listening = true;
    process.stdout.on('error', (error) => (failure ??= error));
  }
  if (failure) return;
  screen.aside(() => process.stdout.write(visibleLines(text)));
}

/**
 * Waits until what was written has gone out.
 *
 * @throws StepError if it could not be, for any reason other than a reader that went away.
 */
export async function resultsWritten(): Promise<void> {
  if (!listening) return;
  await new Promise<void>((settle) => process.stdout.write('', () => setImmediate(settle)));
  if (!failure || failure.code === 'EPIPE' || failure.code === 'ERR_STREAM_DESTROYED') return;
  throw new StepError(
    `The results could not be written to stdout: ${failure.code === 'ENOSPC' ? 'the disk is full' : failure.message}. The work itself is done`,
    { cause: failure },
  );
}
