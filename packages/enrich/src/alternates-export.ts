/** Alternate names from a CSV or TSV export, for catalogues that cannot be reached live. */
import { readRecords } from '@wxyc/csv';
import { BadInputError, readWholeInput } from '@wxyc/step';
import type { SourceName } from './alternates.js';

/** Columns with an artist as the library has it, in upper or lower case; the first one in a file says whose the names are. */
const artistColumns = ['presentation_name', 'artist_name', 'artist'];
/** Columns with other names of that artist. */
const alternateColumns = ['alternate_artist_name', 'name'];
const nameColumns = [...artistColumns, ...alternateColumns];

/**
 * The names in an export with a header: CSV with quotes, or TSV as `mysql --batch` and `SELECT .. INTO OUTFILE` write it, where quotes
 * are ordinary characters and tab, line end and backslash are escaped. All columns of names are read; an alternate belongs to the artist of its
 * row. `NULL` and `\N` stand for no name.
 */
export async function readAlternatesExport(
  file: string,
  signal: AbortSignal,
): Promise<SourceName[]> {
  const text = readText(file);
  const header = /^\uFEFF?([^\r\n]*)/.exec(text)![1]!;
  const tabs = header.includes('\t') || (!header.includes(',') && /\.(tsv|tab|txt)$/i.test(file));
  const columns = tabs
    ? header.split('\t')
    : header.split(/[,;]/).map((name) => name.replace(/^"|"$/g, ''));
  const found = columns
    .map((name) => name.trim())
    .filter((name) => nameColumns.includes(name.toLowerCase()));
  if (found.length === 0) {
    throw new BadInputError(
      `${file}: no column of artist names; found ${columns.join(', ') || 'an empty first line'}, expected one of ${nameColumns.join(', ')}`,
    );
  }
  const isAlternate = found.map((name) => alternateColumns.includes(name.toLowerCase()));
  const artistAt = artistColumns
    .map((wanted) => found.findIndex((name) => name.toLowerCase() === wanted))
    .find((at) => at >= 0);
  const names: SourceName[] = [];
  const take = (values: readonly string[]): void => {
    const artist = artistAt === undefined ? undefined : values[artistAt];
    for (const [at, name] of values.entries())
      names.push(isAlternate[at] ? { name, artist } : { name });
  };
  if (tabs) {
    const positions = found.map((name) => columns.findIndex((column) => column.trim() === name));
    for (const line of text.split('\n').slice(1)) {
      const fields = line.replace(/\r$/, '').split('\t');
      if (line !== '') take(positions.map((position) => unescape(fields[position] ?? '')));
    }
  } else {
    const delimiter = header.includes(';') && !header.includes(',') ? ';' : ',';
    for await (const row of readRecords(file, { delimiter, signal }))
      take(found.map((name) => row[name] ?? ''));
  }
  return names;
}

function readText(file: string): string {
  const bytes = readWholeInput(file, 'give a CSV or TSV export of alternate names');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new BadInputError(
      `${file}: not UTF-8; export it again with --default-character-set=utf8mb4`,
      { cause: error },
    );
  }
}

/** MySQL's escapes: a tab, line end or backslash in a value. */
function unescape(field: string): string {
  if (field === '\\N' || !field.includes('\\')) return field;
  return field.replace(
    /\\(.)/g,
    (_, letter: string) => ({ t: '\t', n: '\n', r: '\r', 0: '' })[letter] ?? letter,
  );
}
