/** Signals: the first asks the work to end; the second ends the process, and so does a time limit. */
import { exitCodes, InterruptedError, isTakingTime } from '@wxyc/step';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Work that has not ended this long after a signal never will: it is waiting for a disk or a pipe that does not answer. */
const patienceMs = 15_000;
/** How often it is asked whether the work may take its time: its patience begins anew behind that. */
const lookMs = 500;

export interface SignalNotices {
  first(name: string): void;
  /** The process ends right after it. */
  late(name: string, seconds: number): void;
}

/** Aborts the controller on the first signal. Returns a function that removes the handlers. */
export function abortOnSignals(controller: AbortController, notices: SignalNotices): () => void {
  let patience: NodeJS.Timeout | undefined;
  const handle = (name: string): void => {
    if (patience) process.exit(exitCodes.interrupted);
    // Not unref'd: even if nothing else is left in the event loop, it must come to this end.
    let left = patienceMs;
    patience = setInterval(() => {
      left = isTakingTime() ? patienceMs : left - lookMs;
      if (left > 0) return;
      notices.late(name, patienceMs / 1000);
      process.exit(exitCodes.interrupted);
    }, lookMs);
    notices.first(name);
    controller.abort(new InterruptedError(`Interrupted by ${name}`));
  };
  for (const name of signals) process.on(name, handle);
  return () => {
    clearInterval(patience);
    for (const name of signals) process.off(name, handle);
  };
}
