/** Converting with a library: aliases from an artists dump, and which of its albums are found. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectAliases, collectLabels, convert } from '@wxyc/convert';
import { LibraryIndex } from '@wxyc/matching';
import { BadInputError, UsageError } from '@wxyc/step';
import { libraryFile, runBin, temporaryFolder } from '@wxyc/testing';
import Database from 'better-sqlite3';

const albums = [
  { artist: 'Polygon Window', title: 'Surfing On Sine Waves' },
  { artist: 'Crosby & Nash', title: 'Wind On The Water' },
  { artist: 'Aphex Twin', title: 'Syro' },
  { artist: 'Stereolab', title: 'Mars Audiac Quintet' },
];

const artistsXml = `<artists>
<artist><id>45</id><name>Aphex Twin</name><profile>See &lt;name&gt;.</profile><namevariations><name>AFX</name><name>Aphex Twin, The</name></namevariations>
<aliases><name id="803581">Polygon Window</name><name id="9">Blue Calx</name></aliases><groups><name id="10">Stereolab</name></groups></artist>
<artist><id>7</id><name>D. Crosby + G. Nash</name><namevariations><name>Crosby &amp; Nash</name><name/></namevariations></artist>
<artist><id>8</id><!-- odd --><name>Groop (2)</name><namevariations><name><![CDATA[Stereolab]]></name></namevariations></artist>
<artist><id>11</id><name>Nobody</name><members><id>12</id><name id="12">Aphex Twin</name></members></artist>
<artist><id>13</id><name>Stereolab</name><namevariations><name>StereoLab</name><name>Stereo Lab, The</name></namevariations></artist>
</artists>`;

const release = (id: number, artist: string, artistId: number, title: string): string =>
  `<release id="${id}" status="Accepted"><artists><artist><id>${artistId}</id><name>${artist}</name><anv></anv><join></join><role></role><tracks></tracks></artist></artists><title>${title}</title></release>`;
const releasesXml = `<releases>${[
  release(1, 'Aphex Twin', 45, 'Surfing On Sine Waves'),
  release(2, 'Blue Calx', 9, 'Syro'),
  release(3, 'Blue Calx', 9, 'Something Else'),
  release(4, 'Groop (2)', 8, 'Mars Audiac Quintet'),
  release(5, 'D. Crosby + G. Nash', 7, 'Wind On The Water'),
  release(6, 'Stereolab', 13, 'Mars Audiac Quartet'),
].join('\n')}</releases>`;

function dumps(): { folder: string; library: string; output: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'artists.xml'), artistsXml);
  writeFileSync(join(folder, 'releases.xml'), releasesXml);
  const library = libraryFile(
    albums.map(({ artist, title }) => [artist, title]),
    ['artist', 'title'],
    join(folder, 'library.db'),
  );
  return { folder, library, output: join(folder, 'csv') };
}

test('names with newlines, or white space at their ends, are decided as the cache has them, whichever reader', async () => {
  const { folder, library, output } = dumps();
  const database = new Database(library);
  for (const row of [
    ['Various', 'Songs Of The Coast'],
    ['Marlow / Heron / Night Ferries', 'Kettles'],
    ['Bog', 'Solo Flights'],
  ])
    database.prepare('INSERT INTO library VALUES (?, ?)').run(...row);
  database.close();
  const credited = (id: number, credits: [name: string, printed?: string][], title: string) =>
    `<release id="${id}" status="Accepted"><artists>${credits
      .map(
        ([name, printed = '']) =>
          `<artist><id>5</id><name>${name}</name><anv>${printed}</anv><join></join><role></role><tracks></tracks></artist>`,
      )
      .join('')}</artists><title>${title}</title></release>`;
  const spaces = [' ', '&#32;', '\u00a0', '\u3000'];
  writeFileSync(
    join(folder, 'releases.xml'),
    `<releases>${[
      credited(1, [['Various\nArtists']], 'Songs Of The Coast'),
      credited(2, [['Various&#10;Artists']], 'Songs Of The Coast'),
      ...spaces.map((space, at) => credited(10 + at, [[space], ['Bog']], 'Solo Flights')),
      ...spaces.map((space, at) =>
        credited(20 + at, [['Marlow', space], ['Bar', 'Heron'], ['Night Ferries']], 'Kettle'),
      ),
      ...spaces.map((space, at) => credited(30 + at, [[`Bog${space}`]], 'Solo Flight')),
    ].join('\n')}</releases>`,
  );
  const kept = async (reader: 'fast' | 'strict'): Promise<[number, string[]]> => {
    const { keep } = (
      await convert({
        inputs: [join(folder, 'releases.xml')],
        output: `${output}-${reader}`,
        libraryDb: library,
        matchedOnly: true,
        ...{ reader },
      })
    ).decisions!;
    const rows = readFileSync(join(`${output}-${reader}`, 'release.csv'), 'utf8').split('\r\n');
    return [keep, rows.slice(1, -1).map((row) => row.slice(0, row.indexOf(',')))];
  };
  const strict = await kept('strict');
  expect(strict[1]).toEqual(expect.arrayContaining(['1', '2', '10', '13', '20', '23', '30']));
  expect(await kept('fast')).toEqual(strict);
});

test('a release is owned by its master however that is spelt, whichever reader', async () => {
  const { folder, library, output } = dumps();
  const database = new Database(library);
  database.exec(
    "ALTER TABLE library ADD master_id INT; UPDATE library SET master_id = 7 WHERE artist = 'Aphex Twin'",
  );
  database.close();
  const masters = [
    '<master_id is_main_release="true">7</master_id>',
    "<master_id is_main_release='true'>7</master_id>",
    '<master_id> 7 </master_id>',
    '<master_id>&#55;</master_id>',
    '<master_id>1</master_id><master_id>7</master_id>',
    '<master_id>1</master_id><master_id >7</master_id>',
    '<master_id>7</master_id><master_id>1</master_id>',
    '<master_id/>',
    '',
  ];
  writeFileSync(
    join(folder, 'releases.xml'),
    `<releases>${masters
      .map((master, at) =>
        release(at + 1, 'Nobody', 5, 'Nothing').replace('</release>', `${master}</release>`),
      )
      .join('\n')}</releases>`,
  );
  for (const reader of ['strict', 'fast'] as const) {
    await convert({
      inputs: [join(folder, 'releases.xml')],
      output,
      libraryDb: library,
      matchedOnly: true,
      ...{ reader },
    });
    const rows = readFileSync(join(output, 'release.csv'), 'utf8').split('\r\n').slice(1, -1);
    expect([reader, ...rows.map((row) => row.slice(0, row.indexOf(',')))]).toEqual([
      reader,
      ...['1', '2', '3', '4', '5', '6'],
    ]);
  }
});

describe('labels', () => {
  const label = (id: number, name: string, more = ''): string =>
    `<label><images><image type="primary" uri="" uri150="" width="1" height="2"/></images><id>${id}</id><name>${name}</name><profile>Of &lt;sublabels&gt;.</profile>${more}</label>`;
  const xml = `<labels>
${label(1, 'Onderland', '<sublabels><label id="2">Onderland Classics</label><label id="3">Tide &amp; Time (2)</label></sublabels>')}
${label(2, 'Onderland Classics', '<parentLabel id="1">Onderland</parentLabel>')}
${label(4, 'Pax Recordings', '<!-- odd --><parentLabel id="5"><![CDATA[Pax Group]]></parentLabel>')}
${label(6, 'Elsewhere', '<parentLabel id="7">Nowhere</parentLabel>')}
${label(8, 'Broken', '<parentLabel id="1">Onderland</oops>')}
${label(9, 'Alone')}
</labels>`;

  test('are those that the library names, with their parents and sublabels', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'labels.xml'), xml);
    const output = join(folder, 'labels.csv');
    const result = await collectLabels(
      join(folder, 'labels.xml'),
      ['ONDERLAND Records', 'Pax Ltd', 'Alone'],
      output,
    );
    expect(result).toEqual({ file: output, read: 6, pairs: 3 });
    expect(readFileSync(output, 'utf8')).toBe(
      'name,parent_name\r\nOnderland Classics,Onderland\r\nPax Recordings,Pax Group\r\nTide & Time (2),Onderland\r\n',
    );
    // The whole list, which convert writes, says the same and more.
    await convert({ inputs: [join(folder, 'labels.xml')], output: folder, maxRejects: 50 });
    expect(readFileSync(join(folder, 'label.csv'), 'utf8')).toContain(
      '4,Pax Recordings,,Of <sublabels>.,Pax Group,',
    );
  });

  test('another dump, or half of one, is refused', async () => {
    const { folder } = dumps();
    await expect(
      collectLabels(join(folder, 'artists.xml'), ['A'], join(folder, 'l.csv')),
    ).rejects.toThrow(/artists\.xml is an artists dump; give a labels dump/);
    writeFileSync(join(folder, 'half.xml'), xml.slice(0, 400));
    await expect(
      collectLabels(join(folder, 'half.xml'), ['A'], join(folder, 'l.csv')),
    ).rejects.toThrow(BadInputError);
  });
});

describe('aliases', () => {
  test('keeps names of the library that artists also bear, by artist id, in both directions', async () => {
    const { folder } = dumps();
    const output = join(folder, 'aliases.csv');
    expect(
      await collectAliases(join(folder, 'artists.xml'), new LibraryIndex(albums), output),
    ).toEqual({ file: output, read: 5, artists: 5, names: 5 });
    expect(readFileSync(output, 'utf8').trimEnd().split('\r\n')).toEqual([
      'artist_id,name',
      '7,Crosby & Nash',
      '8,Stereolab',
      '9,Aphex Twin',
      '45,Polygon Window',
      '803581,Aphex Twin',
    ]);
  });

  test('an artists dump beside the releases finds albums under other names, with an equal title alone', async () => {
    const { folder, library, output } = dumps();
    const without = await convert({
      inputs: [join(folder, 'releases.xml')],
      output,
      libraryDb: library,
      matchedOnly: true,
    });
    expect(without.decisions!.keep).toBeLessThan(4);
    const decisions = join(folder, 'decisions.csv');
    const result = await convert({
      inputs: [join(folder, 'artists.xml'), join(folder, 'releases.xml')],
      output,
      libraryDb: library,
      matchedOnly: true,
      decisions,
    });
    expect(result.aliases).toMatchObject({ read: 5, artists: 5 });
    expect(result.decisions).toEqual({ keep: 4, review: 1, prune: 1 });
    expect(readFileSync(join(output, 'library_aliases.csv'), 'utf8')).toContain(
      '45,Polygon Window',
    );
    expect(readFileSync(decisions, 'utf8')).toMatch(/\n1,Polygon Window,.*alias of the artist/);
  });

  test('the file can be given instead of the dump', async () => {
    const { folder, library, output } = dumps();
    const aliases = join(folder, 'aliases.csv');
    await collectAliases(join(folder, 'artists.xml'), new LibraryIndex(albums), aliases);
    const { decisions } = await convert({
      inputs: [join(folder, 'releases.xml')],
      output,
      libraryDb: library,
      matchedOnly: true,
      aliases,
    });
    expect(decisions).toEqual({ keep: 4, review: 1, prune: 1 });
  });

  test('the file of an earlier run can be given beside the dump, into the same directory', async () => {
    const { folder, library, output } = dumps();
    const inputs = [join(folder, 'artists.xml'), join(folder, 'releases.xml')];
    await convert({ inputs, output, libraryDb: library });
    const aliases = join(output, 'library_aliases.csv');
    const found = readFileSync(aliases, 'utf8');
    const again = await convert({ inputs, output, libraryDb: library, matchedOnly: true, aliases });
    expect(again.decisions).toEqual({ keep: 4, review: 1, prune: 1 });
    expect(readFileSync(aliases, 'utf8')).toBe(found);
  });

  test('are sorted by code point', async () => {
    const { folder } = dumps();
    const [first, last] = ['\uFA0E', '\u{20000}'];
    writeFileSync(
      join(folder, 'artists.xml'),
      `<artists><artist><id>1</id><name>N</name><namevariations><name>${last}</name><name>${first}</name></namevariations></artist></artists>`,
    );
    const index = new LibraryIndex([first, last].map((artist) => ({ artist, title: 'T' })));
    await collectAliases(join(folder, 'artists.xml'), index, join(folder, 'a.csv'));
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe(
      `artist_id,name\r\n1,${first}\r\n1,${last}\r\n`,
    );
  });

  test('refuses a dump of another kind, and one that is cut off', async () => {
    const { folder } = dumps();
    const index = new LibraryIndex(albums);
    await expect(
      collectAliases(join(folder, 'releases.xml'), index, join(folder, 'a.csv')),
    ).rejects.toThrow(/releases dump; give an artists dump/);
    writeFileSync(join(folder, 'cut.xml'), artistsXml.slice(0, 400));
    await expect(
      collectAliases(join(folder, 'cut.xml'), index, join(folder, 'a.csv')),
    ).rejects.toThrow(BadInputError);
  });
});

describe('coverage', () => {
  const lines = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\r\n');

  test('says for every album which releases match it, and what the nearest one lacks', async () => {
    const { folder, library } = dumps();
    const cwd = folder;
    const { code, stderr } = await runBin(
      'wxyc-convert',
      [
        'releases.xml',
        '--output',
        'csv',
        '--library-db',
        library,
        '--matched-only',
        '--coverage',
        'coverage.csv',
      ],
      { cwd },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(lines(join(folder, 'coverage.csv'))).toEqual([
      'library_row,artist,title,status,release_ids,nearest_release,nearest_artist,nearest_title,score,missing',
      expect.stringMatching(
        /^1,Polygon Window,Surfing On Sine Waves,missing,,1,Aphex Twin,Surfing On Sine Waves,0\.\d+,artist$/,
      ),
      expect.stringMatching(/^2,Crosby & Nash,Wind On The Water,found,5,/),
      expect.stringMatching(/^3,Aphex Twin,Syro,missing,,/),
      expect.stringMatching(
        /^4,Stereolab,Mars Audiac Quintet,in doubt,6,6,Stereolab,Mars Audiac Quartet,0\.8\d*,title$/,
      ),
    ]);
  });

  test('is the same whichever reader, number of threads and way of selecting', async () => {
    const { folder, library } = dumps();
    const base = {
      inputs: [join(folder, 'artists.xml'), join(folder, 'releases.xml')],
      libraryDb: library,
    };
    const files: string[][] = [];
    for (const [at, more] of [
      { matchedOnly: true },
      { matchedOnly: false },
      { matchedOnly: true, reader: 'strict' as const },
      { matchedOnly: true, jobs: 3 },
    ].entries()) {
      const coverage = join(folder, `coverage${at}.csv`);
      const result = await convert({
        ...base,
        ...more,
        output: join(folder, `csv${at}`),
        coverage,
      });
      expect(result.coverage).toMatchObject({
        size: { albums: 4, leftOut: 0 },
        found: 4,
        inDoubt: 0,
        missing: 0,
      });
      files.push(lines(coverage));
    }
    for (const file of files) expect(file).toEqual(files[0]);
  });

  test('names the mappings that matched no release', async () => {
    const { folder, library, output } = dumps();
    const mappingsFile = join(folder, 'mappings.json');
    writeFileSync(
      mappingsFile,
      JSON.stringify({
        keep: { 'Groop (2)': 'Stereolab', 'Not In The Dump': null },
        prune: { Nobody: null },
      }),
    );
    const base = {
      inputs: [join(folder, 'releases.xml')],
      output,
      libraryDb: library,
      mappingsFile,
    };
    for (const more of [{ matchedOnly: true, jobs: 2 }, { coverage: true }]) {
      expect((await convert({ ...base, ...more })).unmetMappings).toEqual([
        'nobody',
        'not in the dump',
      ]);
    }
  });

  test('needs a library', async () => {
    const { folder, output } = dumps();
    await expect(
      convert({ inputs: [join(folder, 'releases.xml')], output, coverage: 'c.csv' }),
    ).rejects.toThrow(UsageError);
  });
});

describe('mappings', () => {
  test('that matched no release are reported, whichever thread read it', async () => {
    const { folder, library, output } = dumps();
    const mappingsFile = join(folder, 'mappings.json');
    writeFileSync(
      mappingsFile,
      JSON.stringify({
        keep: { 'Blue Calx': null, Beatles: null },
        prune: { 'Groop (2)': null, Groop: null },
      }),
    );
    for (const jobs of [1, 2]) {
      const { unmetMappings, decisions } = await convert({
        inputs: [join(folder, 'releases.xml')],
        output,
        libraryDb: library,
        mappingsFile,
        matchedOnly: true,
        jobs,
      });
      expect(unmetMappings).toEqual(['beatles', 'groop']);
      expect(decisions?.keep).toBeGreaterThanOrEqual(2);
    }
  });
});
