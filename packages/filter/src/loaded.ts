import { pythonStrip } from '@wxyc/text';

const newline = /\r\n|\r|\n/g;

/** A value as the database will hold it: without newlines and NUL, trimmed. */
export function loaded(value: string): string {
  return pythonStrip(value.replaceAll('\0', '').replace(newline, ' '));
}
