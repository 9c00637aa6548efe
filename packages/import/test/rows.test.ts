/** The rows that are made for later decisions, as COPY gets them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IdSet, openCsv } from '@wxyc/csv';
import { settled } from '@wxyc/sample';
import { temporaryFolder } from '@wxyc/testing';
import { creditRows } from '../dist/credit-rows.js';
import { editionRows } from '../dist/edition-rows.js';
import { trackCountRows } from '../dist/track-counts.js';

const folder = temporaryFolder();
let files = 0;
function fileOf(rows: readonly string[]): string {
  const path = join(folder, `${++files}.csv`);
  writeFileSync(path, rows.map((row) => `${row}\r\n`).join(''));
  return settled(path);
}
function ids(...values: number[]): IdSet {
  const set = new IdSet();
  for (const value of values) set.add(value);
  return set;
}
async function textOf(rows: AsyncIterable<Buffer>): Promise<{ pieces: number; text: string }> {
  const pieces: string[] = [];
  for await (const piece of rows) pieces.push(piece.toString());
  return { pieces: pieces.length, text: pieces.join('') };
}
const { signal } = new AbortController();

/** Reads a file as the import does: every column by its name. */
async function layoutOf(path: string) {
  const reader = await openCsv(path);
  const columns = new Map(reader.header.map((name, at) => [name, at]));
  const find = (...names: string[]): number => reader.find(...names);
  return { reader, layout: { path, size: 0, header: reader.header, columns, find } };
}

test('editions: labels and formats of loaded releases, escaped; what a file lacks is empty', async () => {
  const labels = fileOf(['release_id,label,catno', '1,"A\tB\\C\nD",X1', '2,Other,X2', 'x,Bad,X3']);
  const formats = fileOf(['release_id,name,descriptions', '3,CD,Album', '1,Vinyl,LP']);
  expect(await textOf(editionRows({ labels, formats }, ids(1, 3), signal))).toEqual({
    pieces: 2,
    text: '1\tA\\tB\\\\C\\nD\tX1\t\\N\n3\t\\N\t\\N\tCD; Album; \n1\t\\N\t\\N\tVinyl; LP; \n',
  });
  expect(
    await textOf(editionRows({ labels: undefined, formats: undefined }, ids(1), signal)),
  ).toEqual({ pieces: 0, text: '' });
});

test('editions: many rows come in pieces, none lost and none twice', async () => {
  const rows = Array.from({ length: 9000 }, (_, at) => `1,${'Label '.repeat(10)}${at},`);
  const labels = fileOf(['release_id,label_name,catno', ...rows]);
  const { pieces, text } = await textOf(
    editionRows({ labels, formats: undefined }, ids(1), signal),
  );
  expect(pieces).toBeGreaterThan(1);
  expect(text.split('\n').map((line) => line.split('\t')[1])).toEqual([
    ...rows.map((row) => row.split(',')[1]),
    undefined,
  ]);
});

test('credits: names that say more, one release of more than all buffers', async () => {
  const long = 'ö'.repeat(1000);
  const rows = Array.from({ length: 1200 }, (_, at) => `1,${at},${long}${at},0,${long}`);
  const path = fileOf([
    'release_id,artist_id,artist_name,extra,anv',
    ...rows,
    '2,7,Known,0,',
    '2,8,Unknown,0,',
    '2,9,Twice,0,',
    '2,0,Twice,0,Twice',
    '2,7,Known,1,Extra',
    '3,7,Known,0,Not loaded',
  ]);
  const { reader, layout } = await layoutOf(path);
  const { text } = await textOf(
    creditRows(reader, layout, ids(1, 2), ids(7, 1_000_000), () => undefined),
  );
  const lines = text.split('\n');
  expect(lines.slice(0, 1200)).toEqual(
    rows.map((_, at) => `1\t${long}${at}\t${long}\t${at === 7 ? '7' : '\\N'}`),
  );
  expect(lines.slice(1200)).toEqual([
    '2\tKnown\t\\N\t7',
    '2\tTwice\t\\N\t\\N',
    '2\tTwice\t\\N\t\\N',
    '',
  ]);
});

test('track counts: titled rows of loaded releases, one row for each run', async () => {
  const path = fileOf([
    'release_id,sequence,title',
    '1,1,A',
    '1,2,',
    '1,3,B',
    'x,1,C',
    '1,4,D',
    '2,1,E',
    '3,1,F',
    '1,5,G',
    '3,2,',
  ]);
  const { reader, layout } = await layoutOf(path);
  expect(await textOf(trackCountRows(reader, layout, ids(1, 3), () => undefined))).toEqual({
    pieces: 1,
    text: '1\t3\n3\t1\n1\t1\n',
  });
});
