import {
  checkContract,
  createSchema,
  ensureIndexes,
  publish,
  publishedRunId,
  readStepMarks,
  setStepMarks,
} from '@wxyc/cache';
import { importCsv, type ImportOptions, type ImportResult } from '@wxyc/import';
import { openClient, withSql } from '@wxyc/postgres';
import { BadInputError, droppedTotal, StepError } from '@wxyc/step';
import { testDatabase, runBin, temporaryFolder, type TestDatabase } from '@wxyc/testing';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvFolder, headers, type Files } from './csv-folder.js';

const schema = 'discogs_next';
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await createSchema({ databaseUrl: database.url, schema });
});
afterAll(() => database.drop());

async function load(
  files: Files = {},
  options: Partial<ImportOptions> = {},
): Promise<ImportResult> {
  const result = await importCsv({
    csvDir: csvFolder(files),
    databaseUrl: database.url,
    schema,
    ...options,
  });
  for (const table of result.tables) expect(table.read).toBe(table.written + droppedTotal(table));
  expect(result.read).toBe(result.written + droppedTotal(result));
  return result;
}

/** All rows of a table as text, in order. */
async function rows(table: string, columns = '*'): Promise<string[]> {
  const found = await database.query<{ row: string }>(
    `SELECT (SELECT string_agg(coalesce(value, '∅'), '|' ORDER BY ordinality) FROM json_each_text(to_json(t)) WITH ORDINALITY) AS row FROM (SELECT ${columns} FROM ${schema}.${table}) t ORDER BY 1`,
  );
  return found.map(({ row }) => row);
}

const counts = (result: ImportResult, table: string) =>
  result.tables.find((candidate) => candidate.table === table)!;

