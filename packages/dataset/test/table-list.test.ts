import { dumpFor, dumps, rootIdColumn, profiles, rootOf, table, tablesOf } from '@wxyc/dataset';

describe.each(profiles)('the list of tables, %s', (profile) => {
  const tables = tablesOf(profile);

  it('says of every column who fills it: a CSV field, several rows of one, consumers, a default, or the import itself', () => {
    const unfilled = tables.flatMap(({ name, columns, load }) =>
      columns
        .filter(
          (column) =>
            !column.csv &&
            !column.gathered &&
            !column.consumers &&
            column.default === undefined &&
            load !== 'derived',
        )
        .map((column) => `${name}.${column.name}`),
    );
    expect(unfilled).toEqual([]);
  });

  it('takes them from columns that a dump brings, or that earlier converters brought', () => {
    const files = new Map(
      Object.values(dumps)
        .flatMap(({ kind }) => dumpFor(kind, profile).files)
        .map((file) => [file.name, file.columns]),
    );
    for (const { name, csv, columns, transient = [] } of tables) {
      if (!csv) continue;
      expect(files.has(csv.file)).toBe(true);
      for (const column of [...columns, ...transient]) {
        if (!column.csv || column.csv.names.length === 0) continue;
        expect({
          column: `${name}.${column.name}`,
          isThere: column.csv.names.some((candidate) => files.get(csv.file)!.includes(candidate)),
        }).toEqual({ column: `${name}.${column.name}`, isThere: true });
      }
    }
  });

  it("has key columns first, starting with the root's id, then the column by which a main credit wins", () => {
    for (const { name, columns, distinct, mainWins, rootKey } of tables) {
      const names = columns.map((column) => column.name);
      if (rootKey) expect(names[0]).toBe(rootKey);
      if (distinct)
        expect({ name, first: names.slice(0, distinct.length) }).toEqual({ name, first: distinct });
      if (mainWins) expect(names[distinct!.length]).toBe('extra');
    }
  });

  it('has parents before their children, and says how consumers write the rows of those', () => {
    for (const [at, one] of tables.entries()) {
      if (one.rootKey === undefined) expect(rootIdColumn(one)).toBe('id');
      else expect(tables.findIndex(({ name }) => name === rootOf(one))).toBeLessThan(at);
      expect(one.written !== undefined).toBe(
        one.rootKey !== undefined && one.primaryKey === undefined,
      );
    }
  });
});

it('the full profile has all that the lean one has', () => {
  for (const { name, columns } of tablesOf('lean'))
    expect(table(name, 'full').columns.map((column) => column.name)).toEqual(
      expect.arrayContaining(columns.map((column) => column.name)),
    );
  expect(() => table('artist', 'lean')).toThrow(RangeError);
});
