/** A site of monthly dumps: index pages, downloads by query, and whatever may go wrong with those. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificate.js';
import { listen } from './listening.js';

/** What happens to a download. Offsets count the bytes of the file, not of the response. */
export interface DownloadFault {
  /** Answer with this status instead. */
  status?: number;
  headers?: Record<string, string>;
  /** Reset the connection before this byte. */
  resetAt?: number;
  /** Send nothing from this byte on, but keep the connection open. */
  stallAt?: number;
  /** End the response cleanly before this byte, without having announced a length. */
  endAt?: number;
  /** Send this byte corrupted. */
  damageAt?: number;
  /** Announce this many bytes more (or fewer) than there are. */
  lie?: number;
  /** Announce no length. */
  noLength?: true;
  /** Answer a request for a range with the whole. */
  ignoreRange?: true;
  /** Answer a request for a range with one that begins this many bytes later. */
  shiftRange?: number;
  /** Send a page for browsers. */
  page?: true;
  /** Serve this content instead, under another ETag. */
  content?: Buffer;
}

export interface DumpSiteOptions {
  /** Names of files (`discogs_20260901_releases.xml.gz`) and their content; missing checksums of a month are generated. */
  files: Record<string, Buffer>;
  /** Serve no checksums for these stamps (`20261001`): months that are still appearing. */
  unfinished?: readonly string[];
  /** What happens to the next downloads of dumps, in order; later ones succeed. */
  faults?: DownloadFault[];
  /** What happens to every further download. */
  always?: DownloadFault;
  /** The kind of dump (`releases`) that faults happen to. Default: all. */
  faultsOf?: string;
  /** Bytes a second of a download. Default: no limit. */
  rate?: number | undefined;
  /** Send downloads on to another path first, as storage behind a site does. */
  redirect?: boolean;
  tls?: Certificate;
  port?: number;
}

export interface DumpSite {
  url: string;
  /** Requests so far: the query, and the range that was asked for. */
  requests: {
    query: string;
    range: string | undefined;
    ifRange: string | undefined;
    userAgent: string | undefined;
  }[];
  /** May be changed while the server runs. */
  options: DumpSiteOptions;
  close(): Promise<void>;
}

/** Bytes written at a time, and between two looks at the clock: at most this, and of a slow download a twentieth of a second. */
const largestPiece = 64 * 1024;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** All files, the checksums of every finished month included. */
function filesOf({ files, unfinished = [] }: DumpSiteOptions): Map<string, Buffer> {
  const all = new Map(Object.entries(files));
  const stamps = new Set(Object.keys(files).map((name) => name.split('_')[1]!));
  for (const stamp of stamps) {
    const name = `discogs_${stamp}_CHECKSUM.txt`;
    if (unfinished.includes(stamp) || all.has(name)) continue;
    const lines = Object.entries(files)
      .filter(([file]) => file.includes(`_${stamp}_`))
      .map(([file, bytes]) => `${sha256(bytes)} *${file}\n`);
    all.set(name, Buffer.from(lines.join('')));
  }
  return all;
}

function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < 3; unit++) value /= 1024;
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

function indexPage(files: Map<string, Buffer>, prefix: string | null): string {
  const year = /^data\/(\d{4})\/$/.exec(prefix ?? '')?.[1];
  const years = [
    ...new Set([...files.keys()].map((name) => name.split('_')[1]!.slice(0, 4))),
  ].sort();
  const rows = year
    ? [...files]
        .filter(([name]) => name.startsWith(`discogs_${year}`))
        .sort()
        .map(
          ([name, bytes]) =>
            `${year}-${name.slice(12, 14)}-02 10:00:00   ${size(bytes.length).padEnd(12)} <a href="?download=data%2F${year}%2F${name}">${name}</a>`,
        )
    : years.map((one) => `    <a href="?prefix=data%2F${one}%2F">${one}/</a>`);
  return `<html><head><title>Dumps</title></head><body><pre>Last Modified   Size   Name\n${rows.join('\n')}\n</pre></body></html>\n`;
}

