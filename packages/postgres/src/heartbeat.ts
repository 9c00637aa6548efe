/**
 * The heartbeat of the connection that holds the run lock. It is idle for hours: a network or a proxy may forget it
 * silently, and the server then frees the lock for another run. So the server is asked again and again, and has to answer in time.
 */
import { StepError, UsageError } from '@wxyc/step';
import type { Client } from './client.js';

/** Seconds between two questions, and the longest wait for an answer. */
const defaultSeconds = 30;

/** `WXYC_HEARTBEAT_SECONDS`, for networks that forget an idle connection sooner; 30 without it. */
export function heartbeatSeconds(env: NodeJS.ProcessEnv = process.env): number {
  const given = env['WXYC_HEARTBEAT_SECONDS'];
  if (given === undefined || given === '') return defaultSeconds;
  const seconds = Number(given);
  if (!(seconds >= 1 && seconds <= 3600))
    throw new UsageError(
      `WXYC_HEARTBEAT_SECONDS is "${given}"; give a number of seconds from 1 to 3600`,
    );
  return seconds;
}

export interface Heartbeat {
  /** Asks now. For silence or a wrong answer, throws the error that {@link startHeartbeat} was told to make. */
  beat(): Promise<void>;
  stop(): void;
}

/**
 * Asks `question` over the connection, which nobody else uses, and calls `onLost` once if the server does not answer in time,
 * refuses, or answers with no row.
 */
export function startHeartbeat(
  client: Client,
  question: string,
  place: string,
  onLost: (why: StepError) => void,
): Heartbeat {
  const milliseconds = heartbeatSeconds() * 1000;
  let lost: StepError | undefined;
  let asking: Promise<void> | undefined;
  const lose = (why: StepError): void => {
    clearInterval(timer);
    if (lost) return;
    lost = why;
    onLost(why);
  };
  const ask = async (): Promise<void> => {
    let late: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      const listen = (): void => {
        const due = performance.now() + milliseconds;
        late = setTimeout(() => {
          // So late that this process must have been asleep: the answer may have arrived without being looked at yet.
          if (performance.now() - due > 500) listen();
          else
            reject(
              new StepError(
                `${place} has not answered for ${milliseconds / 1000} seconds: the network is silent, or the server hangs; run again (with --resume in the pipeline)`,
              ),
            );
        }, milliseconds).unref();
      };
      listen();
    });
    try {
      const answer = await Promise.race([client.query(question), silence]);
      if (answer.rows.length === 0)
        throw new StepError(`The run lock at ${place} is gone: another run may have begun`);
    } catch (error) {
      lose(
        error instanceof StepError
          ? error
          : new StepError(
              `The connection to ${place} that holds the run lock was ended: ${(error as Error).message}`,
              { cause: error },
            ),
      );
    } finally {
      clearTimeout(late);
    }
  };
  const beat = async (): Promise<void> => {
    await (asking ??= ask().finally(() => (asking = undefined)));
    if (lost) throw lost;
  };
  const timer = setInterval(() => void beat().catch(() => undefined), milliseconds);
  timer.unref();
  return { beat, stop: () => clearInterval(timer) };
}
