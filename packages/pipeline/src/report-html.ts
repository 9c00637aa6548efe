/** Text and tables of the report page. */

/** HTML, as opposed to text that is to become HTML. Only {@link html} makes it. */
export class Html {
  constructor(readonly source: string) {}
}

type Part = string | number | Html | readonly Part[];

const sourceOf = (part: Part): string =>
  part instanceof Html
    ? part.source
    : typeof part === 'object'
      ? part.map(sourceOf).join('')
      : String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * Makes HTML of a template. Values are text and are escaped, since names come from a dump that anyone may write to;
 * only HTML that was made here, and lists of it, are put in as they are.
 */
export function html(strings: readonly string[], ...parts: readonly Part[]): Html {
  return new Html(
    strings.map((text, i) => text + (i < parts.length ? sourceOf(parts[i]!) : '')).join(''),
  );
}

/** Empty HTML. */
export const noHtml = html``;

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
): Html {
  const kind = (i: number): Html =>
    right.includes(i) ? html` class="n"` : whole.includes(i) ? html` class="w"` : noHtml;
  const head = header.map((text, i) => html`<th${kind(i)}>${text}</th>`);
  const label = (i: number): Html => (stack && i > 0 ? html` data-label="${header[i]!}"` : noHtml);
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((text, i) => html`<td${kind(i)}${label(i)}>${text}</td>`)}
      </tr> `,
  );
  return html`<table${stack ? html` class="stack"` : noHtml}><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}
