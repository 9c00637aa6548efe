import { pythonStrip } from '@wxyc/text';

const special = /[\0\r\n]/;
const newline = /\r\n|\r|\n/g;

/** A value as the database will hold it: without newlines and NUL, trimmed. */
export function loaded(value: string): string {
  return pythonStrip(
    special.test(value) ? value.replaceAll('\0', '').replace(newline, ' ') : value,
  );
}
