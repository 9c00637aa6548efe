/** Files that are not what they should be, by what is wrong with them. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { settled } from '@wxyc/sample';

const html = Buffer.from(
  '<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body>Not found</body></html>\n',
);

const contents = {
  empty: Buffer.alloc(0),
  'an HTML page': html,
  'a picture': Buffer.from(
    '89504e470d0a1a0a0000000d4948445200000001000000010806000000001f15c489',
    'hex',
  ),
  'broken gzip': gzipSync(html).fill(0x55, 14),
  'UTF-16': Buffer.from('\uFEFFid,title\r\nStereolab\r\n', 'utf16le'),
} as const;

export type Fault = keyof typeof contents | 'missing' | 'a directory';
export const faults: readonly Fault[] = [
  'missing',
  'a directory',
  ...(Object.keys(contents) as (keyof typeof contents)[]),
];

/** Makes such a file. */
export function makeBadFile(path: string, fault: Fault): void {
  rmSync(path, { recursive: true, force: true });
  if (fault === 'missing') return;
  if (fault === 'a directory') mkdirSync(path);
  else writeFileSync(path, contents[fault]);
  settled(path);
}

/** A file that only its owner may read. */
export function makeUnreadable(path: string, content: string | Buffer = 'id,title\n'): void {
  writeFileSync(path, content);
  settled(path);
  chmodSync(path, 0o000);
}
