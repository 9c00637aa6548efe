// Prints the rows of a bench.

const columns = [
  ['what', ({ what }) => what],
  ['input', ({ input }) => input ?? ''],
  ['wall', ({ wall }) => (wall === undefined ? '' : seconds(wall))],
  ['CPU', ({ cpu }) => (cpu === undefined ? '' : seconds(cpu))],
  ['memory', ({ memory }) => (memory ? `${(memory / 2 ** 20).toFixed(0)} MB` : '')],
  ['rate', ({ rate }) => rate ?? ''],
  [
    'ratio',
    ({ ratio, against }) =>
      ratio === undefined ? '' : `${ratio.toFixed(2)}${against ? ` × ${against}` : ''}`,
  ],
  [
    'target',
    ({ target, ok }) => (target === undefined ? '' : `${target} ${ok ? 'met' : 'MISSED'}`),
  ],
];

export function printTable(rows) {
  if (rows.length === 0) return;
  const used = columns.filter(([, cell]) => rows.some((row) => cell(row) !== ''));
  const cells = [
    used.map(([name]) => name),
    ...rows.map((row) => used.map(([, cell]) => String(cell(row)))),
  ];
  const widths = used.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  // Words to the left, figures to the right.
  const line = (texts) =>
    `| ${texts.map((text, column) => (column < 2 ? text.padEnd(widths[column]) : text.padStart(widths[column]))).join(' | ')} |`;
  console.log(line(cells[0]));
  console.log(
    `|${widths.map((width, column) => (column < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
  );
  for (const texts of cells.slice(1)) console.log(line(texts));
}

function seconds(value) {
  if (value < 1) return `${(value * 1000).toFixed(value < 0.1 ? 1 : 0)} ms`;
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
}
