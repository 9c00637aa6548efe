// Which kind of dump begins with some bytes: recognised by the root element, never by a file's name.
import { dumps, type Dump } from '@wxyc/dataset';
import { BadInputError } from '@wxyc/step';

/** The beginning of a dump, and where its first record may be. */
export interface DumpHead {
  dump: Dump;
  /** Offset after the root's start tag. */
  end: number;
}

/** The root must begin within this many bytes. */
const longestHead = 64 * 1024;

const beforeRoot = /^\uFEFF?(?:\s+|<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^>[]*(?:\[[^]*?\]\s*)?>)*/i;
const startTag = /^<([A-Za-z_][\w.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(\/?)>/;

/**
 * Reads the root's start tag. Returns undefined while it may still be cut off; if the bytes are not a dump, throws a
 * {@link BadInputError} that says what they look like.
 */
export function readHead(path: string, bytes: Buffer, ended: boolean): DumpHead | undefined {
  // latin1 has one character per byte, so that lengths are offsets; the byte order mark is then three characters.
  const text = bytes.toString('latin1', 0, longestHead).replace(/^\u00EF\u00BB\u00BF/, '\uFEFF');
  const mark = text.startsWith('\uFEFF') ? 2 : 0;
  const before = beforeRoot.exec(text)![0].length;
  const match = startTag.exec(text.slice(before));
  if (match && match[1]!.toLowerCase() !== 'html') {
    const dump = Object.values(dumps).find(({ root }) => root === match[1]);
    if (dump && match[2] === '') return { dump, end: before + match[0].length + mark };
    if (dump)
      throw new BadInputError(`${path} holds no ${dump.record}: it is only <${dump.root}/>`);
    throw new BadInputError(
      `${path} is not a Discogs dump: its root element is <${match[1]}>, not <releases>, <artists>, <labels> or <masters>`,
    );
  }
  if (!match && !ended && bytes.length < longestHead) return undefined;
  throw new BadInputError(
    `${path} ${looksLike(text)}; expected a Discogs dump that begins with <releases>, <artists>, <labels> or <masters>`,
  );
}

function looksLike(text: string): string {
  if (text.trim() === '') return text === '' ? 'is empty' : 'is blank';
  if (/^\s*(<!doctype html|<html|<head|<body)/i.test(text)) return 'looks like an HTML page';
  if (/^\s*[{[]/.test(text)) return 'looks like JSON';
  if (text.startsWith('PK\x03\x04')) return 'is a ZIP archive';
  if (text.startsWith('BZh')) return 'is compressed with bzip2';
  if (text.startsWith('\xfd7zXZ')) return 'is compressed with xz';
  if (text.startsWith('(\xb5/\xfd')) return 'is compressed with zstd';
  if (/^(\xff\xfe|\xfe\xff)/.test(text)) return 'is in UTF-16';
  const beginning = JSON.stringify(Buffer.from(text.slice(0, 40), 'latin1').toString('utf8'));
  return `begins with ${beginning}`;
}
