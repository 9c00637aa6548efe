/** Opens a SQLite file for reading in whatever state it is: in a read-only place, in WAL mode, while its owner writes to it. */

import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { BadInputError, StepError } from '@wxyc/step';
import { isInWalMode, walSnapshot } from './wal-snapshot.js';

/** How long to wait for a lock that another program holds. */
const lockPatienceMs = 5000;

/**
 * Opens the file so that nothing is written beside it, not even a `-wal` or `-shm`.
 *
 * @throws BadInputError if SQLite cannot read it.
 */
export function openSqlite(file: string): Database.Database {
  const Driver = loadDriver();
  try {
    // SQLite itself would create files beside a database in WAL mode, or refuse it if it may not.
    if (isInWalMode(file)) return new Driver(walSnapshot(file), { readonly: true });
    return new Driver(file, { readonly: true, fileMustExist: true, timeout: lockPatienceMs });
  } catch (error) {
    throw sqliteFailure(error, file);
  }
}

/** Loaded at the first file that needs it: it has a native part, which an installation may lack. */
let driver: typeof Database | undefined;

/** @throws StepError with the command that repairs it, if the native part is missing, or was built for another Node. */
function loadDriver(): typeof Database {
  if (driver) return driver;
  try {
    const loaded = createRequire(import.meta.url)('better-sqlite3') as typeof Database;
    // Only the first database loads the native part.
    new loaded(':memory:').close();
    return (driver = loaded);
  } catch (cause) {
    throw new StepError(
      `SQLite files cannot be read: better-sqlite3 is not built for Node ${process.version} here. Run npm rebuild better-sqlite3 --ignore-scripts=false where it is installed (pnpm: pnpm approve-builds, then pnpm rebuild better-sqlite3), or give the library as a CSV file`,
      { cause },
    );
  }
}

/** Unlike table_info, table_xinfo lists generated columns, too. */
export function columnsOf(database: Database.Database, table: string): string[] {
  return database.prepare('SELECT name FROM pragma_table_xinfo(?)').pluck().all(table) as string[];
}

/** What SQLite, or the system below it, reports, as a sentence; other errors as they are. */
export function sqliteFailure(error: unknown, file: string): unknown {
  // By shape, not by class: the driver's native part remembers the class of the module copy that loaded it first.
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || error instanceof BadInputError) return error;
  if (code === 'SQLITE_NOTADB')
    return new BadInputError(`${file}: not a SQLite database; give the library's SQLite file`, {
      cause: error,
    });
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new BadInputError(
      `${file}: locked by a program that is writing to it; close the program, wait, or give a copy of the file`,
      { cause: error },
    );
  }
  if (code === 'SQLITE_READONLY_ROLLBACK' || code === 'SQLITE_READONLY_RECOVERY') {
    return new BadInputError(
      `${file}: a program ended halfway through a change to it (${file}-journal); open it once with sqlite3 where it can be written`,
      { cause: error },
    );
  }
  if (code.startsWith('SQLITE_'))
    return new BadInputError(
      `${file}: SQLite cannot read it: ${String(message)}; give the library's SQLite file`,
      { cause: error },
    );
  return code === 'EACCES' || code === 'EIO'
    ? new BadInputError(`${file}: cannot be read (${code})`, { cause: error })
    : error;
}
