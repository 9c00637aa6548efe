/** Signals: the first asks the work to end, the second ends the process. */
import { exitCodes, InterruptedError } from '@wxyc/step';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts the controller on the first signal. Returns a function that takes the handlers away. */
export function abortOnSignals(controller: AbortController, onFirst: (name: string) => void): () => void {
  let seen = false;
  const handle = (name: string): void => {
    if (seen) process.exit(exitCodes.interrupted);
    seen = true;
    onFirst(name);
    controller.abort(new InterruptedError(`Interrupted by ${name}`));
  };
  for (const name of signals) process.on(name, handle);
  return () => {
    for (const name of signals) process.off(name, handle);
  };
}
