import { utimesSync } from 'node:fs';

/**
 * Stamps a file as written an hour ago, and returns its path. An input that was written just now is watched for a moment, in
 * case it is still being copied; code that makes many inputs need not wait for each.
 */
export function settled(path: string): string {
  const hourAgo = new Date(new Date().getTime() - 3_600_000);
  utimesSync(path, hourAgo, hourAgo);
  return path;
}
