/** Strikes a run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningBin } from '@wxyc/testing';
import { writeNested } from './nested-writer.js';
import { onConnection, postmasterOf, type ScratchServer } from './scratch-server.js';
import type { Blow, Place } from './trial-plan.js';

export interface Victim {
  run: RunningBin;
  server: ScratchServer;
  place: Place;
  /** Where embedded clusters are, as `source` and `target`. */
  directory: string;
  /** Databases on the server. */
  databases: readonly string[];
}

const clusters = ['source', 'target'];

/** The URL of a cluster's running server as its owner noted it; undefined if none is running. */
export function embeddedUrl(cluster: string): string | undefined {
  if (postmasterOf(cluster) === undefined) return undefined;
  try {
    return (JSON.parse(readFileSync(join(cluster, 'owner.json'), 'utf8')) as { url?: string }).url;
  } catch {
    return undefined;
  }
}

export async function strike(blow: Blow, victim: Victim): Promise<void> {
  const { run, server, place, directory } = victim;
  const signals: Partial<Record<Blow, NodeJS.Signals>> = {
    kill: 'SIGKILL',
    forget: 'SIGKILL',
    back: 'SIGKILL',
    term: 'SIGTERM',
    int: 'SIGINT',
  };
  if (signals[blow]) return void run.child.kill(signals[blow]);
  if (blow === 'cut') return server.cut();
  if (blow === 'mute') return server.mute();
  if (blow === 'nest') return writeNested(server.url(victim.databases[0]!));
  if (blow === 'drop') return drop(victim);
  const how = blow === 'crash' ? 'SIGKILL' : 'SIGQUIT';
  if (place === 'server') return server.crash(how);
  for (const cluster of clusters) {
    const pid = postmasterOf(join(directory, cluster));
    if (pid !== undefined) process.kill(pid, how);
  }
}

async function drop({ server, place, directory, databases }: Victim): Promise<void> {
  const urls =
    place === 'server'
      ? [server.url('postgres')]
      : clusters.flatMap((cluster) => embeddedUrl(join(directory, cluster)) ?? []);
  for (const url of urls) {
    await onConnection(url, (client) =>
      client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'wxyc-%' AND (datname = ANY($1) OR datname = 'discogs')",
        [databases],
      ),
    ).catch(() => undefined);
  }
}
