import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { Cleaner, fixNewlines } from '@wxyc/fix-newlines';
import { runBin, temporaryFolder } from '@wxyc/testing';

/** Cleans in chunks of the given size. */
function clean(csv: string | Buffer, chunk = 1 << 20): string | undefined {
  const bytes = Buffer.from(csv);
  const cleaner = new Cleaner();
  const out: Buffer[] = [];
  for (let p = 0; p < bytes.length; p += chunk)
    out.push(Buffer.from(cleaner.push(bytes.subarray(p, p + chunk))));
  const rest = cleaner.end();
  return rest && Buffer.concat([...out, rest]).toString();
}

describe('cleaning', () => {
  test.each([
    ['CRLF is one space', 'a,b\r\n1,"x\r\ny"\r\n', 'a,b\r\n1,x y\r\n'],
    ['a lone CR and a lone LF are one space each', 'a,b\r\n1,"x\ry\nz"\r\n', 'a,b\r\n1,x y z\r\n'],
    ['LF CR are two', 'a,b\r\n1,"x\n\ry"\r\n', 'a,b\r\n1,x  y\r\n'],
    [
      'quotes stay where they are needed',
      'a,b\r\n"1,","say ""x""\n"\r\n',
      'a,b\r\n"1,","say ""x"" "\r\n',
    ],
    ['quotes go where they are not', 'a,b\r\n"1","2"\r\n', 'a,b\r\n1,2\r\n'],
    ['a quote in a plain field is quoted', 'a,b\r\n12",2\r\n', 'a,b\r\n"12""",2\r\n'],
    ['a lone CR in a plain field', 'a,b\r\n1\r2,3\r\n', 'a,b\r\n1 2,3\r\n'],
    ['LF row ends become CRLF', 'a,b\n1,2\n', 'a,b\r\n1,2\r\n'],
    ['a last row without line end gets one', 'a,b\r\n1,2', 'a,b\r\n1,2\r\n'],
    ['text behind a closing quote', 'a,b\r\n"1"2,3\r\n', 'a,b\r\n12,3\r\n'],
    ['an empty only field stays a row', 'a\r\n""\r\n', 'a\r\n""\r\n'],
    [
      'NUL, a byte order mark and other bytes stay',
      '\uFEFFa,b\r\n\0,\u0085\u2028\r\n',
      '\uFEFFa,b\r\n\0,\u0085\u2028\r\n',
    ],
    [
      'a field in quotes behind a byte order mark',
      '\uFEFF"a,x","b"\r\n1,2\r\n',
      '\uFEFF"a,x",b\r\n1,2\r\n',
    ],
    ['a character that begins as a byte order mark does', '\uFEC0"a"\r\n', '"\uFEC0""a"""\r\n'],
    ['an empty last field', 'a,b\r\n1,', 'a,b\r\n1,\r\n'],
  ])('%s', (_, csv, expected) => {
    for (const chunk of [1, 2, 3, 1000]) expect(clean(csv, chunk)).toBe(expected);
  });

  test('a quote that is never closed is not swallowed', () => {
    expect(clean('a,b\r\n1,"2\r\n3,4\r\n')).toBeUndefined();
  });

  test('trap 09: in chunks of any size, the result is what papaparse and a replacement make of it', () => {
    const unit = fc.constantFrom('"', ',', '\r', '\n', 'a', ' ', '\u00e9', '\u{1F3B5}', ';');
    const rows = fc.array(
      fc.array(fc.string({ unit, maxLength: 6 }), { minLength: 2, maxLength: 4 }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 40 }), (values, chunk) => {
        const csv = values
          .map(
            (row) =>
              row
                .map((value) =>
                  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
                )
                .join(',') + '\r\n',
          )
          .join('');
        const cleaned = values.map((row) => row.map((value) => value.replace(/\r\n|\r|\n/g, ' ')));
        const result = clean(csv, chunk)!;
        expect(Papa.parse(result, { newline: '\r\n', delimiter: ',' }).data.slice(0, -1)).toEqual(
          cleaned,
        );
        expect(clean(result, chunk)).toBe(result);
        expect(result.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the step', () => {
  test('a file', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'in.csv'),
      Buffer.concat([
        Buffer.from('a,b\r\n1,"x\ny"\r\n2,'),
        Buffer.from([0xff]),
        Buffer.from('\r\n'),
      ]),
    );
    const result = await fixNewlines({
      input: join(folder, 'in.csv'),
      output: join(folder, 'out.csv'),
    });
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe('a,b\r\n1,x y\r\n2,\uFFFD\r\n');
    expect(result).toMatchObject({
      step: 'fix-newlines',
      unit: 'rows',
      read: 2,
      written: 2,
      dropped: {},
      cleanedFields: 1,
      files: [{ rows: 2, invalidUtf8: 1 }],
    });
  });

  test.each([
    ['a missing input', 'nowhere.csv', 'out.csv', 4, /does not exist/],
    ['an empty file', 'empty.csv', 'out.csv', 4, /is empty/],
    ['an open quote', 'open.csv', 'out.csv', 4, /row 1 .*never closed/],
    ['a directory without CSV files', 'bare', 'out', 4, /holds no \.csv/],
    ['input as output', 'open.csv', 'open.csv', 2, /another output/],
    ['a file for a directory', 'bare', 'open.csv', 2, /two directories/],
    ['a directory that is not there yet for a file', 'open.csv', 'out.csv/', 2, /two directories/],
  ])('%s', async (_, input, output, exitCode, message) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'bare'));
    writeFileSync(join(folder, 'empty.csv'), '');
    writeFileSync(join(folder, 'open.csv'), 'a,b\r\n"1,2\r\n');
    await expect(
      fixNewlines({ input: join(folder, input), output: join(folder, output) }),
    ).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) });
    expect(existsSync(join(folder, 'out.csv'))).toBe(false);
  });

  test('the bin cleans the CSV files of a directory', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'in'));
    for (const name of ['a.csv', 'b.csv'])
      writeFileSync(join(folder, 'in', name), 'x,y\r\n1,"2\n3"\r\n');
    writeFileSync(join(folder, 'in', 'notes.txt'), 'no CSV');
    const { code, stdout } = await runBin('wxyc-fix-newlines', ['in', 'out'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/fix-newlines +rows +2 +2 +0/);
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['a.csv', 'b.csv']);
    expect(readFileSync(join(folder, 'out', 'b.csv'), 'utf8')).toBe('x,y\r\n1,2 3\r\n');
  });

  test('the bin says in one sentence what is missing', async () => {
    const { code, stderr } = await runBin('wxyc-fix-newlines', ['nowhere', 'out'], {
      cwd: temporaryFolder(),
    });
    expect(code).toBe(4);
    expect(stderr).toMatch(/nowhere does not exist/);
    expect(stderr).not.toMatch(/ at /);
  });
});
