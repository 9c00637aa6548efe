/** A CSV file of the directory with the places of its columns. */
export interface CsvLayout {
  path: string;
  size: number;
  header: readonly string[];
  /** From a column of the table to the file's; -1 where the file lacks one that is not required. */
  columns: Map<string, number>;
  /** Columns that no table has, but that rows depend on. */
  find: (...names: string[]) => number;
}
