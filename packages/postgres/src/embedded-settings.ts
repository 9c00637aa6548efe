/** The embedded server's configuration: a bulk build on a small machine, durable at every commit. */
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

const mib = 1 << 20;

/** Memory this process may use: the container's limit if there is one. */
function memoryBytes(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** Docker gives 64 MB of shared memory, on which parallel index builds fail; files in the cluster do instead. */
function sharedMemoryType(): 'posix' | 'mmap' {
  try {
    const { bsize, bavail } = statfsSync('/dev/shm');
    return bsize * bavail >= 1024 * mib ? 'posix' : 'mmap';
  } catch {
    return 'posix';
  }
}

/** The text of postgresql.conf, written anew at each start as the machine may have changed. */
export function serverSettings(): string {
  const memory = memoryBytes();
  const part = (share: number, least: number, most: number): string =>
    `${Math.round(Math.min(most, Math.max(least, (memory * share) / mib)))}MB`;
  const cores = availableParallelism();
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    // No socket: in a deep directory its path would be too long, and nothing needs it.
    unix_socket_directories: '',
    max_connections: 60,
    shared_buffers: part(1 / 8, 64, 1024),
    work_mem: part(1 / 64, 16, 128),
    maintenance_work_mem: part(1 / 8, 64, 1024),
    effective_cache_size: part(1 / 2, 128, 65536),
    max_worker_processes: Math.max(4, cores),
    max_parallel_workers: cores,
    max_parallel_maintenance_workers: Math.max(1, Math.min(4, cores - 1)),
    dynamic_shared_memory_type: sharedMemoryType(),
    // fsync, full_page_writes and synchronous_commit stay on: what a run recorded as done is on disk. With the
    // minimal level a table filled in the transaction that made it is synced instead of logged, which is as durable.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    random_page_cost: 1.1,
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    logging_collector: 'off',
    client_encoding: 'UTF8',
    // The schema of the search functions is called as the role is: with "$user" first, what somebody creates without a schema would land in it.
    search_path: 'public',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value}'`}\n`)
    .join('');
}

/** Who may connect: everybody on this machine as an ordinary role, nobody as the superuser that owns the cluster. */
export const accessRules = `# Loopback only; the cluster's own superuser never over the network.
host all postgres 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
`;
