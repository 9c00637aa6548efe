/** A PostgreSQL server for the trials that can be crashed and comes back at the same address. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbedded } from '@wxyc/postgres';
import { stepContext } from '@wxyc/step';
import pg from 'pg';
import { startRelay } from '@wxyc/testing';

export interface ScratchServer {
  /** An ordinary URL of one of its databases, valid across crashes. */
  url(database: string): string;
  query<Row extends pg.QueryResultRow>(
    database: string,
    sql: string,
    values?: unknown[],
  ): Promise<Row[]>;
  /** Ends the server as a power cut would (SIGKILL) or in immediate mode (SIGQUIT). */
  crash(how: 'SIGKILL' | 'SIGQUIT'): Promise<void>;
  /** Starts it again after a crash. */
  recover(): Promise<void>;
  cut(): void;
  /** The network swallows everything until {@link ScratchServer.heal}, which also ends whatever hung. */
  mute(): void;
  heal(): void;
  /** Replaces the database `to` with a copy of `from`. */
  copy(from: string, to: string): Promise<void>;
  stop(): Promise<void>;
}

/** The postmaster of a cluster; undefined if it is not running. */
export function postmasterOf(directory: string): number | undefined {
  try {
    const pid = Number(
      readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
    );
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

/** Runs `use` on a connection of its own. */
export async function onConnection<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'chaos' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @param directory new or empty, accessible to every user: the server may run as another one. */
export async function startScratchServer(directory: string): Promise<ScratchServer> {
  const relay = await startRelay();
  const start = () => startEmbedded(directory, stepContext(), { superuser: true });
  let server = await start();
  relay.target = Number(new URL(server.url).port);
  const { username } = new URL(server.url);
  const url = (database: string): string =>
    `postgresql://${username}@127.0.0.1:${relay.port}/${encodeURIComponent(database)}`;
  return {
    url,
    query: (database, sql, values) =>
      onConnection(
        url(database),
        async (client) => (await client.query(sql, values)).rows as never,
      ),
    async crash(how) {
      const pid = postmasterOf(directory);
      relay.target = undefined;
      if (pid !== undefined) process.kill(pid, how);
      await server.ended;
      relay.cut();
    },
    async recover() {
      if (relay.target !== undefined) return;
      await server.stop();
      // A killed server's backends notice one after the other, and hold its memory until then.
      for (let attempt = 1; ; attempt++) {
        try {
          server = await start();
          break;
        } catch (error) {
          if (attempt === 5) throw error;
          await sleep(500);
        }
      }
      relay.target = Number(new URL(server.url).port);
    },
    cut: () => relay.cut(),
    mute: () => relay.silence(),
    heal() {
      relay.heal();
      relay.cut();
    },
    copy: (from, to) =>
      onConnection(url('postgres'), async (client) => {
        await client.query(
          'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1',
          [from],
        );
        await client.query(`DROP DATABASE IF EXISTS ${to} WITH (FORCE)`);
        await client.query(`CREATE DATABASE ${to} TEMPLATE ${from}`);
      }),
    async stop() {
      await relay.close();
      await server.stop();
    },
  };
}
