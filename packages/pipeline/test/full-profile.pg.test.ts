/** The full profile from end to end: a cache built from dumps of both generations holds what they say, and consumers find it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { checkContract } from '@wxyc/cache';
import { releaseTablesOf, tablesOf } from '@wxyc/dataset';
import { runBin, startBin, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { consumerStatements } from '../../cache/dist/consumers.js';
import { all, attribute, id, own, readDump, text, type Node } from './dump-reader.ts';

jest.setTimeout(240_000);

const fixtures = new URL('../../convert/test/fixtures/', import.meta.url);

type Rows = (string | number | boolean | null | string[])[][];
const sorted = (rows: Rows): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Every artist of a release's credits, its tracks included. */
const credits = (node: Node): Node[] => [
  ...all(node, 'artists', 'artist'),
  ...all(node, 'extraartists', 'artist'),
];
const tracksOf = (nodes: Node[]): Node[] =>
  nodes.flatMap((track) => [track, ...tracksOf(all(track, 'sub_tracks', 'track'))]);
const allCredits = (release: Node): Node[] => [
  ...credits(release),
  ...tracksOf(all(release, 'tracklist', 'track')).flatMap(credits),
];

const escapeXml = (value: string): string =>
  value.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Dumps of artists and masters as Discogs writes them: nearly all that the releases name, and others before, between and after them. */
function furtherDumps(releases: Node[], isOld: boolean): { artists: string; masters: string } {
  const artists = new Map<number, string>();
  const masters = new Set<number>();
  for (const release of releases) {
    for (const credit of allCredits(release)) {
      const number = id(text(credit, 'id'));
      if (number !== null && number % 11 !== 0) artists.set(number, text(credit, 'name')!);
    }
    const master = id(text(release, 'master_id'));
    if (master !== null) masters.add(master);
  }
  for (const stranger of [3, 4_000_003, 98_000_001])
    if (!artists.has(stranger)) artists.set(stranger, `Stranger ${stranger}`);
  const member = (number: number): string =>
    `${isOld ? `<id>${number + 1}</id>` : ''}<name id="${number + 1}">Member of ${number}</name>`;
  const artist = ([number, name]: [number, string]): string =>
    `<artist>${isOld ? '<images><image height="6" type="primary" uri="" uri150="" width="6"/></images>' : ''}<id>${number}</id><name>${escapeXml(name)}</name>` +
    `${number % 2 ? `<profile>Born &amp; bred\nin ${number}</profile>` : isOld ? '<profile/>' : ''}<data_quality>Correct</data_quality>` +
    `<urls><url>https://example.org/${number}</url>${isOld ? '<url/>' : ''}</urls><namevariations><name>${escapeXml(name)}!</name><name>Variation, ${number}</name></namevariations>` +
    `${number % 3 === 0 ? `<aliases><name id="${number + 5}">Alias &quot;${number}&quot;</name></aliases>` : ''}${number % 5 === 0 ? `<members>${member(number)}</members>` : ''}</artist>`;
  const master = (number: number): string =>
    `<master id="${number}"><main_release>${number + 7}</main_release><artists><artist><id>${number % 4}</id><name>Artist of ${number}</name>${isOld ? '<anv/><join/><role/><tracks/>' : ''}</artist></artists>` +
    `<genres><genre>Rock</genre></genres><year>${number % 6 === 0 ? 0 : 1990 + (number % 30)}</year><title>Master ${number}</title><data_quality>Correct</data_quality></master>`;
  return {
    artists: `<artists>\n${[...artists]
      .sort(([a], [b]) => a - b)
      .map(artist)
      .join('\n')}\n</artists>\n`,
    masters: `<masters>\n${[...masters, 999_999_999]
      .sort((a, b) => a - b)
      .map(master)
      .join('\n')}\n</masters>\n`,
  };
}

