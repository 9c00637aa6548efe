import { existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMappings, writeMappings } from '@wxyc/matching';
import { BadInputError } from '@wxyc/step';
import { temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
let files = 0;
const fileWith = (content: string | Buffer): string => {
  const file = join(folder, `${++files}.json`);
  writeFileSync(file, content);
  return file;
};

test('what was written is read again', async () => {
  const file = join(folder, 'round.json');
  const mappings = {
    keep: new Map([
      ['Björk Band', 'Björk'],
      ['X', null],
      ['__proto__', null],
    ]),
    prune: new Set(['Y (2)', 'A']),
  };
  await writeMappings(file, mappings);
  expect(readMappings(file)).toEqual(mappings);
  expect(JSON.parse(readFileSync(file, 'utf8')).prune).toEqual({ A: null, 'Y (2)': null });
});

test('a write leaves the old file or the new one, and nothing else', async () => {
  const file = fileWith('{"keep":{"a":null}}');
  await writeMappings(file, { keep: new Map([['b', null]]), prune: new Set() });
  expect([...readMappings(file).keep.keys()]).toEqual(['b']);
  const before = readdirSync(folder);
  await expect(
    writeMappings(join(file, 'below', 'a-file.json'), { keep: new Map(), prune: new Set() }),
  ).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(before);
});

test('sections may be missing, a BOM may be there', () => {
  expect(readMappings(fileWith('\ufeff{}'))).toEqual({ keep: new Map(), prune: new Set() });
  expect(readMappings(fileWith('{"prune":{"a":null}}')).prune).toEqual(new Set(['a']));
});

test.each([
  ['[]', /expected \{"keep"/],
  ['{"keep":', /not JSON/],
  ['{"keep":["a"]}', /"keep" must be an object/],
  ['{"keep":{"a":1}}', /keep "a" must be a library artist or null/],
  ['{"kept":{"a":null}}', /expected only "keep" and "prune", but found "kept"/],
])('%s is bad input that says why', (content, message) => {
  const file = fileWith(content);
  expect(() => readMappings(file)).toThrow(BadInputError);
  expect(() => readMappings(file)).toThrow(message);
});

test('a missing file is an error, unless an empty one will do', () => {
  const file = join(folder, 'missing.json');
  expect(() => readMappings(file)).toThrow(/no such file/);
  expect(readMappings(file, { missing: 'empty' })).toEqual({ keep: new Map(), prune: new Set() });
  expect(existsSync(file)).toBe(false);
});

test('one name is not both kept and pruned, nor kept as two, however it is spelled', () => {
  const refuses = (content: string, message: string): void => {
    const file = fileWith(content);
    expect(() => readMappings(file)).toThrow(new BadInputError(`${file}: ${message}`));
  };
  refuses(
    '{"keep":{"Gorse":null},"prune":{"Gorse":null}}',
    '"Gorse" is under both keep and prune; leave it under one of them',
  );
  refuses(
    '{"keep":{"Gorse, The (2)":"x"},"prune":{"THE GORSE (2)":null}}',
    '"Gorse, The (2)" ("THE GORSE (2)") is under both keep and prune; leave it under one of them',
  );
  refuses(
    '{"keep":{"Gorse":"x","gorse":"y"}}',
    'keep has "Gorse" ("gorse") with two targets; leave one of them out',
  );
  refuses(
    '{"keep":{"A":null},"prune":{},"keep":{"B":null}}',
    '"keep" is there twice; leave one of them out',
  );
  refuses(
    '{"keep":{"Gor\\u0073e":"x:{","Gorse":"y"}}',
    '"Gorse" is there twice; leave one of them out',
  );
  refuses('{"keep":{"X":" "}}', '" " is no artist; give a name, or leave the entry out');
  refuses('{"prune":{"":null}}', '"" is no artist; give a name, or leave the entry out');
  // Another band, and the same one twice.
  expect(
    readMappings(
      fileWith('{"keep":{"Gorse":null,"Gorse":null,"gorse":null},"prune":{"Gorse (2)":null}}'),
    ).prune,
  ).toEqual(new Set(['Gorse (2)']));
});

test('a file that is not UTF-8 is refused: its names would match nothing', () => {
  const file = fileWith(Buffer.from('{"prune":{\n"Bj\u00f6rk (2)":null}}', 'latin1'));
  expect(() => readMappings(file)).toThrow(
    new BadInputError(`${file}: not UTF-8 (line 2); save it as UTF-8`),
  );
});

test('a file is replaced by a whole one, never written in place', async () => {
  const file = fileWith('{"keep":{"Old":null}}');
  const before = readFileSync(file, 'utf8');
  // A second link to the old file: what somebody who has it open sees.
  linkSync(file, `${file}.seen`);
  await writeMappings(file, { keep: new Map([['New', null]]), prune: new Set() });
  expect(readFileSync(`${file}.seen`, 'utf8')).toBe(before);
  expect(readMappings(file).keep).toEqual(new Map([['New', null]]));
});
