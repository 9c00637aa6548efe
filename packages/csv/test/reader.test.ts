import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { encodeRow, openCsv, readRecords, type CsvOptions } from '@wxyc/csv';
import { settled } from '@wxyc/sample';
import { temporaryFolder } from '@wxyc/testing';

const directory = temporaryFolder();
let files = 0;
const fileOf = (content: string | Buffer): string => {
  const path = join(directory, `${++files}.csv`);
  writeFileSync(path, content);
  return settled(path);
};

async function read(content: string | Buffer, options: CsvOptions = {}) {
  const csv = await openCsv(fileOf(content), options);
  const rows: string[][] = [];
  let raw = '';
  for await (const batch of csv.batches()) {
    expect(batch.firstRow).toBe(rows.length + 1);
    for (let row = 0; row < batch.rows; row++) {
      rows.push(
        Array.from({ length: batch.fieldCount(row) }, (_, column) => batch.text(row, column)),
      );
      for (let column = 0; column < batch.fieldCount(row); column++) {
        expect(batch.field(row, column).toString()).toBe(batch.text(row, column));
        expect(batch.isEmpty(row, column)).toBe(batch.text(row, column) === '');
      }
      raw += batch.raw(row).toString();
    }
  }
  return { csv, rows, raw };
}

describe('reading', () => {
  test('finds columns by name, in any order, and names what it found instead', async () => {
    const csv = await openCsv(fileOf('b,label,a\r\n1,2,3\r\n'));
    expect(csv.column('a')).toBe(2);
    expect(csv.column('label_name', 'label')).toBe(1);
    expect(csv.find('c')).toBe(-1);
    expect(() => csv.column('extra')).toThrow(
      /\.csv has no column "extra"; its columns are: b, label, a$/,
    );
    await csv.close();
  });

  test.each([
    [
      'CRLF',
      'a,b\r\n1,2\r\n3,4\r\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'LF',
      'a,b\n1,2\n3,4\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['no line end at the end', 'a,b\n1,2', [['1', '2']]],
    ['an empty last field at the end', 'a,b\n1,', [['1', '']]],
    ['empty lines', 'a,b\r\n\r\n1,2\r\n\n', [['1', '2']]],
    [
      'an empty line and the beginning of a row',
      'a,b\n1,2\n\n3,456789\n',
      [
        ['1', '2'],
        ['3', '456789'],
      ],
    ],
    ['line ends in quotes', 'a,b\r\n"1\r\n2","3\n"\r\n', [['1\r\n2', '3\n']]],
    ['doubled quotes', 'a,b\r\n"say ""x""",""""\r\n', [['say "x"', '"']]],
    ['a quote inside a plain field', 'a,b\r\n12" mix,2\r\n', [['12" mix', '2']]],
    ['text behind a closing quote', 'a,b\r\n"1"2,3\r\n', [['12', '3']]],
    ['short and long rows', 'a,b\r\n1\r\n1,2,3\r\n', [['1'], ['1', '2', '3']]],
    ['a lone CR', 'a,b\r\n1\r2,3\r\n', [['1\r2', '3']]],
    ['a byte order mark', '\uFEFFa,b\r\n1,2\r\n', [['1', '2']]],
    ['a header alone', 'a,b\r\n', []],
    ['a quote closed by the end of the file', 'a,b\r\n1,"2"', [['1', '2']]],
  ])('%s', async (_, content, expected) => {
    for (const chunkSize of [1, 2, 3, 4, 5, 6, 7, 8, 9, 1024]) {
      const { rows, csv } = await read(content, { chunkSize });
      expect(rows).toEqual(expected);
      expect(csv.header).toEqual(['a', 'b']);
      expect(csv.rows).toBe(expected.length);
    }
  });

  test('only the beginning of a file shows that it is of another kind', async () => {
    const { csv, rows } = await read('abcdefg,<html>,x\n1,2,3\n', { chunkSize: 8 });
    expect({ header: csv.header, rows }).toEqual({
      header: ['abcdefg', '<html>', 'x'],
      rows: [['1', '2', '3']],
    });
  });

  test('trap 09: multi-byte characters, quotes and CRLF split across read chunks', async () => {
    const content = 'id,name\r\n1,"Bj\u00f6rk \u{1F3B5}, ""x""\r\n\u304c"\r\n2,\u65e5\u672c\r\n';
    for (let chunkSize = 1; chunkSize < 20; chunkSize++) {
      const { rows, raw } = await read(content, { chunkSize });
      expect(rows).toEqual([
        ['1', 'Bj\u00f6rk \u{1F3B5}, "x"\r\n\u304c'],
        ['2', '\u65e5\u672c'],
      ]);
      expect(raw).toBe(content.slice('id,name\r\n'.length));
    }
  });

  test('trap 06: NUL is dropped and invalid bytes become U+FFFD, both counted', async () => {
    const content = Buffer.concat([
      Buffer.from('id,name\r\n1,a\0b\r\n2,'),
      Buffer.from([0xff, 0xe4]),
      Buffer.from('x\uFFFD\r\n'),
    ]);
    for (const chunkSize of [1, 4, 1024]) {
      const { rows, csv } = await read(content, { chunkSize });
      expect(rows).toEqual([
        ['1', 'ab'],
        ['2', '\uFFFD\uFFFDx\uFFFD'],
      ]);
      expect(csv.repairs).toEqual({ invalidUtf8: 2, nul: 1 });
    }
    const untouched = await openCsv(fileOf(content), { repair: 'none' });
    const bytes: Buffer[] = [untouched.rawHeader];
    for await (const batch of untouched.batches())
      for (let row = 0; row < batch.rows; row++) bytes.push(Buffer.from(batch.raw(row)));
    expect(Buffer.concat(bytes).equals(content)).toBe(true);
  });

  test.each([1, 4, 1024])(
    'an invalid first byte of the rows is counted, in pieces of %i',
    async (chunkSize) => {
      const content = Buffer.concat([
        Buffer.from('a\n'),
        Buffer.from([0xff]),
        Buffer.from('\n'),
        Buffer.from([0xfe]),
        Buffer.from('x\n'),
      ]);
      const { rows, csv } = await read(content, { chunkSize });
      expect(rows).toEqual([['\uFFFD'], ['\uFFFDx']]);
      expect(csv.repairs).toEqual({ invalidUtf8: 2, nul: 0 });
    },
  );

  test('a quote that is never closed is an error that names the row', async () => {
    await expect(read('a,b\r\n1,2\r\n3,"4\r\n5,6\r\n')).rejects.toThrow(/row 2 .*never closed/);
    for (const repaired of [0xff, 0])
      await expect(
        read(Buffer.concat([Buffer.from('a,b\n1,'), Buffer.of(repaired), Buffer.from('\n2,"x\n')])),
      ).rejects.toThrow(/row 2 .*never closed/);
  });

  test.each([
    ['missing', undefined, /does not exist/],
    ['empty', '', /is empty/],
    ['blank', '\r\n\r\n', /is blank/],
  ])('a file that is %s', async (_, content, message) => {
    const path = content === undefined ? join(directory, 'nowhere.csv') : fileOf(content);
    await expect(openCsv(path)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(message),
    });
  });

  test('integers are plain ASCII digits only', async () => {
    const csv = await openCsv(fileOf('n\n7\n"12"\n-1\n1a\n\uFF11\n 3\n1234567890123456\n'));
    const found: number[] = [];
    for await (const batch of csv.batches())
      for (let row = 0; row < batch.rows; row++) found.push(batch.integer(row, 0));
    expect(found).toEqual([7, 12, -1, -1, -1, -1, -1]);
  });

  test('leaving the loop early closes the file', async () => {
    const csv = await openCsv(fileOf('a\n1\n2\n3\n'), { chunkSize: 4 });
    for await (const batch of csv.batches()) {
      expect(batch.rows).toBeGreaterThan(0);
      break;
    }
    await expect(csv.close()).resolves.toBeUndefined();
  });

  test('an aborted signal ends the reading', async () => {
    const stop = new AbortController();
    const csv = await openCsv(fileOf('a\n1\n2\n3\n'), { chunkSize: 4, signal: stop.signal });
    await expect(async () => {
      for await (const batch of csv.batches()) if (batch.rows) stop.abort();
    }).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe('property', () => {
  const field = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom('"', ',', '\r', '\n', 'a', ' ', '\u00e9', '\u{1F3B5}'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
    })
    .map((text) => text.toWellFormed());
  const rows = fc.array(
    fc.array(
      field.map((text) => text.replaceAll('\0', '')),
      { minLength: 2, maxLength: 5 },
    ),
    { maxLength: 8 },
  );

  test('what is written is read, in chunks of any size, and papaparse reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 64 }), async (values, chunkSize) => {
        const content = 'a,b\r\n' + values.map((row) => encodeRow(row)).join('');
        const found = await read(content, { chunkSize });
        expect(found.rows).toEqual(values);
        expect(found.raw).toBe(content.slice(5));
        expect(
          Papa.parse<string[]>(content, { newline: '\r\n', delimiter: ',' }).data.slice(1, -1),
        ).toEqual(values);
      }),
      { numRuns: 150 },
    );
  });
});

