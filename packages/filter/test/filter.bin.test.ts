import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, type FilterOptions } from '@wxyc/filter';
import { InterruptedError } from '@wxyc/step';
import { libraryFile, runBin, temporaryFolder } from '@wxyc/testing';

const artistHeader = 'release_id,artist_id,artist_name,extra,anv,position,join_string,role,tracks';

interface Input {
  releases?: string[];
  artists: string[];
  names?: string;
  files?: Record<string, string>;
  /** Artist, title and perhaps master. */
  library?: (readonly [artist: string, title: string, master?: number])[];
}

/** Writes CSVs and library, and returns the options for the filter. */
function inputs({
  releases,
  artists,
  names = 'Nirvana\nStereolab\n',
  files = {},
  library,
}: Input): FilterOptions {
  const folder = temporaryFolder();
  const input = join(folder, 'in');
  mkdirSync(input);
  const ids = [...new Set(artists.map((row) => row.split(',')[0]!))];
  writeFileSync(
    join(input, 'release.csv'),
    ['id,title', ...(releases ?? ids.map((id) => `${id},Title ${id}`)), ''].join('\r\n'),
  );
  writeFileSync(join(input, 'release_artist.csv'), [artistHeader, ...artists, ''].join('\r\n'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(input, name), content);
  writeFileSync(join(folder, 'artists.txt'), names);
  const options: FilterOptions = {
    libraryArtists: join(folder, 'artists.txt'),
    input,
    output: join(folder, 'out'),
  };
  if (library) options.libraryDb = libraryFile(library, ['artist', 'title', 'master_id']);
  return options;
}
const kept = (options: FilterOptions): string[] =>
  readFileSync(join(options.output, 'release.csv'), 'utf8')
    .split('\r\n')
    .slice(1, -1)
    .map((row) => row.split(',')[0]!);
const row = (id: number, name: string, extra = 0, anv = ''): string =>
  `${id},1,${name},${extra},${anv},1,,,`;
/** Extra credits of 4 MB: more than the two megabytes that come with the first read of a file. */
const manyCredits = (id: number): string[] =>
  Array.from({ length: 4000 }, (_, index) => row(id, `${'Somebody '.repeat(120)}${index}`, 1));

describe('which releases stay', () => {
  test('by name or name variation, of main and extra credits', async () => {
    const options = inputs({
      artists: [
        row(1, 'Nirvana'),
        row(2, 'Someone'),
        row(2, 'Stereolab', 1),
        row(3, 'X', 0, 'Stereolab'),
        row(4, 'X', 1, 'stereolab'),
        row(5, 'Nirvanas'),
      ],
    });
    const result = await filter(options);
    expect(kept(options)).toEqual(['1', '2', '3', '4']);
    expect(result).toMatchObject({
      step: 'filter',
      unit: 'releases',
      read: 5,
      written: 4,
      dropped: { 'not in the library': 1 },
    });
  });

  test('trap 04: names that are spelt differently but have the same normal form', async () => {
    const options = inputs({
      names: 'Nirvana\nSimon & Garfunkel\nBj\u00f8rk\nThe Beatles\n',
      artists: [
        row(1, 'Nirvana (2)'),
        row(2, 'Simon And Garfunkel'),
        row(3, 'Bjork'),
        row(4, '"Beatles, The"'),
        row(5, 'NIRVANA'),
      ],
    });
    await filter(options);
    expect(kept(options)).toEqual(['1', '2', '3', '4', '5']);
  });

  test('trap 05: an extra row before the main one decides nothing', async () => {
    const options = inputs({
      artists: [row(1, 'Engineer', 1), row(1, 'Nirvana'), row(2, 'Nirvana', 1), row(2, 'Someone')],
      library: [['Nirvana', 'Title 1']],
    });
    const result = await filter({ ...options, matchedOnly: true });
    expect(kept(options)).toEqual(['1']);
    expect(result.decisions).toEqual({ keep: 1, review: 0, prune: 1 });
  });

  test('trap 11: compilations by title, with a library; only main credits make one', async () => {
    const artists = [
      row(1, 'Various'),
      row(2, 'Various'),
      row(3, 'Someone'),
      row(3, 'Various', 1),
      row(4, 'Nirvana'),
    ];
    const options = inputs({
      artists,
      releases: ['1,Trance Hits', '2,Other', '3,Trance Hits', '4,X'],
      library: [
        ['Various Artists', 'Trance Hits'],
        ['Nirvana', 'Y'],
      ],
    });
    await filter(options);
    expect(kept(options)).toEqual(['1', '4']);
  });

  test('rows are copied byte for byte, in all existing files, whatever their order and columns', async () => {
    const tracks = 'title,release_id\n"a\nb",1\nx,2\n\n"c, ""d""",1\n\xff,3';
    const options = inputs({ artists: [row(3, 'Stereolab'), row(1, 'Nirvana'), row(2, 'X')] });
    writeFileSync(join(options.input, 'release_track.csv'), tracks, 'latin1');
    writeFileSync(join(options.input, 'release_label.csv'), 'release_id,label\r\n2,x\r\n');
    const result = await filter(options);
    expect(readFileSync(join(options.output, 'release_track.csv'), 'latin1')).toBe(
      'title,release_id\n"a\nb",1\n"c, ""d""",1\n\xff,3',
    );
    expect(readFileSync(join(options.output, 'release_label.csv'), 'latin1')).toBe(
      'release_id,label\r\n',
    );
    expect(existsSync(join(options.output, 'release_genre.csv'))).toBe(false);
    expect(result.files).toMatchObject({
      release_track: { read: 4, written: 3 },
      release_label: { read: 1, written: 0 },
    });
  });
});

describe('matched only', () => {
  const library: [string, string][] = [
    ['Nirvana', 'Nevermind'],
    ['Stereolab', 'Dots And Loops'],
  ];

  test('drops what the library prunes and writes the decisions', async () => {
    const options = inputs({
      artists: [row(1, 'Nirvana'), row(2, 'Nirvana'), row(3, 'X'), row(4, 'Stereolab')],
      releases: ['1,Nevermind', '2,Something Else', '3,Nevermind', '4,"Dots\nAnd Loops"'],
      library,
    });
    const decisions = join(options.output, 'decisions.csv');
    const result = await filter({ ...options, matchedOnly: true, decisions });
    expect(kept({ ...options })).toEqual(['1', '4']);
    expect(result).toMatchObject({
      read: 4,
      written: 2,
      dropped: { 'not owned by the library': 2 },
      decisions: { keep: 2, review: 0, prune: 2 },
    });
    expect(
      readFileSync(decisions, 'utf8')
        .split('\r\n')
        .map((line) => line.split(',').slice(0, 4).join(',')),
    ).toEqual([
      'release_id,spelling,title,decision',
      '1,Nirvana,Nevermind,KEEP',
      '2,Nirvana,Something Else,PRUNE',
      '4,Stereolab,Dots And Loops,KEEP',
      '',
    ]);
  });

  test('the order of the rows changes nothing', async () => {
    const artists = [
      row(1, 'Nirvana'),
      row(2, 'Nirvana'),
      row(4, 'Stereolab'),
      row(5, 'Y'),
      row(5, 'Stereolab'),
      // Of no release.
      row(7, 'Stereolab'),
    ];
    const releases = ['1,Nevermind', '2,Something Else', '4,Dots And Loops', '5,Dots And Loops'];
    for (const [a, r] of [
      [artists, releases],
      [artists.toReversed(), releases],
      [artists, releases.toReversed()],
      [[artists[4]!, ...artists.slice(0, 4)], releases],
    ] as const) {
      const options = inputs({ artists: [...a], releases: [...r], library });
      const decisions = join(options.output, 'decisions.csv');
      const result = await filter({ ...options, matchedOnly: true, decisions });
      expect(result).toMatchObject({
        read: 4,
        written: 3,
        dropped: { 'not owned by the library': 1 },
        decisions: { keep: 3, review: 0, prune: 1 },
      });
      expect(kept(options).sort()).toEqual(['1', '4', '5']);
      // One row a release, in the order of release.csv, and nothing of a first attempt.
      expect(
        readFileSync(decisions, 'utf8')
          .split('\r\n')
          .slice(1, -1)
          .map((line) => line.split(',')[0]),
      ).toEqual(r.map((line) => line.split(',')[0]));
      expect(readdirSync(options.output).sort()).toEqual([
        'decisions.csv',
        'release.csv',
        'release_artist.csv',
      ]);
    }
  });

  test('in any order: joint credits, the first row of a file, ids that come twice', async () => {
    const options = inputs({
      artists: [
        row(9, 'Stereolab'),
        row(8, 'Simon'),
        row(8, 'Garfunkel'),
        row(7, 'Somebody'),
        row(6, 'Somebody'),
      ],
      releases: [
        '9,Dots And Loops',
        '8,Nothing Known',
        '7,Nothing Known',
        '6,Nothing Like It',
        '9,Dots And Loops',
        'x,Dots And Loops',
      ],
      library: [...library, ['Garfunkel / Simon', 'Bookends']],
    });
    const decisions = join(options.output, 'decisions.csv');
    const result = await filter({ ...options, matchedOnly: true, decisions });
    expect(kept(options)).toEqual(['9', '9']);
    expect(result.decisions).toEqual({ keep: 1, review: 0, prune: 3 });
    expect(
      readFileSync(decisions, 'utf8')
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',').slice(0, 4).join()),
    ).toEqual([
      '9,Stereolab,Dots And Loops,KEEP',
      // Both names together are a library artist, so near misses are reported.
      '8,Garfunkel / Simon,Nothing Known,PRUNE',
    ]);
  });

  test.each([
    ['the name variation', 'anv,artist_id,release_id,artist_name,extra', 'Nirvana,1,1,X,0'],
    ['the artist', 'artist_name,anv,release_id,artist_id,extra', 'Nirvana,,1,1,0'],
    // By another name that the artist's id leads to.
    ['its id', 'artist_id,anv,release_id,artist_name,extra', '7,,1,Who,0'],
  ])('%s may be in the first column', async (_, header, credit) => {
    const options = inputs({
      releases: ['1,Nevermind', '2,Nevermind'],
      artists: [],
      files: { 'release_artist.csv': `${header}\r\n${credit}\r\n` },
      library,
    });
    const aliases = join(options.output, '..', 'aliases.csv');
    writeFileSync(aliases, 'artist_id,name\n7,Nirvana\n');
    const { decisions } = await filter({ ...options, aliases, matchedOnly: true });
    // The other one matches by title only.
    expect(decisions).toEqual({ keep: 1, review: 1, prune: 0 });
    if (credit.startsWith('7')) return;
    const { libraryDb: _none, ...byName } = options;
    await filter(byName);
    expect(kept(options)).toEqual(['1']);
  });

  test('an album is owned by its master, whose column may be the first; an empty master matches nothing', async () => {
    const options = inputs({
      artists: [row(1, 'X'), row(2, 'Y'), row(3, 'Z')],
      files: { 'release.csv': 'master_id,id,title\r\n10,1,A\r\n,2,B\r\n0,3,C\r\n' },
      library: [...library, ['P', 'Q', 10], ['R', 'S', 1]],
    });
    await filter({ ...options, matchedOnly: true });
    expect(readFileSync(join(options.output, 'release.csv'), 'utf8')).toBe(
      'master_id,id,title\r\n10,1,A\r\n',
    );
  });

  test('an output must differ from inputs and other outputs', async () => {
    const options = inputs({ artists: [row(1, 'Nirvana')], library });
    for (const file of [options.libraryArtists, String(options.libraryDb)]) {
      const before = readFileSync(file);
      await expect(filter({ ...options, coverage: file })).rejects.toMatchObject({ exitCode: 2 });
      expect(readFileSync(file)).toEqual(before);
    }
    const both = join(options.output, 'both.csv');
    await expect(
      filter({ ...options, matchedOnly: true, decisions: both, coverage: both }),
    ).rejects.toMatchObject({ exitCode: 2 });
    expect(existsSync(options.output)).toBe(false);
  });

  test('a list of one artist will do', async () => {
    const options = inputs({ artists: [row(1, 'Nirvana'), row(2, 'X')], names: 'Nirvana\n' });
    await filter(options);
    expect(kept(options)).toEqual(['1']);
  });

  test('albums are looked for among what stays for its artist, too', async () => {
    const options = inputs({
      artists: [row(1, 'Nirvana'), row(2, 'Stereolab'), row(3, 'X')],
      releases: ['1,Nevermind', '2,Something Else', '3,Else'],
      library,
    });
    const coverage = join(options.output, 'coverage.csv');
    const result = await filter({ ...options, coverage });
    expect(kept(options)).toEqual(['1', '2']);
    expect(result.coverage).toMatchObject({ found: 1, missing: 1 });
    expect(readFileSync(coverage, 'utf8')).toContain('Nevermind');
  });

  test('credits without a release are dropped: there is no title to decide by', async () => {
    const artists = [row(1, 'Nirvana'), row(2, 'Nirvana'), row(3, 'X'), row(7, 'Stereolab')];
    for (const matchedOnly of [false, true]) {
      const options = inputs({ artists, releases: ['1,Nevermind', '3,Y'], library });
      const result = await filter({ ...options, matchedOnly });
      expect(result).toMatchObject({ read: 2, written: 1 });
      expect(result.files).toMatchObject({ release_artist: { read: 4, written: 1 } });
    }
  });

  test('names and titles are decided as the database will hold them', async () => {
    const options = inputs({
      artists: [row(1, 'Stereolab'), row(2, '" Stereolab\n"')],
      releases: ['1,"Dots\r\nAnd Lo\0ops "', '2,Dots And Loops'],
      library,
    });
    const decisions = join(options.output, 'decisions.csv');
    await filter({ ...options, matchedOnly: true, decisions });
    expect(readFileSync(decisions, 'utf8').split('\r\n').slice(1, -1)).toEqual([
      '1,Stereolab,Dots And Loops,KEEP,2,Stereolab,Dots And Loops,1,1,1,3 same artist',
      '2,Stereolab,Dots And Loops,KEEP,2,Stereolab,Dots And Loops,1,1,1,3 same artist',
    ]);
  });

  test('credits that span several reads of the file are one release', async () => {
    const extra = manyCredits(1);
    const options = inputs({
      releases: ['1,Nevermind', '2,Nevermind'],
      artists: [...extra, row(1, 'Nirvana'), row(2, 'Nobody')],
      library: [['Nirvana', 'Nevermind']],
    });
    // Without its main credit, the title alone would leave it in doubt.
    const { decisions } = await filter({ ...options, matchedOnly: true });
    expect({ kept: kept(options), decisions }).toEqual({
      kept: ['1'],
      decisions: { keep: 1, review: 0, prune: 1 },
    });
  });

  test('rows in any order are brought together over the whole file', async () => {
    const others = manyCredits(2);
    const options = inputs({
      releases: ['1,Nevermind', '2,Something Else'],
      artists: [...others, row(1, 'Nirvana')],
      library: [['Nirvana', 'Nevermind']],
    });
    const { decisions } = await filter({ ...options, matchedOnly: true });
    expect({ kept: kept(options), decisions }).toEqual({
      kept: ['1'],
      decisions: { keep: 1, review: 0, prune: 1 },
    });
  });

  test('files need no column for masters and name variations', async () => {
    const options = inputs({
      releases: ['1,Nevermind', '2,Something Else'],
      artists: [],
      files: {
        'release_artist.csv': 'release_id,artist_name,extra\r\n1,Nirvana,0\r\n2,Nobody,0\r\n',
      },
      library: [
        ['Nirvana', 'Nevermind'],
        // If every release belonged to master 1, this row would own them all.
        ['A', 'B', 1],
      ],
    });
    await filter({ ...options, matchedOnly: true });
    expect(kept(options)).toEqual(['1']);
  });

  test('an unknown option is refused by name', async () => {
    const options = { ...inputs({ artists: [row(1, 'Nirvana')] }), matchOnly: true };
    await expect(filter(options)).rejects.toThrow(/matchOnly/);
  });

  test('more releases than are decided at once come back in their order', async () => {
    const ids = Array.from({ length: 12_345 }, (_, at) => at + 1);
    const options = inputs({
      artists: ids.map((id) => row(id, 'Nirvana')),
      releases: ids.map((id) => `${id},${id % 3 === 0 ? 'Nevermind' : `Other ${id}`}`),
      library,
    });
    const decisions = join(options.output, 'decisions.csv');
    const result = await filter({ ...options, matchedOnly: true, decisions });
    expect(result.decisions).toEqual({ keep: 4115, review: 0, prune: 8230 });
    expect(kept(options)).toEqual(ids.filter((id) => id % 3 === 0).map(String));
    expect(
      readFileSync(decisions, 'utf8')
        .split('\r\n')
        .slice(1, -1)
        .map((line) => Number(line.split(',')[0])),
    ).toEqual(ids);
  });

  test('an interrupt ends it and leaves nothing', async () => {
    const options = inputs({ artists: [row(1, 'Nirvana')], releases: ['1,Nevermind'], library });
    const abort = new AbortController();
    const progress = {
      start: () => {
        abort.abort();
        return { update: () => undefined, end: () => undefined };
      },
    };
    const call = filter(
      { ...options, matchedOnly: true, decisions: join(options.output, 'decisions.csv') },
      { signal: abort.signal, progress },
    );
    await expect(call).rejects.toThrow(InterruptedError);
    expect(readdirSync(options.output)).toEqual([]);
  });

  test('needs --library-db; --decisions needs it', async () => {
    const options = inputs({ artists: [row(1, 'Nirvana')] });
    await expect(filter({ ...options, matchedOnly: true })).rejects.toMatchObject({ exitCode: 2 });
    await expect(filter({ ...options, decisions: 'x.csv' })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('a missing column is found before anything is written', async () => {
    const options = inputs({
      artists: [row(1, 'Nirvana')],
      library,
      files: { 'release.csv': 'id,name\r\n1,X\r\n' },
    });
    await expect(
      filter({ ...options, matchedOnly: true, decisions: join(options.output, 'decisions.csv') }),
    ).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining('no column "title"') });
    expect(readdirSync(options.output)).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    ['no match', { artists: [row(1, 'X')] }, /None of the 1 releases/],
    ['no artist in the file', { artists: [row(1, 'X')], names: '\n' }, /artists\.txt/],
    [
      'a missing column',
      { artists: [], files: { 'release_artist.csv': 'release_id,name,extra\r\n1,X,0\r\n' } },
      /release_artist\.csv has no column "artist_name"; its columns are: release_id, name, extra/,
    ],
    [
      'trap 02: a misspelt extra',
      { artists: [], files: { 'release_artist.csv': 'release_id,artist_name,extr\r\n1,X,0\r\n' } },
      /no column "extra"/,
    ],
  ])('%s is exit 4', async (_, input, message) => {
    await expect(filter(inputs(input))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(message),
    });
  });

  test('a missing required file is exit 4', async () => {
    const options = inputs({ artists: [row(1, 'Nirvana')] });
    await expect(filter({ ...options, input: options.output })).rejects.toMatchObject({
      exitCode: 2,
    });
    await expect(filter({ ...options, input: `${options.input}x` })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/release\.csv does not exist/),
    });
  });
});

test('the bin filters, prints the table and leaves no lock or partial file', async () => {
  const options = inputs({ artists: [row(1, 'Nirvana'), row(2, 'X')] });
  const { code, stdout } = await runBin('wxyc-filter', [
    options.libraryArtists,
    options.input,
    options.output,
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/filter +releases +2 +1 +1/);
  expect(kept(options)).toEqual(['1']);
  expect(existsSync(join(options.output, '.wxyc-output.lock'))).toBe(false);
  expect(
    (await runBin('wxyc-filter', [options.libraryArtists, 'nowhere', options.output])).code,
  ).toBe(4);
  expect((await runBin('wxyc-filter', [options.libraryArtists])).code).toBe(2);
});
