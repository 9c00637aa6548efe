/** Text and tables of the report page. */

/** Text for HTML: names come from a dump that anyone may write to. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A table whose columns `right` hold numbers. */
export function htmlTable(header: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string {
  const cell = (tag: string, text: string, i: number): string => `<${tag}${right.includes(i) ? ' class="n"' : header[i] === 'of' ? ' class="unit"' : ''}>${escapeHtml(text)}</${tag}>`;
  const line = (tag: string, cells: readonly string[]): string => `<tr>${cells.map((text, i) => cell(tag, text, i)).join('')}</tr>`;
  return `<table><thead>${line('th', header)}</thead><tbody>${rows.map((row) => line('td', row)).join('\n')}</tbody></table>`;
}
