/** The caller's own filter: convert writes its usual rows, but only those of the records with these ids. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { convert, readReleases, type ConvertOptions } from '@wxyc/convert';
import { IdSet } from '@wxyc/csv';
import { dumps, type DumpKind } from '@wxyc/dataset';
import { BadInputError, UsageError } from '@wxyc/step';
import { temporaryFolder } from '@wxyc/testing';

const fixture = (name: string): string =>
  join(import.meta.dirname, 'fixtures', name, 'releases.xml.gz');

/** `reader` is for tests only, and not declared. */
type Given = Omit<ConvertOptions, 'output'> & { reader?: 'fast' | 'strict' };

async function converted(options: Given) {
  const output = temporaryFolder();
  const result = await convert({ ...options, output });
  const kind = result.dumps[0]!.kind;
  const files = Object.fromEntries(
    dumps[kind].files.map(({ name }) => [name, readFileSync(join(output, `${name}.csv`), 'utf8')]),
  );
  return { result, files };
}

/** Each file's rows that begin with one of these ids. Newlines are cleaned, so that a row is a line. */
const rowsOf = (files: Record<string, string>, ids: readonly number[]) =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      text
        .split('\r\n')
        .filter((row, at) => at === 0 || ids.includes(Number(row.split(',')[0])))
        .join('\r\n') + '\r\n',
    ]),
  );

describe.each(['releases-2020', 'releases-2026'])('%s', (name) => {
  const inputs = [fixture(name)];

  test.each(['fast', 'strict'] as const)('releases by their ids, %s reader', async (reader) => {
    const all = await converted({ inputs, cleanNewlines: true, ...{ reader } });
    const ids: number[] = [];
    for await (const { id, formats } of readReleases(inputs[0]!))
      if (formats.some((format) => format.name === 'CD')) ids.push(id);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.length).toBeLessThan(all.result.read);
    const some = await converted({
      inputs,
      cleanNewlines: true,
      ...{ reader },
      wanted: { release: ids },
    });
    expect(some.files).toEqual(rowsOf(all.files, ids));
    expect(some.result).toMatchObject({
      read: all.result.read,
      written: ids.length,
      dropped: { 'not wanted': all.result.read - ids.length },
    });
  });

  test('with a library: those of them that it lets through; no others are decided', async () => {
    const given = { inputs, cleanNewlines: true, libraryArtists: join(temporaryFolder(), 'names') };
    const found = [];
    for await (const { id, artists } of readReleases(inputs[0]!)) found.push({ id, artists });
    const [first, second, third] = found;
    const names = [first!, second!].map(({ artists }) => artists[0]!.name);
    writeFileSync(given.libraryArtists, names.join('\n'));
    const byName = await converted(given);
    const wanted = { release: new Set([second!.id, third!.id]) };
    const { files, result } = await converted({ ...given, wanted });
    expect(files).toEqual(rowsOf(byName.files, [...wanted.release]));
    expect(result.dropped).toEqual({
      'not wanted or not in the library': result.read - result.written,
    });
  });
});

test('a release whose id is in an unusual place is found too', async () => {
  const inputs = [join(temporaryFolder(), 'releases.xml')];
  const release = (attributes: string, title: string) =>
    `<release ${attributes}><artists><artist><id>9</id><name>X</name></artist></artists><title>${title}</title></release>`;
  writeFileSync(
    inputs[0]!,
    `<releases>${release('status="Accepted" id="1"', 'A')}${release("id='2'", 'B')}${release("id='3'", 'C')}${release('id="4"', 'D')}</releases>`,
  );
  const { files } = await converted({ inputs, wanted: { release: [2, 4] } });
  expect(files['release']!.split('\r\n').map((row) => row.split(',')[0])).toEqual([
    'id',
    '2',
    '4',
    '',
  ]);
});

test('labels, artists and masters', async () => {
  const folder = temporaryFolder();
  const record: Record<Exclude<DumpKind, 'release'>, (id: number) => string> = {
    artist: (id) => `<artist><id>${id}</id><name>N${id}</name></artist>`,
    label: (id) =>
      `<label><id>${id}</id><name>N${id}</name><sublabels><label id="${id + 10}">S</label></sublabels></label>`,
    master: (id) =>
      `<master id="${id}"><main_release>${id}</main_release><title>N${id}</title></master>`,
  };
  const rows: Record<string, string[]> = {};
  for (const [kind, xml] of Object.entries(record)) {
    const input = join(folder, `${kind}.xml`);
    writeFileSync(input, `<${kind}s>${[1, 2, 3].map(xml).join('\n')}</${kind}s>`);
    const { files } = await converted({ inputs: [input], wanted: { [kind]: [3, 1, 12] } });
    rows[kind] = files[kind]!.match(/^\d+/gm)!;
  }
  expect(rows).toEqual({ artist: ['1', '3'], label: ['1', '3'], master: ['1', '3'] });
});

test('an iterable that yields its ids only once will do, and so will an IdSet', async () => {
  const inputs = [fixture('releases-2026')];
  const two: number[] = [];
  for await (const { id } of readReleases(inputs[0]!, { limit: 2 })) two.push(id);
  const ids = new IdSet();
  for (const id of two) ids.add(id);
  const once = two.values();
  for (const release of [ids, once])
    expect((await converted({ inputs, wanted: { release } })).result.written).toBe(2);
});

test('missing ids, anything but ids, and other kinds are refused', async () => {
  const inputs = [fixture('releases-2026')];
  const refused = async (wanted: object) =>
    converted({ inputs, wanted }).then(
      () => undefined,
      (error: Error) => [error.constructor, error.message],
    );
  expect(await refused({ release: [] })).toEqual([
    BadInputError,
    expect.stringMatching(/^None of the \d+ releases in .* is wanted$/),
  ]);
  expect(await refused({ release: ['12'] })).toEqual([
    UsageError,
    'convert: the option wanted takes ids, and 12 is not an id',
  ]);
  expect(await refused({ release: 12 })).toEqual([
    UsageError,
    'convert: the option wanted takes a list of ids, or a Set of them',
  ]);
  expect(await refused({ releases: [1] })).toEqual([
    UsageError,
    'convert: the option wanted does not know releases; give release, artist, label, master',
  ]);
});