describe('import', () => {
  it('loads a directory of discogs-xml2db CSVs', async () => {
    const result = await load();
    expect(await rows('release')).toEqual([
      '1|Stockholm|1999|Sweden|∅|10',
      "2|Knockin' Boots, Vol 2|1998|US|∅|∅",
    ]);
    expect(await rows('release_artist')).toEqual([
      '1|The Persuader|0',
      '2|An Engineer|1',
      '2|Mood II Swing|0',
    ]);
    expect(await rows('release_label')).toEqual(['1|Svek', '2|Groovilicious']);
    expect(await rows('release_track')).toEqual([
      '1|1|A|Östermalm|4:45',
      '2|2|A2|Say "yes" \\ no|∅',
    ]);
    expect(await rows('release_track_artist')).toEqual(['2|2|A Singer']);
    expect(
      await rows(
        'cache_metadata',
        'release_id, source, last_validated, cached_at IS NOT NULL AS at',
      ),
    ).toEqual(['1|bulk_import|∅|true', '2|bulk_import|∅|true']);
    expect(result).toMatchObject({
      step: 'import',
      read: 12,
      written: 10,
      dropped: { 'no title': 1, 'not a performer': 1 },
      artwork: 0,
      rejected: 0,
    });
    expect(result.note).toMatch(/no artwork URLs, as usual/);
  });

  it('keeps what the main credits say beyond their names: variations, artists with aliases, names credited twice', async () => {
    const csvDir = csvFolder({
      release_artist: [
        '1,5,The Persuader,0,Persuader,1,,,',
        '1,6,"Plain, Jane",0,,2,,,',
        '1,7,Same,0,Same,3,,,',
        '1,8,An Engineer,1,Eng.,4,,Engineer,',
        '2,9,Aliased,0,,1,,,',
        '2,10,Twice,0,,2,,,',
        '2,10,Twice,0,"The ""Twice""",3,,,',
        '99,5,Not Loaded,0,NL,1,,,',
      ],
    });
    writeFileSync(join(csvDir, 'library_aliases.csv'), 'artist_id,name\r\n9,Somebody Else\r\n');
    for (const mode of ['base', 'all'] as const) {
      await importCsv({ csvDir, databaseUrl: database.url, schema, mode });
      expect(await rows('release_credit')).toEqual([
        '1|The Persuader|Persuader|∅',
        '2|Aliased|∅|9',
        '2|Twice|The "Twice"|∅',
        '2|Twice|∅|∅',
      ]);
    }
    // Loaded again without them, they are gone; older folders lack these columns.
    await load({ release_artist: 'release_id,artist_name,extra\r\n1,A,0\r\n' });
    expect(await rows('release_credit')).toEqual([]);
  });

  it('is safe to run again, and replaces what was there', async () => {
    await load();
    const result = await load({
      release: ['7,Seven,,,,,,'],
      release_artist: ['7,1,X,0,,,,,', '1,1,Y,0,,,,,'],
    });
    expect(await rows('release')).toEqual(['7|Seven|∅|∅|∅|∅']);
    expect(await rows('release_artist')).toEqual(['7|X|0']);
    expect(await rows('cache_metadata', 'release_id')).toEqual(['7']);
    expect(counts(result, 'release_artist').dropped).toEqual({ 'release not loaded': 1 });
  });

  it('trap 05: a year begins with four digits other than 0000', async () => {
    const years: [released: string, year: number | null][] = [
      ['1999', 1999],
      ['1999-00-00', 1999],
      ['1999x', 1999],
      ['0000', null],
      ['0000-01', null],
      ['0001', 1],
      ['１９９９', null],
      ['199', null],
      [' 1999', null],
      ['?1999', null],
      ['9999-12', 9999],
    ];
    await load({ release: years.map(([released], at) => `${at + 1},T,${released},,,,,`) });
    const found = await database.query<{ year: number | null }>(
      `SELECT release_year AS year FROM ${schema}.release ORDER BY id`,
    );
    expect(years.map(([released], at) => [released, found[at]?.year])).toEqual(years);
  });

  it('trap 05: an artist who is main anywhere in the release is main, whatever comes first', async () => {
    const result = await load({
      release_artist: [
        '1,5,Both,1,,1,,Mixed By,',
        '1,5,Both,0,,1,,,',
        '1,5,Both,1,,2,,Design,',
        '1,6,Extra,2,,3,,,',
        '1,7,Blank,,,3,,,',
      ],
    });
    expect(await rows('release_artist')).toEqual(['1|Blank|0', '1|Both|0', '1|Extra|1']);
    expect(counts(result, 'release_artist').dropped).toEqual({ duplicate: 2 });
  });

  it('keeps the first row per key', async () => {
    const result = await load({
      release: ['1,First,2001,US,,,,', '1,Second,2002,DE,,,,', '2,,2001,,,,,', '2,Titled,,,,,,'],
      release_label: ['1,Svek,A', '1,Svek,B', '1,svek,C', '1,,D'],
      release_track: [
        '1,1,A,,One,1:00,1',
        '1,1,B,,Two,2:00,2',
        '1,01,C,,Three,,3',
        '1,,D,,Four,,4',
      ],
      release_track_artist: ['1,1,1,1,Ann,0,,,,,', '1,1,1,1,Ann,0,,,,,', '1,2,1,1,Ann,0,,,,,'],
    });
    expect(await rows('release', 'id, title')).toEqual(['1|First', '2|Titled']);
    expect(counts(result, 'release').dropped).toEqual({ 'duplicate id': 1, 'no title': 1 });
    expect(await rows('release_label')).toEqual(['1|Svek', '1|svek']);
    expect(counts(result, 'release_label').dropped).toEqual({ duplicate: 1, 'no label name': 1 });
    expect(await rows('release_track')).toEqual(['1|1|A|One|1:00']);
    expect(counts(result, 'release_track').dropped).toEqual({ duplicate: 2, 'no sequence': 1 });
    expect(await rows('release_track_artist')).toEqual(['1|1|Ann', '1|2|Ann']);
  });

  it('keeps the first row per key in files that are in no order', async () => {
    const result = await load({
      release: ['2,Two,,,,,,', '1,One,,,,,,', '3,Three,,,,,,', '2,Again,,,,,,'],
      release_artist: [
        '2,1,A,1,,,,,',
        '9,1,A,0,,,,,',
        '1,1,A,1,,,,,',
        '2,1,A,0,,,,,',
        '2,1,B,1,,,,,',
        '1,1,A,1,,,,,',
        '2,1,B,0,,,,,',
        '2,1,,0,,,,,',
        '3,1,C,0,,,,,',
      ],
      release_track: [
        '1,1,A,,One,,1',
        '2,1,A,,Two,,2',
        '1,2,B,,More,,3',
        '1,1,C,,Late,,4',
        '2,1,D,,Later,,5',
      ],
      release_track_artist: [
        '1,1,1,1,Ann,0,,,,,',
        '2,1,1,1,Bob,0,,,,,',
        '1,1,1,1,Ann,0,,,,,',
        '1,1,1,1,Cy,0,,,,,',
        '1,1,1,1,Eng,1,,,,,',
      ],
      release_label: ['1,L,x', '2,L,x', '1,L,x', '1,M,x'],
    });
    expect(await rows('release', 'id, title')).toEqual(['1|One', '2|Two', '3|Three']);
    expect(await rows('release_artist')).toEqual(['1|A|1', '2|A|0', '2|B|0', '3|C|0']);
    expect(counts(result, 'release_artist').dropped).toEqual({
      duplicate: 3,
      'release not loaded': 1,
      'no artist name': 1,
    });
    expect(await rows('release_track', 'release_id, sequence, title')).toEqual([
      '1|1|One',
      '1|2|More',
      '2|1|Two',
    ]);
    expect(await rows('release_track_artist')).toEqual(['1|1|Ann', '1|1|Cy', '2|1|Bob']);
    expect(counts(result, 'release_track_artist').dropped).toEqual({
      duplicate: 1,
      'not a performer': 1,
    });
    expect(await rows('release_label')).toEqual(['1|L', '1|M', '2|L']);
  });

  it('compares keys in a release with very many rows, cut into pieces', async () => {
    const many = Array.from({ length: 120_000 }, (_, index) => `1,1,Artist ${index},1,,,,,`);
    const result = await load({
      release: ['1,One,,,,,,', '2,Two,,,,,,'],
      release_artist: [
        ...many,
        '1,1,Artist 5,0,,,,,',
        ...many.slice(100_500, 100_600),
        '2,1,X,0,,,,,',
      ],
    });
    expect(counts(result, 'release_artist')).toMatchObject({
      read: 120_102,
      written: 120_001,
      dropped: { duplicate: 101 },
    });
    expect(
      await database.query(
        `SELECT artist_name FROM ${schema}.release_artist WHERE extra = 0 AND release_id = 1`,
      ),
    ).toEqual([{ artist_name: 'Artist 5' }]);
  });

  it('trap 07: engineers and remixers of a track are no performers', async () => {
    await load();
    expect(await rows('release_track_artist')).toEqual(['2|2|A Singer']);
  });

  it('trap 01: labels are found under either name of their column', async () => {
    for (const header of [
      'release_id,label_name,catno',
      'release_id,label,catno',
      'catno,label_name,release_id',
    ]) {
      const row = header.startsWith('catno') ? 'X1,Svek,1' : '1,Svek,X1';
      await load({ release_label: `${header}\n${row}\n` });
      expect(await rows('release_label')).toEqual(['1|Svek']);
    }
    await load({ release_label: 'release_id,label_id,label_name,catno\n1,5,Svek,X1\n' });
    expect(await rows('release_label')).toEqual(['1|Svek']);
    await expect(load({ release_label: 'release_id,labelname\n1,Svek\n' })).rejects.toThrow(
      /release_label\.csv has no column "label_name" or "label"; its columns are: release_id, labelname/,
    );
  });

  it('reads the layout of earlier converters', async () => {
    await load({
      release_track_artist: 'release_id,track_sequence,artist_name\n1,1,Ann\n',
      release_artist: 'release_id,artist_name,extra,join_field\n1,Ann,0,&\n',
      release_image:
        'release_id,type,uri\n1,secondary,https://img/2\n1,primary,\n1,primary,https://img/1\n2,secondary,https://img/3\n2,secondary,https://img/4\n2,primary,\n',
    });
    expect(await rows('release_track_artist')).toEqual(['1|1|Ann']);
    expect(await rows('release', 'id, title, release_year, artwork_url')).toEqual([
      '1|Stockholm|1999|https://img/1',
      "2|Knockin' Boots, Vol 2|1998|https://img/3",
    ]);
  });

  describe('trap 02: a missing or misspelt column is an error before anything is written', () => {
    const without = (
      file: keyof typeof headers,
      column: string,
      instead = `${column}x`,
    ): Files => ({
      [file]: `${headers[file].replace(new RegExp(`\\b${column}\\b`), instead)}\r\n`,
    });
    beforeAll(() => load());

    it.each([
      ['release', 'title'],
      ['release', 'country'],
      ['release', 'released'],
      ['release', 'master_id'],
      ['release_artist', 'extra'],
      ['release_artist', 'artist_name'],
      ['release_track', 'sequence'],
      ['release_track_artist', 'extra'],
      ['release_track_artist', 'track_sequence'],
    ] as const)('%s without %s', async (file, column) => {
      const before = await rows('release');
      const failure = load(without(file, column));
      await expect(failure).rejects.toThrow(BadInputError);
      await expect(failure).rejects.toThrow(
        new RegExp(`${file}\\.csv has no column "${column}".*${column}x`),
      );
      expect(before).toHaveLength(2);
      expect(await rows('release')).toEqual(before);
    });

    it.each(['release', 'release_artist', 'release_track', 'release_track_artist'] as const)(
      'no %s.csv',
      async (file) => {
        await expect(load({ [file]: null })).rejects.toThrow(
          new RegExp(`${file}\\.csv does not exist`),
        );
        await expect(load({ [file]: '' })).rejects.toThrow(new RegExp(`${file}\\.csv is empty`));
      },
    );

    it('the others are a warning', async () => {
      const warnings: string[] = [];
      const logger = {
        trace: () => {},
        debug: () => {},
        info: () => {},
        error: () => {},
        warn: (text: unknown) => void warnings.push(String(text)),
        child: () => logger,
      };
      await importCsv(
        {
          csvDir: csvFolder({ release_label: null, release_image: null }),
          databaseUrl: database.url,
          schema,
        },
        { logger },
      );
      expect(warnings).toEqual([
        expect.stringContaining('release_label.csv does not exist'),
        expect.stringContaining('release_image.csv does not exist'),
      ]);
      expect(await rows('release_label')).toEqual([]);
    });
  });

  it('zero releases are bad input', async () => {
    await expect(load({ release: [] })).rejects.toThrow(/holds no release that can be loaded/);
  });

  it('trap 06: NUL and invalid bytes are repaired and counted', async () => {
    const bytes = Buffer.from('release_id,artist_name,extra\n1,A?B?,0\n1,??,1\n');
    let n = 0;
    const replacements = [0x00, 0xff, 0x00, 0x00];
    for (let p = 0; p < bytes.length; p++) if (bytes[p] === 0x3f) bytes[p] = replacements[n++]!;
    const result = await load({ release_artist: bytes });
    expect(await rows('release_artist')).toEqual(['1|AB\uFFFD|0']);
    expect(counts(result, 'release_artist')).toMatchObject({
      nul: 3,
      invalidUtf8: 1,
      dropped: { 'no artist name': 1 },
    });
  });

  it('trap 17: a name that fits no b-tree is cut at a character and counted', async () => {
    const name = `${'x'.repeat(2599)}ü and more`;
    const result = await load({
      release_artist: [`1,1,${name},0,,,,,`, `1,1,${name}!,0,,,,,`],
      release_track_artist: [`1,1,1,1,${'ü'.repeat(1400)},0,,,,,`],
      release: [`1,${'long '.repeat(2000)},,,,,,`],
    });
    expect(
      await database.query(
        `SELECT octet_length(artist_name) AS bytes FROM ${schema}.release_artist UNION ALL SELECT octet_length(artist_name) FROM ${schema}.release_track_artist`,
      ),
    ).toEqual([{ bytes: 2599 }, { bytes: 2600 }]);
    expect(counts(result, 'release_artist')).toMatchObject({ cut: 2, dropped: { duplicate: 1 } });
    expect(await database.query(`SELECT length(title) AS length FROM ${schema}.release`)).toEqual([
      { length: 10_000 },
    ]);
  });

  it('every character survives', async () => {
    const title =
      'tab\there, "quotes", back\\slash, \\N, \\., new\r\nline, 日本語, 👩‍🎤, עברית, \u0001\u007f';
    await load({ release: [`1,"${title.replaceAll('"', '""')}",,,,,,`] });
    expect(await database.query(`SELECT title FROM ${schema}.release`)).toEqual([{ title }]);
  });

  it('keeps rows that cannot be loaded in rejects.csv, and loads the rest', async () => {
    const folder = csvFolder({
      release: [
        '1,One,,,,,,',
        'x,Bad id,,,,,,',
        '2,Short',
        '3,Big master,,,,,99999999999,',
        '99999999999,Big id,,,,,,',
        '4,"Four, ""4""",,,,,-5,',
      ],
      release_artist: ['1,1,A,0,,,,,', '1,1,B,many,,,,,', ',1,C,0,,,,,'],
    });
    const result = await importCsv({ csvDir: folder, databaseUrl: database.url, schema });
    expect(await rows('release', 'id')).toEqual(['1']);
    expect(result).toMatchObject({ rejected: 7, rejectsFile: join(folder, 'rejects.csv') });
    expect(result.read).toBe(result.written + droppedTotal(result));
    expect(readFileSync(result.rejectsFile, 'utf8').split('\r\n')).toEqual([
      'file,row,reason,record',
      `release.csv,0,header,"${headers.release}"`,
      'release.csv,2,id is not an integer up to 2147483647,"x,Bad id,,,,,,"',
      'release.csv,3,2 fields instead of 8,"2,Short"',
      'release.csv,4,master_id is not an integer up to 2147483647,"3,Big master,,,,,99999999999,"',
      'release.csv,5,id is not an integer up to 2147483647,"99999999999,Big id,,,,,,"',
      'release.csv,6,master_id is not an integer up to 2147483647,"4,""Four, """"4"""""",,,,,-5,"',
      `release_artist.csv,0,header,"${headers.release_artist}"`,
      'release_artist.csv,2,extra is not an integer up to 2147483647,"1,1,B,many,,,,,"',
      'release_artist.csv,3,release_id is empty,",1,C,0,,,,,"',
      '',
    ]);
    await importCsv({
      csvDir: csvFolder(),
      databaseUrl: database.url,
      schema,
      rejectsFile: result.rejectsFile,
    });
    expect(existsSync(result.rejectsFile)).toBe(false);
  });

  it('loads a corrected rejects.csv on top, even with keys and indexes, and keeps what is still wrong', async () => {
    const csvDir = csvFolder({
      release: ['1,One,,,,,,', 'x,"Two, corrected",1999,,,,,', 'y,Still bad,,,,,,'],
      release_artist: ['1,1,A,1,,,,,', '1,1,A,zero,,,,,', 'x,1,B,0,,,,,'],
      release_track: ['1,1,A,,One,,1', 'x,1,A,,Of two,,2'],
    });
    const { rejectsFile } = await importCsv({ csvDir, databaseUrl: database.url, schema });
    await ensureIndexes({ databaseUrl: database.url, schema });
    writeFileSync(
      rejectsFile,
      readFileSync(rejectsFile, 'utf8').replaceAll('"x,', '"2,').replace('A,zero', 'A,0'),
    );
    const again = await importCsv({ csvDir: rejectsFile, databaseUrl: database.url, schema });
    expect(await rows('release', 'id, title, release_year')).toEqual([
      '1|One|∅',
      '2|Two, corrected|1999',
    ]);
    expect(await rows('release_artist')).toEqual(['1|A|0', '2|B|0']);
    expect(await rows('release_track', 'release_id, title')).toEqual(['1|One', '2|Of two']);
    expect(await rows('cache_metadata', 'release_id, source')).toEqual([
      '1|bulk_import',
      '2|bulk_import',
    ]);
    expect(again).toMatchObject({
      read: 5,
      written: 3,
      dropped: { rejected: 1, duplicate: 1 },
      rejected: 1,
    });
    expect(readFileSync(rejectsFile, 'utf8')).toMatch(
      /release\.csv,0,header.*\r\nrelease\.csv,2,id is not an integer up to 2147483647,"y,Still bad,,,,,,"\r\n$/,
    );
    // With two rows and no statistics the planner would not use an index.
    await database.query(
      `ANALYZE ${schema}.release, ${schema}.release_artist, ${schema}.release_track`,
    );
    expect((await checkContract({ databaseUrl: database.url, schema })).differences).toEqual([]);
    await expect(
      importCsv({ csvDir: join(csvDir, 'release.csv'), databaseUrl: database.url, schema }),
    ).rejects.toThrow(BadInputError);
    await createSchema({ databaseUrl: database.url, schema, replace: true });
  });

  it('keeps the rejects of the base import when the tracks are loaded, and writes nothing twice', async () => {
    const folder = csvFolder({
      release: ['1,One,,,,,,', 'x,"Bad, id",,,,,,'],
      release_track: ['1,1,A,,One,,1', '1,y,A,,Two,,2'],
    });
    const import_ = (mode: 'base' | 'tracks') =>
      importCsv({ csvDir: folder, databaseUrl: database.url, schema, mode });
    await import_('base');
    await import_('tracks');
    await import_('tracks');
    expect(readFileSync(join(folder, 'rejects.csv'), 'utf8').split('\r\n')).toEqual([
      'file,row,reason,record',
      `release.csv,0,header,"${headers.release}"`,
      'release.csv,2,id is not an integer up to 2147483647,"x,""Bad, id"",,,,,,"',
      `release_track.csv,0,header,"${headers.release_track}"`,
      'release_track.csv,2,sequence is not an integer up to 2147483647,"1,y,A,,Two,,2"',
      '',
    ]);
  });

  it('loads tracks for the releases that are left, and counts them before', async () => {
    const files: Files = {
      release_track: [
        '1,1,A,,One,,1',
        '1,2,B,,Two,,2',
        '1,3,,,,,3',
        '2,1,A,,Other,,4',
        '1,4,,,Late,,5',
        '9,1,A,,None,,6',
      ],
    };
    const base = await load(files, { mode: 'base' });
    expect(base.tables.map(({ table }) => table)).toEqual([
      'release',
      'release_artist',
      'release_label',
    ]);
    expect(
      await database.query(
        `SELECT release_id, sum(track_count)::int AS n FROM ${schema}.release_track_count GROUP BY 1 ORDER BY 1`,
      ),
    ).toEqual([
      { release_id: 1, n: 3 },
      { release_id: 2, n: 1 },
    ]);
    expect(await rows('release_track')).toEqual([]);
    await database.query(`DELETE FROM ${schema}.release WHERE id = 2`);
    const tracks = await load(files, { mode: 'tracks' });
    expect(await rows('release_track', 'release_id, sequence')).toEqual(['1|1', '1|2', '1|4']);
    expect(counts(tracks, 'release_track').dropped).toEqual({
      'no title': 1,
      'release not loaded': 2,
    });
    await load(files, { mode: 'tracks' });
    expect(await rows('release_track', 'release_id, sequence')).toEqual(['1|1', '1|2', '1|4']);
  });

  it('takes the marks of the steps away that it undoes, and no others', async () => {
    const own = await testDatabase();
    await createSchema({ databaseUrl: own.url, schema, profile: 'full' });
    const marks = ['create_schema', 'import_csv', 'match', 'dedup', 'import_tracks', 'prune'];
    marks.push('import_artists', 'create_indexes', 'create_track_indexes', 'vacuum');
    for (const [mode, left] of [
      ['base', 1],
      ['tracks', 4],
      ['artists', 6],
      ['all', 1],
    ] as const) {
      await withSql(own.url, {}, (sql) => setStepMarks(sql, schema, 'a run', marks));
      await importCsv({ csvDir: csvFolder(), databaseUrl: own.url, schema, mode });
      const found = await withSql(own.url, {}, (sql) => readStepMarks(sql, schema, 'a run'));
      expect([...found].sort()).toEqual(marks.slice(0, left).sort());
    }
    // In public a table of that name is somebody else's.
    await own.query("CREATE TABLE build_step (step text); INSERT INTO build_step VALUES ('match')");
    await createSchema({ databaseUrl: own.url });
    await importCsv({ csvDir: csvFolder(), databaseUrl: own.url });
    expect(await own.query('SELECT step FROM build_step')).toEqual([{ step: 'match' }]);
    await own.drop();
  });

  it('needs the tables, and releases for tracks', async () => {
    await expect(load({}, { schema: 'nowhere' })).rejects.toThrow(
      /lacks the tables release, .*run wxyc-schema first with --schema nowhere/,
    );
    await createSchema({ databaseUrl: database.url, schema: 'empty_build' });
    await expect(load({}, { schema: 'empty_build', mode: 'tracks' })).rejects.toThrow(
      /holds no releases.*--base-only/,
    );
  });
});

