/** Keeps an embedded server up for psql and consumers. */
import { startEmbedded } from '@wxyc/postgres';
import { StepError, type StepContext } from '@wxyc/step';

/**
 * Starts the server of a directory, hands its URL to `print`, and stops it when the signal fires. That is how it is
 * meant to end, so it then returns.
 *
 * @throws LockedError while a run uses the directory; StepError if the server ends by itself.
 */
export async function serve(directory: string, context: StepContext, print: (text: string) => void): Promise<void> {
  const server = await startEmbedded(directory.replace(/^embedded:/, ''), context);
  // A promise alone keeps no process alive, and the server's process must not.
  const stay = setInterval(() => undefined, 60_000);
  try {
    print(`${server.url}\n`);
    context.logger.info('serving until Ctrl-C');
    const stopped = new Promise<false>((settle) => context.signal.addEventListener('abort', () => settle(false), { once: true }));
    if (context.signal.aborted) return;
    if (await Promise.race([stopped, server.ended])) throw new StepError(`The server in ${directory} ended by itself; its log there says why.`);
  } finally {
    clearInterval(stay);
    await server.stop();
  }
}
