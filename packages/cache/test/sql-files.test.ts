import { indexPlan, readSqlFile, splitStatements, sqlStatements, type SqlFile } from '@wxyc/cache';
import { tables } from '@wxyc/dataset';

const files: SqlFile[] = ['create_functions', 'create_database', 'create_indexes', 'create_track_indexes'];

describe('the SQL files', () => {
  it('are split at the semicolons that end statements', () => {
    expect(splitStatements("-- a; b\nSELECT 'x;''y';\nDO $$ BEGIN; END $$;\nSELECT \"a;b\" -- ;\n;\nSELECT $f$ ; $f$")).toEqual([
      "SELECT 'x;''y'",
      'DO $$ BEGIN; END $$',
      'SELECT "a;b"',
      'SELECT $f$ ; $f$',
    ]);
  });

  it.each(files)('%s can be run again', (file) => {
    for (const statement of sqlStatements(file)) expect(statement).toMatch(/IF NOT EXISTS|VALIDATE CONSTRAINT|IS (?:NOT )?NULL THEN|^GRANT/);
  });

  it('name nothing but extensions, f_unaccent and the search keys with a schema', () => {
    for (const file of files.slice(1)) {
      const names = readSqlFile(file).replace(/--.*/g, '').match(/\b\w+\.\w+/g) ?? [];
      expect(names.filter((name) => !/^public\.(f_unaccent|unaccent|gin_trgm_ops)$|^discogs\.(title|artist)_key$|^key\./.test(name))).toEqual([]);
    }
  });

  it('index every child by its release, and each trigram expression once', () => {
    const { indexes, validate } = indexPlan();
    for (const { name, parentKey } of tables) {
      if (!parentKey) continue;
      expect(indexes.some(({ table, text }) => table === name && /\(release_id\)/.test(text))).toBe(true);
      expect(validate.some((text) => text === `ALTER TABLE ${name} VALIDATE CONSTRAINT ${name}_release_id_fkey`)).toBe(true);
    }
    expect(indexes.filter(({ text }) => text.includes('lower(public.f_unaccent(')).map(({ name }) => name)).toEqual([
      'idx_release_artist_name_trgm',
      'idx_release_title_trgm',
      'idx_release_track_title_trgm',
      'idx_release_track_artist_name_trgm',
    ]);
  });
});
