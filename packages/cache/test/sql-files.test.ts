import { profiles, rootIdColumn, rootOf, tablesOf } from '@wxyc/dataset';
import { indexPlan } from '../dist/indexes.js';
import { readSqlFile, splitStatements, sqlStatements, type SqlFile } from '../dist/sql-files.js';

const files: SqlFile[] = [
  'create_functions',
  'create_database',
  'create_full',
  'create_indexes',
  'create_track_indexes',
  'create_full_indexes',
];

describe('the SQL files', () => {
  it('are split at the semicolons that end statements', () => {
    expect(
      splitStatements(
        "-- a; b\nSELECT 'x;''y';\nDO $$ BEGIN; END $$;\nSELECT \"a;b\" -- ;\n;\nSELECT $f$ ; $f$",
      ),
    ).toEqual(["SELECT 'x;''y'", 'DO $$ BEGIN; END $$', 'SELECT "a;b"', 'SELECT $f$ ; $f$']);
  });

  it.each(files)('%s can be run again', (file) => {
    for (const statement of sqlStatements(file))
      expect(statement).toMatch(
        /IF NOT EXISTS|IF EXISTS|VALIDATE CONSTRAINT|IS (?:NOT )?NULL THEN|^GRANT|WHERE NOT EXISTS|^UPDATE cache_origin/,
      );
  });

  it('name nothing but extensions, f_unaccent and the search keys with a schema', () => {
    for (const file of files.slice(1)) {
      const names =
        readSqlFile(file)
          .replace(/--.*/g, '')
          .match(/\b\w+\.\w+/g) ?? [];
      expect(
        names.filter(
          (name) =>
            !/^public\.(f_unaccent|unaccent|gin_trgm_ops)$|^discogs\.(title|artist)_key$|^(?:key|below|wanted)\./.test(
              name,
            ),
        ),
      ).toEqual([]);
    }
  });

  it.each(profiles)(
    '%s: index every child by its parent, and each trigram expression once',
    (profile) => {
      const { indexes, validate } = indexPlan(profile);
      for (const table of tablesOf(profile)) {
        if (!table.rootKey) continue;
        expect(
          indexes.some(
            (index) =>
              index.table === table.name && index.text.includes(`(${rootIdColumn(table)})`),
          ),
        ).toBe(true);
        expect(validate).toContain(
          `ALTER TABLE ${table.name} VALIDATE CONSTRAINT ${table.name}_${rootOf(table)}_id_fkey`,
        );
      }
      expect(
        indexes
          .filter(({ text }) => text.includes('lower(public.f_unaccent('))
          .map(({ name }) => name),
      ).toEqual([
        'idx_release_artist_name_trgm',
        'idx_release_title_trgm',
        'idx_release_track_title_trgm',
        'idx_release_track_artist_name_trgm',
        ...(profile === 'full' ? ['idx_artist_name_trgm', 'idx_artist_name_variation_trgm'] : []),
      ]);
    },
  );

  it('have the same indexes in two groups as in one', () => {
    for (const profile of profiles) {
      const [all, base, tracks] = (['all', 'base', 'tracks'] as const).map((group) =>
        indexPlan(profile, group).indexes.map(({ name }) => name),
      );
      expect([...base!, ...tracks!].sort()).toEqual(all!.sort());
    }
  });
});
