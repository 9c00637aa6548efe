/** The station's MySQL catalogue: other names of artists, and artists that refer to each other. */
import { BadInputError, InterruptedError, throwIfInterrupted } from '@wxyc/step';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { describeMysqlFailure } from './mysql-failure.js';
import { parseMysqlUrl, type MysqlAddress } from './mysql-url.js';

/** What is read: each query gives one column of names. Doubles are dropped here, not by the server, whose collation takes Björk for Bjork. */
const queries = {
  'catalogue alternates': { names: 'SELECT ALTERNATE_ARTIST_NAME AS name FROM LIBRARY_RELEASE', tables: ['LIBRARY_RELEASE'] },
  'catalogue code cross-references': {
    names: `SELECT code.PRESENTATION_NAME AS name FROM LIBRARY_CODE_CROSS_REFERENCE AS reference JOIN LIBRARY_CODE AS code ON code.ID = reference.CROSS_REFERENCING_ARTIST_ID
      UNION ALL
      SELECT code.PRESENTATION_NAME AS name FROM LIBRARY_CODE_CROSS_REFERENCE AS reference JOIN LIBRARY_CODE AS code ON code.ID = reference.CROSS_REFERENCED_LIBRARY_CODE_ID`,
    tables: ['LIBRARY_CODE_CROSS_REFERENCE', 'LIBRARY_CODE'],
  },
  'catalogue release cross-references': {
    names: 'SELECT code.PRESENTATION_NAME AS name FROM RELEASE_CROSS_REFERENCE AS reference JOIN LIBRARY_CODE AS code ON code.ID = reference.CROSS_REFERENCING_ARTIST_ID',
    tables: ['RELEASE_CROSS_REFERENCE', 'LIBRARY_CODE'],
  },
} as const;

/** Names by source. */
export type CatalogueNames = Record<keyof typeof queries, (string | null)[]>;

/**
 * Reads all names of the catalogue at a `mysql://` URL.
 *
 * @throws UsageError if the URL is not one; BadInputError if tables or columns are missing; StepError if the server cannot be
 * reached or refuses the login. No message holds the password.
 */
export async function readCatalogue(url: string, signal: AbortSignal): Promise<CatalogueNames> {
  const address = parseMysqlUrl(url);
  throwIfInterrupted(signal);
  const { createConnection } = await import('mysql2/promise');
  let connection: Connection | undefined;
  const interrupt = (): void => connection?.destroy();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    connection = await createConnection({ ...address, ...limits });
    await speakUnicode(connection);
    const result = {} as CatalogueNames;
    for (const [source, { names, tables }] of Object.entries(queries) as [keyof CatalogueNames, (typeof queries)[keyof CatalogueNames]][]) {
      throwIfInterrupted(signal);
      result[source] = await readNames(connection, address, names, tables);
    }
    await connection.end();
    return result;
  } catch (error) {
    connection?.destroy();
    if (signal.aborted && !(error instanceof InterruptedError)) throw new InterruptedError(undefined, { cause: error });
    throw describeMysqlFailure(error, address);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/**
 * Ten seconds to connect: an address that does not answer should not keep an operator waiting. The hand-shake names utf8, which
 * every server since 4.1 knows; one that does not know utf8mb4 would fall back to its default, often latin1.
 */
const limits = { connectTimeout: 10_000, charset: 'UTF8_GENERAL_CI' } as const;

/** Has the server translate whatever its tables hold; servers before 5.5.3 have no utf8mb4. */
async function speakUnicode(connection: Connection): Promise<void> {
  try {
    await connection.query('SET NAMES utf8mb4');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ER_UNKNOWN_CHARACTER_SET') throw error;
    await connection.query('SET NAMES utf8');
  }
}

async function readNames(connection: Connection, address: MysqlAddress, sql: string, tables: readonly string[]): Promise<(string | null)[]> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows.map((row) => nameOf(row['name']));
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== 'ER_NO_SUCH_TABLE' && code !== 'ER_BAD_FIELD_ERROR') throw error;
    const message = (error as Error).message;
    const where = `The MySQL catalogue ${address.database} at ${address.host}:${address.port}`;
    if (code === 'ER_NO_SUCH_TABLE') {
      const [found] = await connection.query<RowDataPacket[]>('SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1');
      throw new BadInputError(`${where} lacks a table (${message}); found ${list(found)}`, { cause: error });
    }
    const [found] = await connection.query<RowDataPacket[]>(
      "SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (?) ORDER BY TABLE_NAME, ORDINAL_POSITION",
      [tables],
    );
    throw new BadInputError(`${where} lacks a column (${message}); found ${list(found)}`, { cause: error });
  }
}

/** Binary columns come as bytes. */
function nameOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value as string | number);
}

function list(rows: RowDataPacket[]): string {
  return rows.map((row) => String(row['name'])).join(', ') || 'none';
}