describe('import by hand in public', () => {
  it('works while public holds no cache, repeatedly, and is refused when it does', async () => {
    const own = await testDatabase({ owner: 'plain', extensions: false });
    await createSchema({ databaseUrl: own.url });
    const options = { csvDir: csvFolder(), databaseUrl: own.url };
    await importCsv(options);
    await importCsv(options);
    await own.query(
      "INSERT INTO release (id, title) VALUES (99, 'Fetched'); INSERT INTO cache_metadata (release_id, source) VALUES (99, 'api_fetch')",
    );
    await expect(importCsv(options)).rejects.toThrow(StepError);
    await expect(importCsv(options)).rejects.toThrow(/public holds a cache.*--schema discogs_next/);
    await own.query(
      'DELETE FROM cache_metadata WHERE release_id = 99; DELETE FROM release WHERE id = 99; ALTER TABLE release DROP COLUMN master_id',
    );
    await expect(importCsv(options)).rejects.toThrow(/public holds a cache/);
    await own.query(
      'TRUNCATE release, release_artist, release_label, release_track, release_track_artist, cache_metadata',
    );
    await importCsv(options);
    await own.drop();
  });

  it('loads tracks and artists into a cache that is still being built, empty as some of its tables may be; not into one that was published or that consumers write to', async () => {
    const own = await testDatabase({ owner: 'plain', extensions: false });
    const options = { csvDir: csvFolder(), databaseUrl: own.url };
    const parts = ['tracks', 'artists'] as const;
    await createSchema({ databaseUrl: own.url, profile: 'full' });
    await importCsv({ ...options, mode: 'base' });
    for (const mode of [...parts, ...parts]) await importCsv({ ...options, mode });
    await own.query("INSERT INTO artist (id, name) VALUES (5, 'Fetched')");
    for (const mode of parts)
      await expect(importCsv({ ...options, mode })).rejects.toThrow(/public holds a cache/);
    await own.query('DELETE FROM artist');

    // Published without dumps of artists and masters, and without dedup.
    await createSchema({ databaseUrl: own.url, schema, profile: 'full' });
    await importCsv({ ...options, schema });
    await ensureIndexes({ databaseUrl: own.url, schema });
    await publish({ databaseUrl: own.url });
    for (const mode of [...parts, 'all'] as const)
      await expect(importCsv({ ...options, mode })).rejects.toThrow(/public holds a cache/);
    expect(await own.query('SELECT FROM release_track')).toHaveLength(2);

    // Emptied, it can be built by hand again; then no run has published it.
    await own.query('TRUNCATE release CASCADE');
    await importCsv({ ...options, mode: 'base' });
    expect(await publishedRunId(own.url)).toBeNull();
    for (const mode of parts) await importCsv({ ...options, mode });
    await own.drop();
  });
});

