/** Text and tables of the report page. */

/** Text for HTML: names come from a dump that anyone may write to. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Discogs has titles of thousands of characters. */
const longestTitle = 160;

/** `Artist – Title`, cut where it would fill the page. */
export function albumName({ artist, title }: { artist: string | null; title: string }): string {
  const name = `${artist || '—'} – ${title}`;
  return name.length > longestTitle
    ? `${[...name]
        .slice(0, longestTitle - 1)
        .join('')
        .trimEnd()}…`
    : name;
}

interface TableLook {
  /** Columns of numbers. */
  right?: readonly number[];
  /** Columns of short words, which are not broken. */
  whole?: readonly number[];
  /** On a phone each row becomes a paragraph, a line for each cell. */
  stack?: boolean;
}

export function htmlTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [], whole = [], stack = false }: TableLook = {},
): string {
  const kind = (i: number): string =>
    right.includes(i) ? ' class="n"' : whole.includes(i) ? ' class="w"' : '';
  const head = header.map((text, i) => `<th${kind(i)}>${escapeHtml(text)}</th>`).join('');
  const cell = (text: string, i: number): string =>
    `<td${kind(i)}${stack && i > 0 ? ` data-label="${escapeHtml(header[i]!)}"` : ''}>${escapeHtml(text)}</td>`;
  const body = rows.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`).join('\n');
  return `<table${stack ? ' class="stack"' : ''}><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}
