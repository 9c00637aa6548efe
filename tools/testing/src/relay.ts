/**
 * A network under the test's control: a TCP relay with a fixed port. The server behind it may change its port; the line can be
 * cut, slowed down or silenced, so that packets are lost.
 */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Relay {
  port: number;
  /** Where new connections go; undefined: nobody answers. */
  target: number | undefined;
  /** Delay of every chunk in milliseconds, each way. */
  delay: number;
  /** Sees what goes to the server, before it goes on. */
  watch: (piece: Buffer) => void;
  /** Swallows everything on all connections, old and new, until {@link Relay.heal}. What was swallowed is gone for good. */
  silence(): void;
  /** Carries new connections again. Silenced ones stay silent, as behind a router that has forgotten them. */
  heal(): void;
  /** Breaks all connections, as a network does. */
  cut(): void;
  /** The URL through this network. */
  through(url: string): string;
  close(): Promise<void>;
}

interface Line {
  ends: readonly [Socket, Socket];
  silent: boolean;
}

/** @param url the server to connect to; if omitted, set `target`. */
export async function startRelay(url?: string): Promise<Relay> {
  const lines = new Set<Line>();
  let silent = false;
  const server = createServer((client) => {
    if (relay.target === undefined) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const upstream = connect(relay.target, '127.0.0.1');
    const line: Line = { ends: [client, upstream], silent };
    lines.add(line);
    const end = (): void => {
      // On a silent line, neither side notices that the other has ended.
      if (line.silent) return;
      lines.delete(line);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [line.ends, [upstream, client] as const]) {
      from.setNoDelay(true);
      from.on('error', end).on('close', end);
      let before: Promise<unknown> = Promise.resolve();
      from.on('data', (piece: Buffer) => {
        if (line.silent) return;
        const carry = (): void => {
          if (line.silent || to.destroyed) return;
          if (to.write(piece)) return;
          from.pause();
          to.once('drain', () => from.resume());
        };
        if (from === client) relay.watch(piece);
        if (relay.delay === 0) return carry();
        const arrival = sleep(relay.delay);
        before = Promise.all([before, arrival]).then(carry);
      });
    }
  });
  await new Promise<void>((settle, fail) =>
    server.once('error', fail).listen(0, '127.0.0.1', settle),
  );
  const relay: Relay = {
    port: (server.address() as { port: number }).port,
    target: url === undefined ? undefined : Number(new URL(url).port || 5432),
    delay: 0,
    watch: () => undefined,
    silence() {
      silent = true;
      for (const line of lines) line.silent = true;
    },
    heal() {
      silent = false;
    },
    cut() {
      for (const { ends } of lines) for (const end of ends) end.resetAndDestroy();
      lines.clear();
    },
    through(to) {
      const through = new URL(to);
      through.hostname = '127.0.0.1';
      through.port = String(relay.port);
      return through.href;
    },
    close: () => {
      relay.cut();
      return new Promise((settle) => server.close(() => settle()));
    },
  };
  return relay;
}
