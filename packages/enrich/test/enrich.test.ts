import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrich } from '@wxyc/enrich';
import { BadInputError, InterruptedError, UsageError } from '@wxyc/step';
import { libraryFile, runBin, temporaryFolder } from '@wxyc/testing';

const library = libraryFile([
  ['Stereolab', 'Dots and Loops'],
  ['Stereolab', 'Emperor Tomato Ketchup'],
  [' Björk ', 'Post'],
  ['Bjork', 'Debut'],
  ['Various Artists', 'No New York'],
  ['Various Artists - Rock', 'Nuggets'],
  ['The Soundtrack of Our Lives', 'Behind the Music'],
  ['坂本龍一', 'Async'],
  ['😀 Band', 'Smile'],
  ['\ufb01nal', 'x'],
  ['311', '311'],
]);

function file(name: string, content: string | Buffer): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}
const outputOf = async (options: Partial<Parameters<typeof enrich>[0]>): Promise<string[]> => {
  const output = join(temporaryFolder(), 'artists.txt');
  await enrich({ libraryDb: library, output, ...options });
  return readFileSync(output, 'utf8').trimEnd().split('\n');
};

describe('enrich', () => {
  it('lists the artists of the library once each, trimmed, sorted by code point, without compilations', async () => {
    expect(await outputOf({})).toEqual([
      '311',
      'Bjork',
      'Björk',
      'Stereolab',
      'The Soundtrack of Our Lives',
      '坂本龍一',
      '\ufb01nal',
      '😀 Band',
    ]);
  });

  it('counts so that the numbers add up, and says how many came from where', async () => {
    const output = join(temporaryFolder(), 'deep', 'artists.txt');
    const libraryArtists = file('artists.txt', 'Stereolab\r\nLaika\n\nVarious\n');
    const result = await enrich({ libraryDb: library, libraryArtists, output });
    expect(result).toMatchObject({
      step: 'enrich',
      unit: 'artists',
      read: 14,
      written: 9,
      dropped: { compilation: 3, 'already listed': 2 },
    });
    expect(result.sources).toEqual([
      { source: 'library', names: 11, added: 8 },
      { source: 'artist file', names: 2, added: 1 },
    ]);
  });

  it('takes names from a CSV export, quotes and all', async () => {
    const alternates = file(
      'names.csv',
      '\ufeffid,ALTERNATE_ARTIST_NAME\r\n1,"Crosby, Stills &amp; Nash"\r\n2,NULL\r\n3,"Fred ""Sonic"" Smith"\r\n4,\r\n5,\\N\r\n',
    );
    expect(await outputOf({ libraryDb: undefined, alternates })).toEqual([
      'Crosby, Stills & Nash',
      'Fred "Sonic" Smith',
    ]);
  });

  it('takes names from a TSV export, where quotes are letters and line ends are escaped', async () => {
    const alternates = file(
      'names.tsv',
      'PRESENTATION_NAME\tALTERNATE_ARTIST_NAME\n"Weird Al" Yankovic\tNULL\nAC\\\\DC\tLine\\nEnd\n',
    );
    expect(await outputOf({ libraryDb: undefined, alternates })).toEqual([
      '"Weird Al" Yankovic',
      'AC\\DC',
      'Line End',
    ]);
  });

  it('takes no name from a TSV export of nothing but its header', async () => {
    const alternates = file('names.tsv', 'PRESENTATION_NAME\tALTERNATE_ARTIST_NAME');
    expect(await outputOf({ alternates })).not.toContain('PRESENTATION_NAME');
  });

  it('ties the names of an export with a column for the artist, and those of library rows, to their artists', async () => {
    const output = join(temporaryFolder(), 'artists.txt');
    const withAlternates = libraryFile(
      [
        ['Ice-T', 'Power', 'Body Count'],
        ['Ice-T', 'Home Invasion', 'NULL'],
      ],
      ['artist', 'title', 'alternate_artist_name'],
    );
    const alternates = file(
      'names.csv',
      'Artist,Name\r\n"Crosby, Stills & Nash",CSN\r\nIce-T,NULL\r\nNULL,Nobody\r\nIce-T, Ice T \r\n',
    );
    const result = await enrich({
      libraryDb: withAlternates,
      alternates,
      output,
      alternatesOutput: join(temporaryFolder(), 'further.csv'),
    });
    expect(result.sources.map(({ source, added }) => [source, added])).toEqual([
      ['library', 1],
      ['library alternates', 1],
      ['alternates file', 4],
    ]);
    expect(readFileSync(result.alternates.file, 'utf8')).toBe(
      'artist,name\r\n"Crosby, Stills & Nash",CSN\r\nIce-T,Body Count\r\nIce-T,Ice T\r\n',
    );
    expect(readFileSync(output, 'utf8').split('\n')).toContain('Nobody');
  });

  it('does not write both files under one name', async () => {
    const output = join(temporaryFolder(), 'artists.txt');
    await expect(enrich({ libraryDb: library, output, alternatesOutput: output })).rejects.toThrow(
      UsageError,
    );
  });

  it('trap 06: the literal NULL of a MySQL export is not a name', async () => {
    const alternates = file('names.csv', 'alternate_artist_name\nNULL\nNULL\nNull\n');
    expect(await outputOf({ libraryDb: undefined, alternates })).toEqual(['Null']);
  });

  it('writes nothing under the name of the list when it fails or is interrupted', async () => {
    const folder = temporaryFolder();
    const output = join(folder, 'artists.txt');
    await expect(
      enrich({ libraryDb: library, output }, { signal: AbortSignal.abort() }),
    ).rejects.toThrow(InterruptedError);
    await expect(
      enrich({ libraryDb: library, alternates: join(folder, 'none.csv'), output }),
    ).rejects.toThrow(BadInputError);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a call without any source', async () => {
    await expect(enrich({ output: join(temporaryFolder(), 'x') })).rejects.toThrow(UsageError);
  });

  it.each([
    [
      'a missing alternates file',
      () => join(temporaryFolder(), 'none.csv'),
      /none\.csv: no such file/,
    ],
    [
      'an export without a column of names',
      () => file('a.csv', 'id,label\n1,x\n'),
      /no column of artist names; found id, label/,
    ],
    [
      'an export that is not UTF-8',
      () => file('a.csv', Buffer.from('name\nBj\xf6rk\n', 'latin1')),
      /not UTF-8/,
    ],
  ])('refuses %s', async (_what, make, message) => {
    await expect(outputOf({ alternates: make() })).rejects.toThrow(message);
  });

  it.each([
    ['not a URL', 'catalogue', /not the URL of a MySQL database/],
    ['another kind of database', 'postgresql://u:secret@h/d', /not the URL of a MySQL database/],
    ['no database', 'mysql://u:secret@h', /names no database/],
    ['a broken escape', 'mysql://u:secret%zz@h/d', /%25/],
    ['an unknown parameter', 'mysql://u:secret@h/d?tls=1', /unknown parameter tls/],
  ])('refuses a catalogue URL: %s', async (_what, wxycDbUrl, message) => {
    const failure = await outputOf({ wxycDbUrl }).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain('secret');
  });
});

