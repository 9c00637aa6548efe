/** Names and values as SQL text, for the statements that take no parameters. */

/** `release` → `"release"`; doubles quotes. Throws a RangeError for a NUL, which no name can hold. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new RangeError('A name cannot hold a NUL');
  return `"${name.replaceAll('"', '""')}"`;
}

/** `discogs_next`, `release` → `"discogs_next"."release"`. */
export function qualifiedName(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * The statement with its `$1`, `$2`, .. written out: for messages of several statements, which take no parameters.
 *
 * @example
 * withValues('SELECT … WHERE relname = ANY ($1)', [['release', 'release_artist']]);
 */
export function withValues(sql: string, values: readonly (string | readonly string[])[]): string {
  return sql.replace(/\$(\d+)/g, (_, place: string) => {
    const value = values[Number(place) - 1];
    if (value === undefined) throw new RangeError(`There is no value for $${place}`);
    return typeof value === 'string'
      ? quoteLiteral(value)
      : `ARRAY[${value.map(quoteLiteral).join(', ')}]::text[]`;
  });
}

/** A text as a literal that is valid for any setting of standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new RangeError('A value cannot hold a NUL');
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