/** What the dumps say, table by table, of the releases that are kept. */
function expectedRows(
  releases: Node[],
  artists: Node[],
  masters: Node[],
  kept: ReadonlySet<number>,
): Record<string, Rows> {
  const rows: Record<string, Rows> = Object.fromEntries(
    tablesOf('full').map(({ name }) => [name, []]),
  );
  const credited = new Set<number | null>();
  const named = new Set<number | null>();
  for (const release of releases) {
    const number = Number(release.attributes['id']);
    if (!kept.has(number)) continue;
    const released = text(release, 'released');
    const formats = all(release, 'formats', 'format');
    const year = /^\d{4}/.exec(released ?? '')?.[0];
    const master = id(text(release, 'master_id'));
    named.add(master);
    for (const credit of allCredits(release)) credited.add(id(text(credit, 'id')));
    rows['release']!.push([
      number,
      text(release, 'title'),
      year && Number(year) > 0 ? Number(year) : null,
      text(release, 'country'),
      released,
      formats
        .map((format) =>
          ['0', '1', null].includes(attribute(format, 'qty'))
            ? attribute(format, 'name')
            : `${attribute(format, 'qty')}x${attribute(format, 'name')}`,
        )
        .join(', ') || null,
      master,
    ]);
    const creditRow = (credit: Node, extra: number) => [
      number,
      text(credit, 'name'),
      extra,
      id(text(credit, 'id')),
      text(credit, 'anv'),
      text(credit, 'role'),
    ];
    rows['release_artist']!.push(
      ...all(release, 'artists', 'artist').map((credit) => creditRow(credit, 0)),
      ...all(release, 'extraartists', 'artist').map((credit) => creditRow(credit, 1)),
    );
    rows['release_label']!.push(
      ...all(release, 'labels', 'label').map((label) => [
        number,
        attribute(label, 'name'),
        attribute(label, 'catno'),
        id(attribute(label, 'id')),
      ]),
    );
    rows['release_genre']!.push(
      ...all(release, 'genres', 'genre').map((genre) => [number, own(genre)]),
    );
    rows['release_style']!.push(
      ...all(release, 'styles', 'style').map((style) => [number, own(style)]),
    );
    rows['release_format']!.push(
      ...formats.map((format) => {
        const descriptions = all(format, 'descriptions', 'description').map((description) =>
          own(description)!,
        );
        return [
          number,
          attribute(format, 'name'),
          Number(attribute(format, 'qty')),
          attribute(format, 'text'),
          descriptions.length > 0 ? descriptions : null,
        ];
      }),
    );
    rows['release_identifier']!.push(
      ...all(release, 'identifiers', 'identifier').map((identifier) => [
        number,
        attribute(identifier, 'type'),
        attribute(identifier, 'value'),
        attribute(identifier, 'description'),
      ]),
    );
    rows['release_video']!.push(
      ...all(release, 'videos', 'video').map((video, at) => [
        number,
        at + 1,
        attribute(video, 'src'),
        text(video, 'title'),
        Number(attribute(video, 'duration')),
        attribute(video, 'embed') !== 'false',
      ]),
    );
    for (const [at, track] of tracksOf(all(release, 'tracklist', 'track')).entries()) {
      rows['release_track']!.push([
        number,
        at + 1,
        text(track, 'position'),
        text(track, 'title'),
        text(track, 'duration'),
      ]);
      rows['release_track_artist']!.push(
        ...all(track, 'artists', 'artist').map((credit) => [
          number,
          at + 1,
          text(credit, 'name'),
          0,
          text(credit, 'role'),
        ]),
        ...all(track, 'extraartists', 'artist').map((credit) => [
          number,
          at + 1,
          text(credit, 'name'),
          1,
          text(credit, 'role'),
        ]),
      );
    }
  }
  for (const artist of artists) {
    const number = Number(text(artist, 'id'));
    if (!credited.has(number)) continue;
    rows['artist']!.push([number, text(artist, 'name'), text(artist, 'profile')]);
    rows['artist_alias']!.push(
      ...all(artist, 'aliases', 'name').map((alias) => [
        number,
        Number(alias.attributes['id']),
        own(alias),
      ]),
    );
    rows['artist_name_variation']!.push(
      ...all(artist, 'namevariations', 'name').map((name) => [number, own(name)]),
    );
    rows['artist_member']!.push(
      ...all(artist, 'members', 'name').map((name) => [
        number,
        Number(name.attributes['id']),
        own(name),
      ]),
    );
    rows['artist_url']!.push(
      ...all(artist, 'urls', 'url').flatMap((url) => (own(url) ? [[number, own(url)]] : [])),
    );
  }
  for (const master of masters) {
    const number = Number(master.attributes['id']);
    if (!named.has(number)) continue;
    const year = Number(text(master, 'year'));
    rows['master']!.push([
      number,
      text(master, 'title'),
      id(text(master, 'main_release')),
      year > 0 ? year : null,
    ]);
    rows['master_artist']!.push(
      ...all(master, 'artists', 'artist').map((artist) => [
        number,
        id(text(artist, 'id')),
        text(artist, 'name'),
      ]),
    );
  }
  return rows;
}

/** The columns that a dump fills, table by table: all of them are compared. No dump fills the others. */
const compared = tablesOf('full').flatMap(({ name, columns }) => {
  const filled = columns.filter(({ csv, gathered }) =>
    csv ? csv.read !== 'stamp' : gathered && gathered !== 'release_image',
  );
  return filled.length > 0 ? [{ name, columns: filled.map((column) => column.name) }] : [];
});

