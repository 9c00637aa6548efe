import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { convert, inspectDump, type ConvertOptions } from '@wxyc/convert';
import { temporaryFolder } from '@wxyc/testing';
import { convertBytes } from './memory.js';

const broken = join(import.meta.dirname, 'fixtures', 'broken');
const fixture = (name: string): string => join(broken, name);
const run = async (name: string, options: Partial<ConvertOptions> = {}) => {
  const output = temporaryFolder();
  const result = await convert({ inputs: [fixture(name)], output, ...options });
  const rows = (file: string): string[][] =>
    Papa.parse<string[]>(readFileSync(join(output, `${file}.csv`), 'utf8'), {
      newline: '\r\n',
    }).data.slice(1, -1);
  const rejects = existsSync(join(output, 'rejects.jsonl'))
    ? readFileSync(join(output, 'rejects.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];
  return { result, rows, rejects, output };
};

describe('repaired where the repair is certain, and counted', () => {
  test.each([
    ['a bare &', 'bare-ampersand.xml', 'Simon & Garfunkel &c', { ampersands: 2 }],
    [
      'an undefined entity, kept as text',
      'undefined-entity.xml',
      'caf&eacute; &bogus; & \u00e9',
      { ampersands: 2 },
    ],
    [
      'trap 06: control characters and NUL, dropped',
      'control-characters.xml',
      'abcde',
      { controlCharacters: 4 },
    ],
    [
      'trap 06: invalid UTF-8 bytes, to U+FFFD',
      'invalid-utf8.xml',
      'caf\uFFFD \uFFFD!',
      { invalidCharacters: 2 },
    ],
    [
      'code points that XML forbids, to U+FFFD',
      'noncharacters.xml',
      'a\uFFFDb\uFFFDc\uFFFDd',
      { invalidCharacters: 3 },
    ],
  ])('%s', async (_, name, title, repairs) => {
    for (const reader of ['fast', 'strict'] as const) {
      const { result, rows, rejects } = await run(name, { reader } as object);
      expect(rows('release').map((row) => row[1])).toEqual(['T1', title, 'T3']);
      expect(result.dumps[0]!.repairs).toEqual({
        invalidCharacters: 0,
        controlCharacters: 0,
        ampersands: 0,
        ...repairs,
      });
      expect(rejects).toEqual([]);
    }
  });
});

describe('rejected alone, its neighbours stay', () => {
  test.each([
    ['a non-numeric id', 'non-numeric-id.xml', 'two', /@id is not an integer: "two"/],
    ['no id', 'no-id.xml', null, /no id/],
    ['a non-numeric master', 'non-numeric-master.xml', '2', /master_id is not an integer: "none"/],
    ['an element that is not closed', 'unclosed-element.xml', '2', /malformed/],
    ['a bare <', 'bare-less-than.xml', '2', /malformed/],
    ['an attribute twice', 'duplicate-attribute.xml', '2', /malformed/],
    ['a comment that is never closed', 'unclosed-comment.xml', '2', /malformed/],
    [
      'trap 08: a record without end does not swallow the next one',
      'missing-end.xml',
      '2',
      /no closing tag/,
    ],
    ['a record without start', 'missing-start.xml', null, /text between/],
  ])('%s', async (_, name, id, reason) => {
    const { result, rows, rejects } = await run(name);
    expect(rows('release').map((row) => row[0])).toEqual(['1', '3']);
    expect(rejects).toEqual([
      {
        kind: 'release',
        id,
        offset: expect.any(Number),
        reason: expect.stringMatching(reason),
        raw: expect.any(String),
      },
    ]);
    // The offset is the raw text's position in the dump.
    const [{ offset, raw }] = rejects as [{ offset: number; raw: string }];
    expect(readFileSync(fixture(name)).subarray(offset).toString().startsWith(raw)).toBe(true);
    expect(result).toMatchObject({
      read: 3,
      written: 2,
      rejected: 1,
      dropped: { rejected: 1 },
      lastId: '3',
    });
    // Track elements of rejected records count.
    expect(rows('release_track').map((row) => row[6])).toEqual(['1', '3']);
  });

  test('the last record without end', async () => {
    const { rows, rejects } = await run('missing-last-end.xml');
    expect(rows('release').map((row) => row[0])).toEqual(['1', '2']);
    expect(rejects).toMatchObject([{ id: '3', reason: expect.stringMatching(/no closing tag/) }]);
  });

  test('an artist whose id is behind many images', async () => {
    const images = `<images>${'<image type="secondary" uri="" uri150="" width="600" height="600"/>'.repeat(500)}</images>`;
    const artist = (id: number, end: string): string =>
      `<artist>${images}<id>${id}</id><name>A</${end}></artist>`;
    const { rejects, lastId } = await convertBytes(
      `<artists>${artist(1, 'name')}${artist(2, 'name')}${artist(3, 'oops')}</artists>`,
      { kind: 'artist' },
    );
    expect(rejects).toMatchObject([{ id: '3' }]);
    expect(lastId).toBe('2');
  });

  test('text between records', async () => {
    const { rows, rejects } = await run('stray-text.xml');
    expect(rows('release').map((row) => row[0])).toEqual(['1', '2', '3']);
    expect(rejects).toMatchObject([{ id: null, raw: expect.stringContaining('what is this') }]);
  });

  test('more rejects than allowed are exit 4, and the rejects can be inspected', async () => {
    const output = temporaryFolder();
    await expect(
      convert({ inputs: [fixture('missing-end.xml')], output, maxRejects: 0 }),
    ).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining('--max-rejects') });
    expect(existsSync(join(output, 'rejects.jsonl.partial'))).toBe(true);
    expect(existsSync(join(output, 'release.csv'))).toBe(false);
  });

  test('rejects of an earlier run are gone after one without', async () => {
    const { output } = await run('missing-end.xml');
    await convert({ inputs: [fixture('sound.xml')], output });
    expect(existsSync(join(output, 'rejects.jsonl'))).toBe(false);
  });

  test('those of other kinds stay with the files of their kinds', async () => {
    const { output, rejects } = await run('missing-end.xml');
    const artists = join(temporaryFolder(), 'artists.xml');
    const from = async (...ids: string[]): Promise<(string | null)[]> => {
      writeFileSync(
        artists,
        `<artists>\n${ids.map((id) => `<artist><id>${id}</id><name>\u2028</name></artist>`).join('\n')}\n</artists>\n`,
      );
      await convert({ inputs: [artists], output });
      return listed();
    };
    const listed = (): (string | null)[] =>
      !existsSync(join(output, 'rejects.jsonl'))
        ? []
        : readFileSync(join(output, 'rejects.jsonl'), 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as { kind: string; id: string | null })
            .map(({ kind, id }) => `${kind} ${id}`);
    const before = listed();
    expect(before).toHaveLength(rejects.length);
    expect(await from('1')).toEqual(before);
    expect(await from('1', 'x', 'y')).toEqual([...before, 'artist x', 'artist y']);
    expect(await from('1', 'z')).toEqual([...before, 'artist z']);
    await convert({ inputs: [fixture('sound.xml')], output });
    expect(listed()).toEqual(['artist z']);
    expect(await from('1')).toEqual([]);
  });
});

