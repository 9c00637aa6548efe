import { dumps, tables } from '@wxyc/dataset';
import { readText } from './markdown.ts';

const page = readText('docs/data.md');
const rows = (heading: string): string[][] =>
  (page.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ')[0]!.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));

test('the CSV files and their columns', () => {
  const written = rows('CSV files').filter(([name]) => /^[a-z]/.test(name!) && name !== 'file').map(([name, columns]) => `${name}: ${columns}`);
  expect(written).toEqual(Object.values(dumps).flatMap(({ files }) => files).map(({ name, columns }) => `${name}: ${columns.join(',')}`));
});

test('the tables, their columns, types and NOT NULL', () => {
  const written: string[] = [];
  let table = '';
  for (const [name = '', column = '', type = '', more = ''] of rows('Tables')) {
    if (!/^`[a-z_]+`$/.test(column) || type === '') continue;
    if (name) table = name.replaceAll('`', '');
    written.push(`${table}.${column.replaceAll('`', '')} ${type}${/not null|primary key/.test(more) ? ' not null' : ''}`);
  }
  const actual = tables.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column.name} ${column.type.replace('timestamp with time zone', 'timestamptz')}${column.notNull ? ' not null' : ''}`));
  expect(written).toEqual(actual);
});

test('the names of the indexes', () => {
  const sql = readText('schema/create_indexes.sql') + readText('schema/create_track_indexes.sql');
  const made = [...sql.matchAll(/CREATE INDEX IF NOT EXISTS (idx_\w+)/g)].map(([, name]) => name);
  expect([...new Set(page.match(/`idx_\w+`/g))].map((name) => name.replaceAll('`', '')).sort()).toEqual(made.sort());
});
