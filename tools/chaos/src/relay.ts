/** A TCP relay with a fixed port: the server behind it may change its port, and the line can be cut. */
import { connect, createServer, type Socket } from 'node:net';

export interface Relay {
  port: number;
  /** Where new connections go; undefined: nobody answers. */
  target: number | undefined;
  /** Breaks all connections, as a network does. */
  cut(): void;
  close(): Promise<void>;
}

export async function startRelay(): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    if (relay.target === undefined) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const upstream = connect(relay.target, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.setNoDelay(true);
      from.on('error', end).on('close', end);
      from.pipe(to);
    }
  });
  await new Promise<void>((settle, fail) => server.once('error', fail).listen(0, '127.0.0.1', settle));
  const relay: Relay = {
    port: (server.address() as { port: number }).port,
    target: undefined,
    cut() {
      for (const [client, upstream] of pairs) {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      }
    },
    close: () => {
      relay.cut();
      return new Promise((settle) => server.close(() => settle()));
    },
  };
  return relay;
}
