// Characters that control a terminal or change the order of letters: C0 and C1 controls, line and paragraph separators, and the
// embeddings, overrides and isolates of bidirectional text.
const controls = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;
const controlsWithinLines = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** As JSON escapes it: `\n`, `\u001b`. */
function escaped(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  return json.length > 1 ? json : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Control characters as escapes, `\n` for a line feed: what comes out of files and databases (names, titles, the words of a
 * parser about a picture) must neither break a line nor control the terminal.
 */
export function visible(text: string): string {
  return text.replace(controls, escaped);
}

/** Does the same for a text of several lines: line feeds and tabs stay. JSON keeps its meaning. */
export function visibleLines(text: string): string {
  return text.replace(controlsWithinLines, escaped);
}
