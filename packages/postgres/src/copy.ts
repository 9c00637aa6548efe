/** COPY in and out through pg-copy-streams, which settles on every kind of failure. */
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Client } from './client.js';
import { gentleBytesPerSecond, isGentle, paced } from './gentle.js';

/** What COPY reads: buffers or text, cut anywhere; pieces of 64 KiB to 1 MiB work best. */
export type CopySource = AsyncIterable<Buffer | string> | Iterable<Buffer | string>;

/**
 * Runs `COPY … FROM STDIN` and returns the number of rows the server took. Rejects, and leaves nothing loaded, when
 * the server refuses a row, the source throws, the signal fires, or the connection breaks. The client stays usable after a refused row.
 * Gentle work sends no more than {@link gentleBytesPerSecond}.
 *
 * @example
 * await copyIn(client, 'COPY release (id, title) FROM STDIN', lines());
 */
export async function copyIn(
  client: Client,
  sql: string,
  source: CopySource,
  signal?: AbortSignal,
): Promise<number> {
  const stream = client.query(copyFrom(sql, { highWaterMark: 1 << 20 }));
  await untilLost(client, signal, (linked) => {
    const pieces = isGentle() ? paced(source, gentleBytesPerSecond, linked) : source;
    return pipeline(Readable.from(pieces, { objectMode: true, highWaterMark: 2 }), stream, {
      signal: linked,
    });
  });
  return stream.rowCount;
}

/**
 * Runs `COPY … TO STDOUT` and hands the bytes to `sink`: a writable stream, or an async function over the chunks
 * (cut anywhere).
 */
export async function copyOut(
  client: Client,
  sql: string,
  sink: Writable | ((chunks: AsyncIterable<Buffer>) => Promise<void>),
  signal?: AbortSignal,
): Promise<void> {
  const stream = client.query(copyTo(sql));
  await untilLost(client, signal, (linked) =>
    pipeline(stream, sink as Writable, { signal: linked }),
  );
}

/** A COPY stream waits for an answer that a broken connection never gives: the connection's end settles it. */
async function untilLost(
  client: Client,
  signal: AbortSignal | undefined,
  run: (linked: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => (fail = reject));
  broken.catch(() => undefined);
  const onError = (error: Error): void => fail(error);
  const onEnd = (): void =>
    fail(
      Object.assign(new Error('Connection terminated unexpectedly'), { code: 'CONNECTION_CLOSED' }),
    );
  client.on('error', onError);
  client.on('end', onEnd);
  const running = run(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
  running.catch(() => undefined);
  try {
    await Promise.race([running, broken]);
  } catch (error) {
    lost.abort();
    throw error;
  } finally {
    client.off('error', onError);
    client.off('end', onEnd);
  }
}
