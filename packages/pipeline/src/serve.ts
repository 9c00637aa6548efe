/** Keeps an embedded server up for psql and consumers. */
import { embeddedDirectory, requireEmbeddedDatabase, startEmbedded, withSql } from '@wxyc/postgres';
import {
  checkOptions,
  option,
  required,
  StepError,
  type OptionKinds,
  type StepContext,
} from '@wxyc/step';

export interface ServeOptions {
  /** The DIR of `embedded:DIR`. */
  directory: string;
  /** Port of 127.0.0.1. Default: the same as last time; the first time, any free port. */
  port?: number | undefined;
  /** Begin an empty database if the directory holds none. Default: refuse, since the directory may be mistyped. */
  create?: boolean | undefined;
}

const optionKinds: OptionKinds<ServeOptions> = {
  directory: required(option.text),
  port: {
    what: 'a port from 1 to 65535',
    accepts: (value) =>
      Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535,
  },
  create: option.flag,
};

/**
 * Starts the server of a directory, hands its URL to `print`, and stops it when the signal fires. That is how it is
 * meant to end, so it then returns. The URL stays the same across restarts.
 *
 * @throws BadInputError if the directory holds no database; LockedError while a run uses it; StepError if the port is
 * taken, or the server ends by itself.
 */
export async function serve(
  options: ServeOptions,
  context: StepContext,
  print: (text: string) => void,
): Promise<void> {
  checkOptions('serve', options, optionKinds);
  const directory = embeddedDirectory(options.directory) ?? options.directory;
  if (!options.create)
    await requireEmbeddedDatabase(
      directory,
      "give the DIR of a run's embedded:DIR, or --create to create an empty database",
    );
  const server = await startEmbedded(directory, context, { port: options.port ?? 'kept' });
  // A pending promise does not keep a process alive, and the server's process must not.
  const stay = setInterval(() => undefined, 60_000);
  try {
    const holds = await holdsCache(server.url, context.signal);
    print(`${server.url}\n`);
    if (!holds)
      context.logger.warn(
        `no cache is published there yet: build one with --database-url ${server.url}`,
      );
    context.logger.info('serving until Ctrl-C or SIGTERM');
    const stopped = new Promise<false>((settle) =>
      context.signal.addEventListener('abort', () => settle(false), { once: true }),
    );
    if (context.signal.aborted) return;
    if (await Promise.race([stopped, server.ended]))
      throw new StepError(`The server in ${directory} ended unexpectedly; its log there says why.`);
  } finally {
    clearInterval(stay);
    await server.stop();
  }
}

async function holdsCache(url: string, signal: AbortSignal): Promise<boolean> {
  return withSql(url, { applicationName: 'wxyc-pipeline serve', signal }, async (sql) => {
    const [row] = await sql.unsafe<{ there: boolean }[]>(
      "SELECT to_regclass('public.release') IS NOT NULL AS there",
    );
    return row!.there;
  });
}