describe('readRecords', () => {
  async function records(content: string, delimiter?: string): Promise<Record<string, string>[]> {
    const found = [];
    for await (const record of readRecords(fileOf(content), delimiter ? { delimiter } : {}))
      found.push(record);
    return found;
  }

  test('gives one object per row, from TSV too', async () => {
    for (const header of ['\uFEFFartist\tname', '\uFEFF"artist"\t"name"'])
      expect(await records(`${header}\nA\t"B ""b"""\n\nC\tD\n`)).toEqual([
        { artist: 'A', name: 'B "b"' },
        { artist: 'C', name: 'D' },
      ]);
    expect(await records('')).toEqual([]);
    await expect(readRecords('/nowhere.csv').next()).rejects.toMatchObject({ exitCode: 4 });
  });

  test.each([0, 1])('trap 09: characters cut by the reads, from byte %i on', async (shift) => {
    const names = Array.from({ length: 3000 }, () => '\u00e9'.repeat(50));
    names[0] = `${'x'.repeat(shift)}${names[0]}`;
    const found = await records(`name\n${names.join('\n')}\n`, ',');
    expect(found.map(({ name }) => name)).toEqual(names);
  });

  test('a quote that is never closed is an error that names the row', async () => {
    await expect(records('artist,name\r\nA,B\r\nC,"D\r\nE,F\r\n', ',')).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/row 2 .*never closed/),
    });
    await expect(records('artist,"name\r\nA,B\r\n', ',')).rejects.toThrow(/header .*never closed/);
    await expect(records(`a\n1\n"${'2\n'.repeat(5e6)}`, ',')).rejects.toThrow(/row 2 .*8 MB/);
  });

  test('leaving early closes the file, and so does a signal, with whose error the reading ends', async () => {
    const file = fileOf(`a\n${'1\n'.repeat(200_000)}`);
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    for await (const { a } of readRecords(file)) {
      expect(a).toBe('1');
      break;
    }
    const stop = new AbortController();
    await expect(async () => {
      for await (const { a } of readRecords(file, { signal: stop.signal })) if (a) stop.abort();
    }).rejects.toThrow(/abort/i);
    await new Promise(setImmediate);
    expect(descriptors()).toBe(before);
  });
});