describe('a failing import', () => {
  it('leaves no release behind when one file breaks in the middle', async () => {
    await load();
    const broken = csvFolder({
      release_artist: `${headers.release_artist}\r\n${'1,1,A,0,,,,,\r\n'.repeat(5)}1,1,"never closed,0\r\n`,
    });
    await expect(importCsv({ csvDir: broken, databaseUrl: database.url, schema })).rejects.toThrow(
      /release_artist\.csv: a quoted field in row 6 .* is never closed/,
    );
    expect(await rows('release')).toEqual([]);
    await load();
    expect(await rows('release', 'id')).toEqual(['1', '2']);
  });

  it('ends the other loads as soon as one fails', async () => {
    // The load of the artists would wait for as long as this lock is held.
    const holder = await openClient(database.url);
    await holder.query(`SELECT pg_advisory_lock(77);
      CREATE FUNCTION ${schema}.waits() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_lock_shared(77); RETURN NEW; END';
      CREATE TRIGGER waits BEFORE INSERT ON ${schema}.release_artist FOR EACH ROW EXECUTE FUNCTION ${schema}.waits()`);
    try {
      await expect(
        load({ release_label: `${headers.release_label}\r\n1,"never closed\r\n` }),
      ).rejects.toThrow(/release_label\.csv: a quoted field/);
    } finally {
      await holder.query(`SELECT pg_advisory_unlock(77); DROP FUNCTION ${schema}.waits() CASCADE`);
      await holder.end();
    }
    await load();
  });

  it('trap 29: ends when the server ends its connections', async () => {
    const many = Array.from(
      { length: 400_000 },
      (_, index) => `1,1,Artist ${index % 90_000},1,,,,,`,
    );
    const csvDir = csvFolder({ release_artist: many });
    const loading = importCsv({ csvDir, databaseUrl: database.url, schema });
    const outcome = loading.then(
      () => 'loaded',
      (error: Error) => error.message,
    );
    const terminate = async (): Promise<void> => {
      for (;;) {
        const ended = await database.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'wxyc-import%' AND query LIKE 'COPY%release_artist%'",
        );
        if (ended.length) return;
      }
    };
    await terminate();
    expect(await outcome).toMatch(/Loading .*release_artist\.csv: the connection to .* was lost/);
    expect(await rows('release')).toEqual([]);
  });

  it('ends at once when it is interrupted, locks free', async () => {
    const abort = new AbortController();
    const csvDir = csvFolder({
      release_artist: Array.from({ length: 300_000 }, (_, index) => `1,1,Artist ${index},1,,,,,`),
    });
    const progress = {
      start: () => ({
        update: (bytes: number) => void (bytes > 1_000_000 && abort.abort()),
        end: () => undefined,
      }),
    };
    await expect(
      importCsv({ csvDir, databaseUrl: database.url, schema }, { signal: abort.signal, progress }),
    ).rejects.toMatchObject({ exitCode: 130 });
    expect((await load()).written).toBe(10);
  });

  it('the bin: exit codes, one sentence, the closing table', async () => {
    const url = database.url;
    const good = await runBin('wxyc-import', [csvFolder(), url, '--schema', schema]);
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toMatch(/import +rows +12 +10 +2/);
    expect(
      await runBin('wxyc-import', [join(temporaryFolder(), 'none'), url, '--schema', schema]),
    ).toMatchObject({ code: 4, stdout: '' });
    const both = await runBin('wxyc-import', [csvFolder(), url, '--base-only', '--tracks-only']);
    expect(both.code).toBe(2);
    const readOnly = await runBin('wxyc-import', [
      csvFolder({ release: ['1,A,,,,,,', 'x,B,,,,,,'] }),
      url,
      '--schema',
      schema,
      '--rejects',
      join(temporaryFolder(), 'mine.csv'),
    ]);
    expect(readOnly.stderr).toMatch(/1 rows could not be loaded; they are in .*mine\.csv/);
  });
});
