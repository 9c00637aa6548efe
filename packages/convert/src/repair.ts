// Repairs a record before the strict reader sees it, where the repair is certain; each repair is counted.
import { replacementsIn } from '@wxyc/csv';

/** The number of places that were repaired, by kind. */
export interface Repairs {
  /** U+FFFD for invalid UTF-8 and for code points that XML forbids. */
  invalidCharacters: number;
  /** Control characters dropped. */
  controlCharacters: number;
  /** A bare `&` or an entity that XML does not define, kept as text. */
  ampersands: number;
}

export const noRepairs = (): Repairs => ({
  invalidCharacters: 0,
  controlCharacters: 0,
  ampersands: 0,
});

const control = /[\0-\x08\x0b\x0c\x0e-\x1f]/g;
const suspicious = /[\0-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF&]/;
const noncharacter = /[\uFFFE\uFFFF]/g;
/** CDATA sections and comments, where `&` means itself, and every `&` with what it may begin. */
const ampersand =
  /<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->|&(?:(amp|lt|gt|quot|apos);|#([0-9]+);|#x([0-9a-fA-F]+);)?/g;

/**
 * Decodes a record and repairs it: invalid UTF-8 and noncharacters become U+FFFD, control characters (also written as
 * `&#1;`) are dropped, a bare `&` and undefined entities are kept as text.
 */
export function repairedText(bytes: Buffer, repairs: Repairs): string {
  let text = bytes.toString('utf8');
  if (text.includes('\uFFFD'))
    repairs.invalidCharacters += text.split('\uFFFD').length - 1 - replacementsIn(bytes);
  if (!suspicious.test(text)) return text;
  text = text.replace(control, () => (repairs.controlCharacters++, ''));
  text = text.replace(noncharacter, () => (repairs.invalidCharacters++, '\uFFFD'));
  return text.replace(
    ampersand,
    (match: string, named?: string, decimal?: string, hexadecimal?: string) => {
      if (named !== undefined || match.charCodeAt(0) !== 0x26) return match;
      if (decimal === undefined && hexadecimal === undefined) {
        repairs.ampersands++;
        return '&amp;';
      }
      const code = decimal === undefined ? parseInt(hexadecimal!, 16) : parseInt(decimal, 10);
      if (isXmlCharacter(code)) return match;
      if (code < 0x20) {
        repairs.controlCharacters++;
        return '';
      }
      repairs.invalidCharacters++;
      return '\uFFFD';
    },
  );
}

/** The `Char` production of XML 1.0. */
export function isXmlCharacter(code: number): boolean {
  return (
    (code >= 0x20 && code <= 0xd7ff) ||
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}
