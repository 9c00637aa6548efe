/** The station's MySQL catalogue: other names of artists, and artists that refer to each other. */
import { BadInputError, InterruptedError, throwIfInterrupted } from '@wxyc/step';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { SourceName } from './alternates.js';
import { describeMysqlFailure } from './mysql-failure.js';
import { parseMysqlUrl, type MysqlAddress } from './mysql-url.js';

/**
 * What is read: names, and with each the artist whose other name it is. Duplicates are dropped here, not by the server, whose
 * collation treats Björk as Bjork. Cross-references between artists count both ways; one from an artist to a release is about the
 * artist under whom the release is filed. Catalogues that lack the columns that tie a name to its artist give only names.
 */
const queries: Record<string, Query> = {
  'catalogue alternates': {
    tied: `SELECT release_.ALTERNATE_ARTIST_NAME AS name, code.PRESENTATION_NAME AS artist
      FROM LIBRARY_RELEASE AS release_ LEFT JOIN LIBRARY_CODE AS code ON code.ID = release_.LIBRARY_CODE_ID`,
    names: 'SELECT ALTERNATE_ARTIST_NAME AS name FROM LIBRARY_RELEASE',
    tables: ['LIBRARY_RELEASE'],
  },
  'catalogue code cross-references': {
    names: `SELECT code.PRESENTATION_NAME AS name, other.PRESENTATION_NAME AS artist
      FROM LIBRARY_CODE_CROSS_REFERENCE AS reference JOIN LIBRARY_CODE AS code ON code.ID = reference.CROSS_REFERENCING_ARTIST_ID
      LEFT JOIN LIBRARY_CODE AS other ON other.ID = reference.CROSS_REFERENCED_LIBRARY_CODE_ID
      UNION ALL
      SELECT code.PRESENTATION_NAME AS name, other.PRESENTATION_NAME AS artist
      FROM LIBRARY_CODE_CROSS_REFERENCE AS reference JOIN LIBRARY_CODE AS code ON code.ID = reference.CROSS_REFERENCED_LIBRARY_CODE_ID
      LEFT JOIN LIBRARY_CODE AS other ON other.ID = reference.CROSS_REFERENCING_ARTIST_ID`,
    tables: ['LIBRARY_CODE_CROSS_REFERENCE', 'LIBRARY_CODE'],
  },
  'catalogue release cross-references': {
    tied: `SELECT code.PRESENTATION_NAME AS name, other.PRESENTATION_NAME AS artist
      FROM RELEASE_CROSS_REFERENCE AS reference JOIN LIBRARY_CODE AS code ON code.ID = reference.CROSS_REFERENCING_ARTIST_ID
      LEFT JOIN LIBRARY_RELEASE AS release_ ON release_.ID = reference.CROSS_REFERENCED_RELEASE_ID
      LEFT JOIN LIBRARY_CODE AS other ON other.ID = release_.LIBRARY_CODE_ID`,
    names:
      'SELECT code.PRESENTATION_NAME AS name FROM RELEASE_CROSS_REFERENCE AS reference JOIN LIBRARY_CODE AS code ON code.ID = reference.CROSS_REFERENCING_ARTIST_ID',
    tables: ['RELEASE_CROSS_REFERENCE', 'LIBRARY_CODE'],
  },
};

interface Query {
  /** The query that is tried first: it needs columns that not every catalogue has. */
  tied?: string;
  names: string;
  tables: readonly string[];
}

/** What a source gave. */
export interface CatalogueSource {
  source: string;
  names: SourceName[];
  /** The catalogue does not say to which artists these names belong. */
  untied: boolean;
}

/**
 * Reads all names of the catalogue at a `mysql://` URL.
 *
 * @throws UsageError if the URL is not one; BadInputError if tables or columns are missing; StepError if the server cannot be
 * reached or refuses the login. No message holds the password.
 */
export async function readCatalogue(url: string, signal: AbortSignal): Promise<CatalogueSource[]> {
  const address = parseMysqlUrl(url);
  throwIfInterrupted(signal);
  const { createConnection } = await import('mysql2/promise');
  let connection: Connection | undefined;
  const interrupt = (): void => connection?.destroy();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    connection = await createConnection({ ...address, ...limits });
    await speakUnicode(connection);
    const result: CatalogueSource[] = [];
    for (const [source, query] of Object.entries(queries)) {
      throwIfInterrupted(signal);
      const tied = query.tied === undefined ? undefined : await readTied(connection, query.tied);
      result.push({
        source,
        names: tied ?? (await readNames(connection, address, query)),
        untied: query.tied !== undefined && tied === undefined,
      });
    }
    await connection.end();
    return result;
  } catch (error) {
    connection?.destroy();
    if (signal.aborted && !(error instanceof InterruptedError))
      throw new InterruptedError(undefined, { cause: error });
    throw describeMysqlFailure(error, address);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/**
 * Ten seconds to connect: an address that does not answer should not keep an operator waiting. The hand-shake names utf8, which
 * every server since 4.1 knows; a server that does not know utf8mb4 would fall back to its default, often latin1.
 */
const limits = { connectTimeout: 10_000, charset: 'UTF8_GENERAL_CI' } as const;

/** Makes the server convert whatever its tables hold; servers before 5.5.3 have no utf8mb4. */
async function speakUnicode(connection: Connection): Promise<void> {
  try {
    await connection.query('SET NAMES utf8mb4');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ER_UNKNOWN_CHARACTER_SET') throw error;
    await connection.query('SET NAMES utf8');
  }
}

async function ask(connection: Connection, sql: string): Promise<SourceName[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.map((row) => ({ name: nameOf(row['name']), artist: nameOf(row['artist']) }));
}

/** Undefined if the catalogue lacks a table or column that ties names to artists. */
async function readTied(connection: Connection, sql: string): Promise<SourceName[] | undefined> {
  try {
    return await ask(connection, sql);
  } catch (error) {
    if (
      ['ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR'].includes((error as { code?: string }).code ?? '')
    )
      return undefined;
    throw error;
  }
}

async function readNames(
  connection: Connection,
  address: MysqlAddress,
  { names, tables }: Query,
): Promise<SourceName[]> {
  try {
    return await ask(connection, names);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== 'ER_NO_SUCH_TABLE' && code !== 'ER_BAD_FIELD_ERROR') throw error;
    const message = (error as Error).message;
    const where = `The MySQL catalogue ${address.database} at ${address.host}:${address.port}`;
    if (code === 'ER_NO_SUCH_TABLE') {
      const [found] = await connection.query<RowDataPacket[]>(
        'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1',
      );
      throw new BadInputError(`${where} lacks a table (${message}); it has ${list(found)}`, {
        cause: error,
      });
    }
    const [found] = await connection.query<RowDataPacket[]>(
      "SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (?) ORDER BY TABLE_NAME, ORDINAL_POSITION",
      [tables],
    );
    throw new BadInputError(`${where} lacks a column (${message}); it has ${list(found)}`, {
      cause: error,
    });
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
