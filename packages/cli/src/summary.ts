/** Tables for people: the closing table of a run, and plain text tables in general. */
import { droppedTotal, formatSeconds, type StepResult } from '@wxyc/step';
import { visible } from './visible.js';
import { widthOf } from './width.js';

/** `1234567` as `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1536` as `1.5 kB`: decimal units, as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/**
 * Lines up columns, control characters in cells made visible; those named in `right` are set flush right. Ends with a newline.
 *
 * @example
 * textTable(['table', 'rows'], [['release', '12']], [1]);
 */
export function textTable(
  header: readonly string[],
  cells: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const rows = cells.map((row) => row.map(visible));
  const widths = header.map((title, i) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    widths
      .map((width, i) => {
        const cell = row[i] ?? '';
        const space = ' '.repeat(width - widthOf(cell));
        return right.includes(i) ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return (
    [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n') +
    '\n'
  );
}

/**
 * The closing table: step, read, written, dropped, time; below a step each reason with its count, and its note.
 * Ends with the total time if there are several steps.
 */
export function summaryTable(results: readonly StepResult[], totalSeconds?: number): string {
  if (results.length === 0) return '';
  const rows: string[][] = [];
  const below = new Map<number, string[]>();
  for (const result of results) {
    const counts = [result.read, result.written, droppedTotal(result)].map(formatCount);
    rows.push([result.step, result.unit, ...counts, formatSeconds(result.seconds)]);
    const reasons = Object.entries(result.dropped).filter(([, count]) => count > 0);
    const lines = reasons.map(([reason, count]) => `  ${formatCount(count)} dropped: ${reason}`);
    if (result.note) lines.push(`  ${result.note}`);
    below.set(rows.length - 1, lines);
  }
  const text = textTable(['step', 'of', 'read', 'written', 'dropped', 'time'], rows, [2, 3, 4])
    .trimEnd()
    .split('\n');
  const lines = text.slice(0, 2);
  text.slice(2).forEach((row, i) => lines.push(row, ...(below.get(i) ?? [])));
  if (results.length > 1 || totalSeconds !== undefined) {
    const total = totalSeconds ?? results.reduce((sum, result) => sum + result.seconds, 0);
    lines.push(`total ${formatSeconds(total)}`);
  }
  return lines.join('\n') + '\n';
}

/** A score with two decimals, never rounded up: 0.899 is not the 0.90 of a cut-off. */
export function formatScore(score: number): string {
  return (Math.floor(score * 100 + 1e-9) / 100).toFixed(2);
}
