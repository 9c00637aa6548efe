/** Lets both drivers be asked the same way. */
import { quoteIdentifier, quoteLiteral, type Client, type Sql } from '@wxyc/postgres';

/** The part of a driver's connection that is used here. */
export type Queryable = { query(text: string): Promise<{ rows: Record<string, unknown>[] }> };

/** Lets both drivers be asked the same way. */
export function queryable(connection: Client | Sql): Queryable {
  if (typeof connection === 'function')
    return { query: async (text) => ({ rows: await connection.unsafe(text) }) };
  return connection as unknown as Queryable;
}

/** A schema's name as to_regnamespace reads it: quoted as an identifier, then as a string. */
export function schemaLiteral(schema: string): string {
  return quoteLiteral(quoteIdentifier(schema));
}
