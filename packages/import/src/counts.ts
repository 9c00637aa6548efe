/** What became of the rows of one table. `read = written + sum(dropped)`. */
export interface TableCounts {
  table: string;
  read: number;
  written: number;
  /** Number of rows by reason. */
  dropped: Record<string, number>;
  /** Names longer than a b-tree row can hold, cut at a character. They are loaded. */
  cut: number;
  /** Repairs that the reader made: U+FFFD for invalid UTF-8, dropped NUL. */
  invalidUtf8: number;
  nul: number;
}

export function newCounts(table: string): TableCounts {
  return { table, read: 0, written: 0, dropped: {}, cut: 0, invalidUtf8: 0, nul: 0 };
}

export function drop(counts: TableCounts, reason: string, rows = 1): void {
  if (rows > 0) counts.dropped[reason] = (counts.dropped[reason] ?? 0) + rows;
}
