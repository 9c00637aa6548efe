// What the dumps' site offers: which months there are, and which files each of them has.
import {
  baseUrl,
  backOff,
  NetworkError,
  request,
  statusError,
  retryAfter,
  userAgent,
  wait,
  type Exchange,
} from '@wxyc/http';
import { redact, stepContext, StepError, type StepContext } from '@wxyc/step';

export const defaultSite = 'https://data.discogs.com/';

/** The four dumps of a month, as their files name them. */
export const dumpKinds = ['releases', 'artists', 'labels', 'masters'] as const;
export type DumpFileKind = (typeof dumpKinds)[number];

export interface SiteOptions {
  /** Default `https://data.discogs.com/`. */
  baseUrl?: string | undefined;
  /** The `fetch` to use. Default: Node's. */
  fetch?: typeof fetch | undefined;
  /** Further tries of a request that brings nothing new. Default 10, which takes some five minutes. */
  retries?: number | undefined;
  /** Milliseconds without a byte after which a connection is given up. Default 60,000. */
  stall?: number | undefined;
  /** Milliseconds before the second try; later pauses are longer. Default 1,000. */
  firstPause?: number | undefined;
}

/** A file of a month, as the index lists it. */
export interface RemoteFile {
  name: string;
  /** What `?download=` takes: `data/2026/discogs_20260901_releases.xml.gz`. */
  key: string;
  /** Bytes, rounded as the index prints them; undefined where it prints none. */
  listedBytes: number | undefined;
}

/** The dumps of one month. */
export interface DumpMonth {
  /** `2026-09`. */
  month: string;
  /** `20260901`, as in the names of the files. */
  stamp: string;
  files: Partial<Record<DumpFileKind | 'checksum', RemoteFile>>;
}

export const defaultRetries = 10;

/** The files that a month still lacks: the dumps appear hours apart, the checksums last. */
export function missingFiles({ files }: DumpMonth): string[] {
  return [...dumpKinds, 'checksum' as const].filter((kind) => !files[kind]);
}

/** Whether all files of the month are there, with their checksums. */
export function isComplete(month: DumpMonth): boolean {
  return missingFiles(month).length === 0;
}

/** The address of a file, or of a page of the index. */
export function addressOf(
  site: SiteOptions,
  query: { download: string } | { prefix: string } | undefined,
): URL {
  const url = baseUrl(site.baseUrl ?? defaultSite);
  const [name, value] = Object.entries(query ?? {})[0] ?? [];
  if (name !== undefined) url.search = `?${name}=${encodeURIComponent(value as string)}`;
  return url;
}

const headers = { 'user-agent': userAgent(import.meta.url), 'accept-encoding': 'identity' };

/** A request to the site, once. */
export function ask(
  site: SiteOptions,
  url: URL,
  signal: AbortSignal,
  more: Record<string, string> = {},
): Promise<Exchange> {
  return request(url, {
    fetch: site.fetch,
    signal,
    stall: site.stall,
    headers: { ...headers, ...more },
  });
}

/** A small text from the site, requested until it comes. `what` names it in the error: `The index`. */
export async function readText(
  site: SiteOptions,
  url: URL,
  what: string,
  context?: Partial<StepContext>,
): Promise<string> {
  const { signal, logger } = stepContext(context);
  for (let failures = 0; ;) {
    try {
      const answer = await ask(site, url, signal);
      if (answer.status === 200) return await answer.text(8 << 20);
      answer.drop();
      throw statusError(answer.status, `${what} at ${url.origin}`, retryAfter(answer.headers));
    } catch (error) {
      failures += 1;
      if (
        !(error instanceof NetworkError) ||
        !error.retryable ||
        failures > (site.retries ?? defaultRetries)
      )
        throw error;
      const pause = error.retryAfter ?? backOff(failures, site.firstPause);
      logger.warn(
        `${error.message}; trying again in ${(pause / 1000).toFixed(pause < 9500 ? 1 : 0)} s`,
      );
      await wait(pause, signal);
    }
  }
}

/** The years that the index lists, the newest first. */
export async function readYears(
  site: SiteOptions,
  context?: Partial<StepContext>,
): Promise<number[]> {
  const page = await readText(site, addressOf(site, undefined), 'The index of dumps', context);
  const years = [...page.matchAll(/\?prefix=data(?:%2F|\/)(\d{4})(?:%2F|\/)/gi)].map((found) =>
    Number(found[1]),
  );
  if (years.length === 0) throw notAnIndex(site, page);
  return [...new Set(years)].sort((a, b) => b - a);
}

function notAnIndex(site: SiteOptions, page: string): StepError {
  const title = /<title>\s*([^<]{1,80}?)\s*<\/title>/i.exec(page)?.[1];
  const seen =
    page.trim() === ''
      ? 'the page is empty'
      : title
        ? `the page is titled ${JSON.stringify(title)}`
        : `the page begins with ${JSON.stringify(page.trim().slice(0, 40))}`;
  return new StepError(
    `${redact(addressOf(site, undefined).href)} lists no dumps: ${seen}; open it in a browser, or give another site with --base-url`,
  );
}

/** A month's files in a year's page: date, size and link of each; date and size may be missing. */
const row = /(?:([\d.]+)\s*([KMGT]?i?B)\s+)?<a\s[^>]*?href="[^"]*\?download=([^"&]+)"/gi;
const fileName =
  /^discogs_((\d{4})(\d\d)\d\d)_(?:(releases|artists|labels|masters)\.xml\.gz|(CHECKSUM)\.txt)$/;
const units: Record<string, number> = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40 };

/** The months of a year, the newest first; none if the site has no such year. */
export async function readYear(
  site: SiteOptions,
  year: number,
  context?: Partial<StepContext>,
): Promise<DumpMonth[]> {
  const page = await readText(
    site,
    addressOf(site, { prefix: `data/${year}/` }),
    `The index of ${year}`,
    context,
  );
  return parseYear(page);
}

export function parseYear(page: string): DumpMonth[] {
  const months = new Map<string, DumpMonth>();
  for (const [, size, unit, link] of page.matchAll(row)) {
    const key = decodeLink(link!);
    const name = key.slice(key.lastIndexOf('/') + 1);
    const found = fileName.exec(name);
    if (!found) continue;
    const [, stamp, year, month, kind] = found;
    const dumps = months.get(stamp!) ?? { month: `${year}-${month}`, stamp: stamp!, files: {} };
    const listedBytes = size
      ? Math.round(Number(size) * units[unit!.toLowerCase().replace('i', '')]!)
      : undefined;
    dumps.files[(kind as DumpFileKind | undefined) ?? 'checksum'] = { name, key, listedBytes };
    months.set(stamp!, dumps);
  }
  return [...months.values()].sort((a, b) => (a.stamp < b.stamp ? 1 : -1));
}

function decodeLink(link: string): string {
  try {
    return decodeURIComponent(link.replaceAll('&amp;', '&'));
  } catch {
    return link;
  }
}