/** Filled by either generation: some elements exist in one only. */
const filledColumns = new Set<string>();

describe.each([
  { generation: 'releases-2020', isOld: true, month: '20200806' },
  { generation: 'releases-2026', isOld: false, month: '20260901' },
])('$generation', ({ generation, isOld, month }) => {
  let database: TestDatabase;
  let releases: Node[];
  let further: { artists: string; masters: string };
  const folder = temporaryFolder();
  const dumps = join(folder, 'dumps');
  const run = (...more: string[]) =>
    runBin(
      'wxyc-pipeline',
      [
        '--xml',
        dumps,
        '--library-artists',
        join(folder, 'artists.txt'),
        '--database-url',
        database.url,
        ...more,
      ],
      { cwd: temporaryFolder() },
    );

  beforeAll(async () => {
    database = await testDatabase({ extensions: false, owner: 'plain' });
    const compressed = readFileSync(new URL(`${generation}/releases.xml.gz`, fixtures));
    releases = readDump(gunzipSync(compressed).toString());
    further = furtherDumps(releases, isOld);
    mkdirSync(dumps);
    writeFileSync(join(dumps, `discogs_${month}_releases.xml.gz`), compressed);
    for (const kind of ['artists', 'masters'] as const)
      writeFileSync(join(dumps, `discogs_${month}_${kind}.xml.gz`), gzipSync(further[kind]));
    writeFileSync(
      join(folder, 'artists.txt'),
      [
        ...new Set(
          releases.flatMap((release) =>
            all(release, 'artists', 'artist').map((artist) => text(artist, 'name')),
          ),
        ),
      ].join('\n'),
    );
    const { code, stderr } = await run('--profile', 'full');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  });
  afterAll(() => database.drop());

  it('every table holds what the dumps say', async () => {
    const kept = new Set(
      (await database.query<{ id: number }>('SELECT id FROM release')).map((row) => row.id),
    );
    expect(kept.size).toBeGreaterThan(20);
    const expected = expectedRows(
      releases,
      readDump(further.artists),
      readDump(further.masters),
      kept,
    );
    for (const { name, columns } of compared) {
      const rows = await database.query<{ row: Rows[number] }>(
        `SELECT json_build_array(${columns.join(', ')}) AS row FROM ${name}`,
      );
      const [first] = expected[name]!;
      if (rows.length > 0 && first?.length !== columns.length)
        throw new Error(
          `expectedRows has to say of ${name} what the dump has for ${columns.join(', ')}`,
        );
      expect({ name, columns, rows: sorted(rows.map(({ row }) => row)) }).toEqual({
        name,
        columns,
        rows: sorted(expected[name]!),
      });
      for (const column of columns) {
        const [filled] = await database.query<{ count: number }>(
          `SELECT count(${column})::int AS count FROM ${name}`,
        );
        if (filled!.count > 0) filledColumns.add(`${name}.${column}`);
      }
    }
  });

  it('ends the same when it is interrupted among the artists and resumed, and from its own CSV files', async () => {
    const content = async (of: TestDatabase): Promise<Record<string, string[]>> => {
      const rows: Record<string, string[]> = {};
      for (const { name, columns } of compared)
        rows[name] = sorted(
          (
            await of.query<{ row: Rows[number] }>(
              `SELECT json_build_array(${columns.join(', ')}) AS row FROM ${name}`,
            )
          ).map(({ row }) => row),
        );
      return rows;
    };
    const expected = await content(database);
    const [again, fromFiles] = [
      await testDatabase({ extensions: false, owner: 'plain' }),
      await testDatabase({ extensions: false, owner: 'plain' }),
    ];
    const cwd = temporaryFolder();
    const words = [
      '--xml',
      dumps,
      '--library-artists',
      join(folder, 'artists.txt'),
      '--database-url',
      again.url,
      '--keep-csv',
      'csv',
      '--profile',
      'full',
    ];
    const first = startBin('wxyc-pipeline', words, { cwd });
    await first.until(/step \d+ of \d+: read the artists and masters/);
    first.child.kill('SIGTERM');
    expect((await first.finished).code).toBe(130);
    // A resumed run keeps its profile.
    const resumed = await runBin('wxyc-pipeline', [...words.slice(0, -2), '--resume'], { cwd });
    expect({ code: resumed.code, stderr: resumed.code === 0 ? '' : resumed.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(await content(again)).toEqual(expected);
    const other = await runBin('wxyc-pipeline', [...words.slice(0, -1), 'lean', '--resume'], {
      cwd,
    });
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--profile is lean but was full/),
    });

    const files = await runBin(
      'wxyc-pipeline',
      ['--csv-dir', join(cwd, 'csv'), '--database-url', fromFiles.url, '--profile', 'full'],
      { cwd: temporaryFolder() },
    );
    expect(files).toMatchObject({ code: 0 });
    expect(await content(fromFiles)).toEqual(expected);
    await Promise.all([again.drop(), fromFiles.drop()]);
  });

  it('it keeps the contract; a search finds performers, and a release comes with all that it has', async () => {
    expect(await checkContract({ databaseUrl: database.url })).toMatchObject({
      profile: 'full',
      differences: [],
    });
    const { searches, reads, rungs } = consumerStatements('full');
    for (const { sql } of [...searches, ...reads, ...rungs]) await database.query(sql);
    const [other] = await database.query<{ id: number; track: string; name: string }>(
      `SELECT p.release_id AS id, t.title AS track, p.artist_name AS name FROM release_track_artist p JOIN release_track t ON t.release_id = p.release_id AND t.sequence = p.track_sequence
        WHERE p.extra = 1 AND NOT EXISTS (SELECT FROM release_artist a WHERE a.release_id = p.release_id AND a.artist_name = p.artist_name)
          AND NOT EXISTS (SELECT FROM release_track_artist q WHERE q.release_id = p.release_id AND q.artist_name = p.artist_name AND q.extra = 0) ORDER BY 1, 2, 3 LIMIT 1`,
    );
    expect(other).toBeDefined();
    expect(
      await database.query(`SELECT has FROM discogs.has_track($1, $2, $3)`, [
        other!.id,
        other!.track,
        other!.name,
      ]),
    ).toEqual([{ has: false }]);
    // discogs.release has a line for each table; performers stand with their tracks.
    for (const { name, columns } of releaseTablesOf('full').filter(
      ({ name, written }) => written !== undefined && name !== 'release_track_artist',
    )) {
      const row = columns.length === 2 ? `t.${columns[1]!.name}` : `to_jsonb(t) - 'release_id'`;
      const [most] = await database.query<{ rows: unknown[]; release: Record<string, unknown> }>(
        `SELECT rows, discogs.release(release_id) AS release FROM (
           SELECT release_id, jsonb_agg(${row} ORDER BY ctid) AS rows FROM ${name} t GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) most`,
      );
      if (!most) continue;
      const { tracks, ...parts } = most.release as { tracks: { artists: unknown }[] };
      const lists = [tracks.map(({ artists: _, ...track }) => track), ...Object.values(parts)];
      expect({
        table: name,
        isInRelease: lists.map((list) => JSON.stringify(list)).includes(JSON.stringify(most.rows)),
      }).toEqual({ table: name, isInRelease: true });
    }
  });

  it('a further run keeps the profile; another one is refused unless it is named', async () => {
    expect(await run()).toMatchObject({ code: 0 });
    expect(await database.query('SELECT profile FROM cache_origin')).toEqual([{ profile: 'full' }]);
    const before = await database.query('SELECT count(*)::int AS rows FROM artist');
    expect(
      await runBin('wxyc-schema', [
        'create',
        database.url,
        '--schema',
        'discogs_next',
        '--profile',
        'lean',
      ]),
    ).toMatchObject({ code: 0 });
    expect(await database.query('SELECT count(*)::int AS rows FROM artist')).toEqual(before);
    const lean = await run('--profile', 'lean');
    expect(lean.code).toBe(0);
    expect(lean.stderr).toMatch(
      /tables of the full profile that the new cache does not have: artist, artist_alias/,
    );
    expect(await database.query('SELECT profile FROM cache_origin')).toEqual([{ profile: 'lean' }]);
    expect(await checkContract({ databaseUrl: database.url })).toMatchObject({
      profile: 'lean',
      differences: [],
    });
    expect(
      await database.query(
        "SELECT to_regclass('public.artist') AS artist, to_regclass('discogs_previous.artist') IS NOT NULL AS kept",
      ),
    ).toEqual([{ artist: null, kept: true }]);
    // And back, which nobody has to ask for.
    expect(await runBin('wxyc-schema', ['undo', database.url])).toMatchObject({ code: 0 });
    expect(await checkContract({ databaseUrl: database.url })).toMatchObject({
      profile: 'full',
      differences: [],
    });
    expect(await database.query('SELECT count(*)::int AS rows FROM artist')).toEqual(before);
  });
});

it('no column stays empty that a dump of either generation fills', () => {
  const all = compared.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column}`));
  expect(all.filter((column) => !filledColumns.has(column))).toEqual([]);
});
