/** The SQL files of the repository's `schema/` folder, and their statements one by one. */
import { existsSync, readFileSync } from 'node:fs';
import type { Profile } from '@wxyc/dataset';

export type SqlFile =
  | 'create_functions'
  | 'create_search'
  | 'create_database'
  | 'create_full'
  | 'create_indexes'
  | 'create_track_indexes'
  | 'create_full_indexes';

/** The published package ships a copy; the repository has only the original, so that nothing can get out of step. */
const shipped = new URL('../sql/', import.meta.url);
const source = new URL('../../../schema/', import.meta.url);

/** The files that create the tables of a profile, in order. */
export const tableFiles = (profile: Profile): SqlFile[] =>
  profile === 'full' ? ['create_database', 'create_full'] : ['create_database'];

/** The text of one file. */
export function readSqlFile(name: SqlFile): string {
  const inSource = new URL(`${name}.sql`, source);
  return readFileSync(existsSync(inSource) ? inSource : new URL(`${name}.sql`, shipped), 'utf8');
}

/** The statements of one file, in order, without comments before them. */
export function sqlStatements(name: SqlFile): string[] {
  return splitStatements(readSqlFile(name));
}

/** Splits at the semicolons that lie outside comments, quotes and dollar quotes. Understands only what our own files use. */
export function splitStatements(text: string): string[] {
  const tokens = /--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|;/g;
  const statements: string[] = [];
  let current = '';
  let position = 0;
  for (const match of text.matchAll(tokens)) {
    current += text.slice(position, match.index);
    position = match.index + match[0].length;
    if (match[0] === ';') {
      statements.push(current.trim());
      current = '';
    } else if (!match[0].startsWith('--')) {
      current += match[0];
    }
  }
  statements.push((current + text.slice(position)).trim());
  return statements.filter(Boolean);
}
