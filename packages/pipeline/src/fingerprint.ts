/** What a run was given, as short texts that two runs can compare. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { findCsv } from '@wxyc/csv';
import { releaseFiles } from '@wxyc/dataset';
import { libraryFingerprint } from '@wxyc/library';
import { defaultScoreCutoff, rulesVersion } from '@wxyc/matching';
import { embeddedDirectory, redactUrl } from '@wxyc/postgres';
import { monthlyFingerprint } from './monthly-dump.js';
import type { Plan } from './plan.js';

/** A dump of 10 GB is told by its size and by pieces of this many bytes at beginning, middle and end. */
const pieceBytes = 1 << 20;

/** Size and content of a file: whole if small, else by its pieces. The path does not count: a moved file is the same. */
export async function fileFingerprint(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256');
    const starts = size <= 4 * pieceBytes ? [0, 1, 2, 3].map((i) => i * pieceBytes) : [0, Math.floor((size - pieceBytes) / 2), size - pieceBytes];
    const buffer = Buffer.alloc(pieceBytes);
    for (const start of starts) {
      if (start >= size && start > 0) continue;
      const { bytesRead } = await file.read(buffer, 0, pieceBytes, start);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return `${size} bytes, ${hash.digest('hex').slice(0, 16)}`;
  } finally {
    await file.close();
  }
}

async function directoryFingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { name } of releaseFiles) {
    const path = findCsv(directory, name);
    if (path !== undefined) hash.update(`${name} ${await fileFingerprint(path)}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** A database URL without its password; a directory by its full path. */
export function plainUrl(url: string): string {
  const directory = embeddedDirectory(url);
  return directory === undefined ? redactUrl(url) : `embedded:${directory}`;
}

/** Everything that decides what a run builds. */
export async function fingerprintInputs(plan: Plan): Promise<Record<string, string>> {
  const { options } = plan;
  const inputs: Record<string, string> = {};
  if (plan.monthly) inputs['dump'] = monthlyFingerprint(plan.monthly);
  else if (plan.dump) inputs['dump'] = `${basename(plan.dump)}, ${await fileFingerprint(plan.dump)}`;
  if (plan.artistsDump) inputs['artists dump'] = `${basename(plan.artistsDump)}, ${await fileFingerprint(plan.artistsDump)}`;
  if (options.csvDir) inputs['CSV files'] = await directoryFingerprint(resolve(options.csvDir));
  if (options.libraryDb) inputs['library'] = libraryFingerprint(options.libraryDb);
  if (options.libraryArtists) inputs['artist list'] = await fileFingerprint(options.libraryArtists);
  if (options.mappingsFile) inputs['mappings'] = await fileFingerprint(options.mappingsFile);
  if (options.alternates) inputs['alternates'] = await fileFingerprint(options.alternates);
  if (options.keepIds) inputs['release ids to keep'] = await fileFingerprint(options.keepIds);
  if (options.aliases) inputs['aliases'] = await fileFingerprint(options.aliases);
  if (options.wxycDbUrl) inputs['WXYC catalogue'] = redactUrl(options.wxycDbUrl);
  if (options.targetDbUrl) inputs['target database'] = plainUrl(options.targetDbUrl);
  if (options.libraryDb) {
    inputs['score cutoff'] = String(options.scoreCutoff ?? defaultScoreCutoff);
    // Steps that earlier rules decided do not fit those that these decide.
    inputs['rules version'] = String(rulesVersion);
  }
  if (options.preferCountry) inputs['preferred country'] = options.preferCountry;
  inputs['mode'] = plan.mode + (plan.matchedOnly ? ', matched only' : '');
  return inputs;
}

/** Sentences for what differs; empty if nothing does. */
export function differences(before: Record<string, string>, now: Record<string, string>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => {
      if (before[name] === undefined) return `the ${name} was not given then`;
      if (now[name] === undefined) return `the ${name} (${before[name]}) is not given now`;
      return `the ${name} was ${before[name]} and is ${now[name]}`;
    });
}
