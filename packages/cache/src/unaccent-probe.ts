/** Judges an f_unaccent by what it does. */
import type { Sql } from '@wxyc/postgres';
import { queryable } from './queryable.js';
import { foreignCode } from './publish/foreign-code.js';

/** Words and what f_unaccent makes of them; the last two must come back as they are. */
const unaccented: readonly (readonly [string, string])[] = [
  ['Bj\u00f6rk', 'Bjork'],
  ['\u00c6r\u00f8 Stra\u00dfe', 'AEro Strasse'],
  ['\u0141\u00f3d\u017a', 'Lodz'],
  ['AbC 1', 'AbC 1'],
  ['\u5742\u672c', '\u5742\u672c'],
];

class Undo extends Error {}

/**
 * What is wrong with the existing public.f_unaccent(text), judged by what it does, not by its name; undefined for one that
 * will do. One that belongs to an untrusted role is not called. Otherwise it is called as the server calls it in maintenance: with an empty search path.
 */
export async function unaccentFault(sql: Sql): Promise<string | undefined> {
  const replace = 'drop it, or replace it with the one in schema/create_functions.sql';
  const planted = (await foreignCode(queryable(sql))).find((sentence) =>
    sentence.includes('f_unaccent'),
  );
  if (planted !== undefined) return planted;
  let fault: string | undefined;
  await sql
    .begin(async (transaction) => {
      await transaction.unsafe("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)");
      for (const [word, wanted] of unaccented) {
        const [row] = await transaction.unsafe<{ found: string | null }[]>(
          'SELECT public.f_unaccent($1::text)::text AS found',
          [word],
        );
        if (row?.found !== wanted)
          fault ??= `public.f_unaccent('${word}') gives ${row?.found === null ? 'NULL' : `'${row?.found}'`} instead of '${wanted}': it is another function of that name (${replace})`;
      }
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo))
        fault = `public.f_unaccent(text) fails without a search path (${(error as Error).message}): ${replace}`;
    });
  return fault;
}
