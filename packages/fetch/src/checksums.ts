// The month's checksums, as sha256sum writes them, and their copy beside the dumps.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole, type OutputKind } from '@wxyc/csv';
import { StepError, type StepContext } from '@wxyc/step';
import { addressOf, readText, type DumpMonth, type SiteOptions } from './site.js';

/** File name to SHA-256, in lower-case hexadecimal. */
export type Checksums = ReadonlyMap<string, string>;

export function parseChecksums(text: string): Checksums {
  const lines = [...text.matchAll(/^\\?([0-9a-f]{64})\s+\*?(\S[^\r\n]*?)\s*$/gim)];
  return new Map(
    lines.map(([, hash, name]) => [name!.slice(name!.lastIndexOf('/') + 1), hash!.toLowerCase()]),
  );
}

const checksumKind: OutputKind = {
  name: 'a list of checksums',
  recognises: (start) => /^\\?[0-9a-f]{64}\s/i.test(start.toString('latin1')),
};

/** The file that holds a month's checksums. */
const checksumName = (stamp: string): string => `discogs_${stamp}_CHECKSUM.txt`;

/** Reads a month's checksums from the site and keeps them in the directory. */
export async function fetchChecksums(
  site: SiteOptions,
  month: DumpMonth,
  directory: string,
  context?: Partial<StepContext>,
): Promise<Checksums> {
  const name = checksumName(month.stamp);
  const key = month.files.checksum?.key ?? `data/${month.stamp.slice(0, 4)}/${name}`;
  const text = await readText(site, addressOf(site, { download: key }), name, context);
  const checksums = parseChecksums(text);
  if (checksums.size === 0)
    throw new StepError(
      `${name} holds no checksums (it begins with ${JSON.stringify(text.trim().slice(0, 40))}): without them nothing can be verified; try again later`,
    );
  await writeWhole(join(directory, name), checksumKind, text);
  return checksums;
}

/** The checksums that an earlier call kept; undefined if there are none. */
export async function keptChecksums(
  directory: string,
  stamp: string,
): Promise<Checksums | undefined> {
  const text = await readFile(join(directory, checksumName(stamp)), 'utf8').catch(() => undefined);
  const checksums = text === undefined ? undefined : parseChecksums(text);
  return checksums && checksums.size > 0 ? checksums : undefined;
}
