/** A CSV file of the directory with the places of its columns. */
export interface CsvLayout {
  path: string;
  size: number;
  header: readonly string[];
  /** Column of the table to column of the file; -1 where the file has none and need not. */
  columns: Map<string, number>;
  /** Columns that no table has, but that decide about rows. */
  find: (...names: string[]) => number;
}
