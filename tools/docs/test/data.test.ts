import { dumps, filesOf, tablesOf, type DumpKind, type Profile, type Table } from '@wxyc/dataset';
import { readText } from './markdown.ts';

const tables = tablesOf('lean');

const page = readText('docs/data.md');
const rows = (heading: string): string[][] =>
  (page.split(`\n## ${heading}\n`)[1] ?? '')
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const filesOn = (heading: string): string[] =>
  rows(heading)
    .map(([name, columns]) => `${name}: ${columns}`)
    .filter((line) => /^[a-z_]+: \w+(,\w+)+$/.test(line));
const kinds = Object.keys(dumps) as DumpKind[];
const filesIn = (profile: Profile): string[] =>
  filesOf(profile, ...kinds).map(({ name, columns }) => `${name}: ${columns.join(',')}`);

test('the CSV files and their columns', () => {
  expect(filesOn('CSV files')).toEqual(filesIn('lean'));
});

test('those that have other columns in the full profile', () => {
  expect(filesOn('The full profile')).toEqual(
    filesIn('full').filter((file) => !filesIn('lean').includes(file)),
  );
});

/** The columns that a section lists: `release.id integer not null`. */
function columnsOn(heading: string): string[] {
  const written: string[] = [];
  let table = '';
  for (const [name = '', column = '', type = '', more = ''] of rows(heading)) {
    if (!/^`[a-z_]+`$/.test(column) || type === '') continue;
    if (name) table = name.replaceAll('`', '');
    written.push(
      `${table}.${column.replaceAll('`', '')} ${type}${/not null|primary key/.test(more.split(/[;.]/)[0]!) ? ' not null' : ''}`,
    );
  }
  return written;
}

const columnsIn = (all: readonly Table[]): string[] =>
  all.flatMap(({ name, columns }) =>
    columns.map(
      (column) =>
        `${name}.${column.name} ${column.type.replace('timestamp with time zone', 'timestamptz')}${column.notNull ? ' not null' : ''}`,
    ),
  );

test('the tables, their columns, types and NOT NULL', () => {
  expect(columnsOn('Tables')).toEqual(columnsIn(tables));
});

test('what the full profile has beyond that', () => {
  const lean = columnsIn(tables);
  expect(columnsOn('The full profile')).toEqual(
    columnsIn(tablesOf('full')).filter((column) => !lean.includes(column)),
  );
});

test('the names of the indexes', () => {
  const sql = ['create_indexes', 'create_track_indexes', 'create_full_indexes']
    .map((name) => readText(`schema/${name}.sql`))
    .join('');
  const made = [
    ...new Set([...sql.matchAll(/CREATE INDEX IF NOT EXISTS (idx_\w+)/g)].map(([, name]) => name)),
  ];
  expect(
    [...new Set(page.match(/`idx_\w+`/g))].map((name) => name.replaceAll('`', '')).sort(),
  ).toEqual(made.sort());
});