test('empty elements, missing children, comments, CDATA, unknown elements are not errors', async () => {
  const { rows, rejects } = await run('sound.xml');
  expect(rejects).toEqual([]);
  expect(rows('release')).toEqual([
    ['1', 'T1', '', '', 'a < b & c </release>', '', '', 'Accepted'],
    ['2', '', '', '', '', '', '', ''],
    ['3', 'T3', '', '', '', '', '', 'Accepted'],
  ]);
  expect(rows('release_artist').map((row) => row[2])).toEqual(['A1', 'A3']);
});

test('gzip files of several members are read whole', async () => {
  expect((await run('members.xml.gz')).result).toMatchObject({ read: 2, written: 2 });
});

describe('exit 4, outputs stay partial', () => {
  test.each([
    [
      'trap 28: truncated gzip',
      'truncated.xml.gz',
      /at byte 5370 of the uncompressed data .*begins at byte 5240; the last good release is 21/,
    ],
    [
      'corrupt gzip',
      'corrupt.xml.gz',
      /at byte \d+ of the uncompressed data .*the last good release is 1\d/,
    ],
    [
      'a wrong checksum',
      'wrong-checksum.xml.gz',
      /at byte 10021 of the uncompressed data \(incorrect data check\)/,
    ],
    [
      'a file that ends inside a record',
      'cut-inside-record.xml',
      /at byte 615 .*begins at byte 459; the last good release is 2/,
    ],
    [
      'a missing </releases>',
      'cut-between-records.xml',
      /<\/releases> is missing; the last good release is 2/,
    ],
  ])('%s', async (_, name, message) => {
    const output = temporaryFolder();
    await expect(convert({ inputs: [fixture(name)], output })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(message),
    });
    const names = readdirSync(output);
    expect(names.filter((file) => file.endsWith('.csv'))).toEqual([]);
    expect(names.filter((file) => file.endsWith('.csv.partial'))).toHaveLength(12);
  });

  test.each([
    ['an HTML error page saved as .gz', 'html.xml.gz', /looks like an HTML page/],
    ['a compressed HTML page', 'html-compressed.xml.gz', /looks like an HTML page/],
    ['an empty file', 'empty.xml.gz', /is empty/],
    ['an empty gzip file', 'empty-compressed.xml.gz', /is empty/],
    ['a wrong root element', 'wrong-root.xml', /its root element is <rss>/],
    ['plain text', 'text.xml', /begins with "hello, world\\n"/],
    ['a missing file', 'nowhere.xml', /does not exist/],
    ['no record', 'no-records.xml', /holds no release/],
  ])('%s', async (_, name, message) => {
    await expect(
      convert({ inputs: [fixture(name)], output: temporaryFolder() }),
    ).rejects.toMatchObject({ exitCode: 4, message: expect.stringMatching(message) });
  });
});

