/**
 * Control characters as escapes, `\n` for a line feed: what comes out of files (names, titles, the words of a parser
 * about a picture) must neither break a line of the log nor give orders to the terminal.
 */
export function visible(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped.length > 1 ? escaped : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