/** Settles when more can be written, or the client is gone. */
async function roomIn(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

/** Starts the site. */
export async function startDumpSite(options: DumpSiteOptions): Promise<DumpSite> {
  const requests: DumpSite['requests'] = [];
  const server = await listen(handle, options.tls, options.port);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, server.url);
    const moved = url.pathname.startsWith('/storage/');
    const key = moved
      ? decodeURIComponent(url.pathname.slice('/storage/'.length))
      : url.searchParams.get('download');
    if (!moved) {
      const { range, 'if-range': ifRange, 'user-agent': userAgent } = request.headers;
      requests.push({
        query: decodeURIComponent(url.search),
        range,
        ifRange: ifRange as string | undefined,
        userAgent,
      });
    }
    const files = filesOf(options);
    if (key === null) {
      response.setHeader('content-type', 'text/html');
      response.end(indexPage(files, url.searchParams.get('prefix')));
      return;
    }
    const name = key.slice(key.lastIndexOf('/') + 1);
    const content = files.get(name);
    if (content && options.redirect && !moved) {
      response.writeHead(302, { location: `/storage/${encodeURIComponent(key)}` }).end();
      return;
    }
    const isFaulty = name.endsWith(
      options.faultsOf === undefined ? '.gz' : `_${options.faultsOf}.xml.gz`,
    );
    const fault = isFaulty ? (options.faults?.shift() ?? options.always ?? {}) : {};
    if (fault.status)
      response.writeHead(fault.status, fault.headers).end(`status ${fault.status}\n`);
    else if (!content)
      response
        .writeHead(403, { 'content-type': 'application/xml' })
        .end('<Error><Code>AccessDenied</Code></Error>');
    else if (fault.page)
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!DOCTYPE html><html><title>Just a moment...</title></html>');
    else await send(request, response, fault.content ?? content, fault);
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    content: Buffer,
    fault: DownloadFault,
  ): Promise<void> {
    const etag = `"${sha256(content).slice(0, 32)}"`;
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const condition = request.headers['if-range'];
    const ranged =
      asked !== undefined && !fault.ignoreRange && (condition === undefined || condition === etag);
    const from = ranged ? Number(asked) + (fault.shiftRange ?? 0) : 0;
    const total = content.length + (fault.lie ?? 0);
    response.setHeader('etag', etag);
    if (ranged && from >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    if (!fault.noLength && fault.endAt === undefined)
      response.setHeader('content-length', total - from);
    if (ranged)
      response.setHeader('content-range', `bytes ${from}-${content.length - 1}/${content.length}`);
    response.writeHead(ranged ? 206 : 200, { 'content-type': 'application/gzip' });
    await body(response, content, from, Math.min(content.length, total), fault);
  }

  async function body(
    response: ServerResponse,
    content: Buffer,
    from: number,
    to: number,
    fault: DownloadFault,
  ): Promise<void> {
    const end = Math.min(to, fault.resetAt ?? to, fault.stallAt ?? to, fault.endAt ?? to);
    const began = Date.now();
    const piece = Math.min(largestPiece, Math.max(1, Math.ceil((options.rate ?? Infinity) / 20)));
    for (let at = from; at < end && !response.destroyed;) {
      const bytes = Buffer.from(content.subarray(at, Math.min(end, at + piece)));
      if (
        fault.damageAt !== undefined &&
        fault.damageAt >= at &&
        fault.damageAt < at + bytes.length
      )
        bytes[fault.damageAt - at]! ^= 0xff;
      at += bytes.length;
      if (!response.write(bytes)) await roomIn(response);
      if (options.rate)
        await sleep(Math.max(0, ((at - from) / options.rate) * 1000 - (Date.now() - began)));
    }
    if (fault.stallAt !== undefined && fault.stallAt < to) return;
    if (fault.resetAt !== undefined && fault.resetAt < to) {
      // What was written must be sent first.
      await sleep(5);
      response.socket?.resetAndDestroy();
    } else if ((fault.lie ?? 0) > 0) response.socket?.end();
    else response.end();
  }

  return { url: server.url, requests, options, close: server.close };
}