describe('wxyc-enrich', () => {
  it('writes the list and prints the closing table', async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await runBin(
      'wxyc-enrich',
      ['--library-db', library, '--output', 'artists.txt'],
      { cwd },
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/enrich +artists +11 +8 +3/),
    });
    expect(stderr).toContain('names collected (source=library, names=11, added=8)');
    expect(readFileSync(join(cwd, 'artists.txt'), 'utf8')).toMatch(/^311\nBjork\nBjörk\n/);
  });

  it.each([
    ['a library that is missing', () => join(temporaryFolder(), 'library.db'), 4, /no such file/],
    [
      'a library without an album',
      () => file('library.db', 'artist,title\n'),
      4,
      /CSV file, but no row with both an artist and a title \(0 rows read, 0 without\)/,
    ],
  ])('ends with exit 4 for %s', async (_what, make, code, message) => {
    const cwd = temporaryFolder();
    const result = await runBin(
      'wxyc-enrich',
      ['--library-db', make(), '--output', 'artists.txt'],
      { cwd },
    );
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(existsSync(join(cwd, 'artists.txt'))).toBe(false);
  });

  it('ends with exit 2 without its options', async () => {
    const { code, stderr } = await runBin('wxyc-enrich', ['--output', 'x']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('library-db') });
  });

  it('ends with exit 1, at once, when no server answers', async () => {
    const args = [
      '--library-db',
      library,
      '--output',
      'artists.txt',
      '--wxyc-db-url',
      'mysql://reader:s3cret@127.0.0.1:1/wxyc',
    ];
    const { code, stderr } = await runBin('wxyc-enrich', args, { cwd: temporaryFolder() });
    expect(code).toBe(1);
    expect(stderr).toMatch(/No MySQL server answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)/);
    expect(stderr).not.toContain('s3cret');
  });
});