describe('kinds of dumps', () => {
  test('trap 03: a dump is recognised by its root element, never by its name', async () => {
    const folder = temporaryFolder();
    copyFileSync(
      fixture('series-and-sublabels.xml'),
      join(folder, 'discogs_20260901_releases.xml'),
    );
    copyFileSync(fixture('sound.xml'), join(folder, 'x.xml.gz'));
    expect(await inspectDump(join(folder, 'x.xml.gz'))).toMatchObject({
      kind: 'release',
      firstId: '9',
    });
    const output = join(folder, 'out');
    const result = await convert({ inputs: [folder], output });
    expect(result.dumps.map(({ kind, written, nameless }) => [kind, written, nameless])).toEqual([
      ['release', 3, 0],
      ['label', 2, 1],
    ]);
    expect(readFileSync(join(output, 'label.csv'), 'utf8')).toBe(
      'id,name,contact_info,profile,parent_name,data_quality\r\n1,Parent,,,,\r\n2,Child,,,Parent,\r\n',
    );
  });

  test('two dumps of one kind are exit 2, naming both', async () => {
    const inputs = [fixture('sound.xml'), fixture('members.xml.gz')];
    await expect(convert({ inputs, output: temporaryFolder() })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/sound\.xml.*members\.xml\.gz/),
    });
  });

  test('a wanted kind that is missing, and a directory without dumps, are exit 4', async () => {
    await expect(
      convert({ inputs: [fixture('sound.xml')], exports: ['artist'], output: temporaryFolder() }),
    ).rejects.toMatchObject({ exitCode: 4 });
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'empty'));
    await expect(
      convert({ inputs: [join(folder, 'empty')], output: folder }),
    ).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining('holds no dump') });
  });

  test('artists of both generations, and masters', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'artists.xml'),
      '<artists><artist><images><image type="primary" uri="" uri150="" width="1" height="2"/></images><id>1</id><name>Group</name><realname/><profile>a\r\nb</profile><data_quality>Correct</data_quality><urls><url>http://x</url><url/></urls><namevariations><name>Grp</name></namevariations><aliases><name id="5">Other</name></aliases><members><id>26</id><name id="26">A</name><name id="27">B</name><id>28</id><name>C</name></members></artist><artist><id>2</id></artist></artists>',
    );
    writeFileSync(
      join(folder, 'masters.xml'),
      '<masters><master id="7"><main_release>155102</main_release><artists><artist><id>212070</id><name>Samuel L</name><anv>Samuel L Session</anv><join>,</join><role></role><tracks></tracks></artist></artists><genres><genre>Electronic</genre></genres><styles><style>Techno</style></styles><year>2001</year><title>New Soil</title><data_quality>Correct</data_quality><videos><video src="https://v" duration="489" embed="true"><title>T</title><description>D</description></video></videos></master></masters>',
    );
    const output = join(folder, 'out');
    await convert({ inputs: [folder], output, cleanNewlines: true });
    const lines = (name: string): string[] =>
      readFileSync(join(output, `${name}.csv`), 'utf8')
        .split('\r\n')
        .slice(1, -1);
    expect(lines('artist')).toEqual(['1,Group,,a b,Correct', '2,[artist #2],,,']);
    expect(lines('artist_alias')).toEqual(['1,Other']);
    expect(lines('artist_namevariation')).toEqual(['1,Grp']);
    expect(lines('artist_url')).toEqual(['1,http://x']);
    expect(lines('artist_image')).toEqual(['1,primary,1,2']);
    expect(lines('group_member')).toEqual(['1,26,A', '1,27,B', '1,28,C']);
    expect(lines('master')).toEqual(['7,New Soil,2001,155102,Correct']);
    expect(lines('master_artist')).toEqual(['7,212070,Samuel L,Samuel L Session,1,",",']);
    expect(lines('master_video')).toEqual(['7,489,T,D,https://v']);
    expect(lines('master_genre')).toEqual(['7,Electronic']);
    expect(lines('master_style')).toEqual(['7,Techno']);
  });
});

test('a dump without a readable record is exit 4, and the rejects can be inspected', async () => {
  const [folder, output] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(
    join(folder, 'x.xml'),
    '<releases><release id="one"><title>T</title></release><release><title>T</title></release></releases>',
  );
  await expect(convert({ inputs: [join(folder, 'x.xml')], output })).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(
      /none of its 2 records can be read, and rejects\.jsonl\.partial/,
    ),
  });
  expect(
    readFileSync(join(output, 'rejects.jsonl.partial'), 'utf8').trimEnd().split('\n'),
  ).toHaveLength(2);
  expect(existsSync(join(output, 'release.csv'))).toBe(false);
});

test('a truncated download of any length never passes for a whole dump', async () => {
  const folder = temporaryFolder();
  const whole = readFileSync(fixture('truncated.xml.gz'));
  const path = join(folder, 'cut.xml.gz');
  for (const length of [1, 2, 9, 10, 11, 40, 200, whole.length - 1]) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    await expect(convert({ inputs: [path], output: join(folder, 'out') })).rejects.toMatchObject({
      exitCode: 4,
    });
  }
  rmSync(path);
});
