// The main job on a sample, from nothing: `npm run demo`.
//
// Makes a sample dump of 10,000 releases in both generations of the format and a library of 300 albums, runs the real
// pipeline twice on an embedded PostgreSQL server: last month's dump from a file, then this month's from a server on this
// machine, read while it arrives over a connection that breaks. Fills in artwork from an API on this machine, shows how albums
// that the station files in its own way were found, and asks the cache three fuzzy questions.
//
//   npm run demo -- --keep DIR        keep the files and the server's directory in DIR
//   npm run demo -- --releases N      another size (default 10000)
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readRecords } from '@wxyc/csv';
import { startApi, startDumpSite } from '@wxyc/fault-server';
import { connect, startEmbedded } from '@wxyc/postgres';
import { ownedReleases, writeArtistsDump, writeDump, writeLibrary } from '@wxyc/sample';

const { values } = parseArgs({
  options: {
    keep: { type: 'string' },
    releases: { type: 'string', default: '10000' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(`npm run demo -- --keep DIR        keep the files and the server's directory in DIR
npm run demo -- --releases N      another size (default 10000)`);
  process.exit(0);
}
const releases = Number(values.releases);
const folder = values.keep ? resolve(values.keep) : mkdtempSync(join(tmpdir(), 'wxyc-demo-'));
if (values.keep && existsSync(folder) && readdirSync(folder).length > 0) {
  console.error(
    `${folder} is not empty: the demo would mix with what is there; name a new folder.`,
  );
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
// Started by root, the server runs as another user, who needs access.
chmodSync(folder, 0o755);

const months = [
  {
    name: 'last month',
    generation: 'old',
    file: join(folder, 'last-month', 'sample_releases.xml.gz'),
  },
  {
    name: 'this month',
    generation: 'new',
    file: join(folder, 'this-month', 'sample_releases.xml.gz'),
  },
];
const library = join(folder, 'library.db');
const cache = join(folder, 'cache');
const coverage = join(folder, 'coverage.csv');
const downloadSeconds = 5;
const started = performance.now();

/** An album for each way in which a station's catalogue differs from Discogs. */
const filings = {
  joined: 'joint album',
  variation: 'name as printed on the sleeve',
  alternate: 'filed under another name, with an alternate name',
  typo: 'typing error',
  'name, the': 'article behind the name',
  'other volume': 'another volume',
  'near miss': 'nothing like it in the dump',
};

try {
  heading(
    `A sample: ${releases.toLocaleString('en')} releases in both generations of the format, a library of 300 albums`,
  );
  const sample = { releases, albums: 300 };
  const rows = writeLibrary(library, join(folder, 'library_artists.txt'), sample);
  for (const { file, generation } of months) {
    mkdirSync(join(file, '..'));
    await writeDump(file, { ...sample, generation });
  }

  const [last, current] = months;
  const common = [
    '--library-db',
    library,
    '--coverage',
    coverage,
    '--database-url',
    `embedded:${cache}`,
    '--log-level',
    'warn',
  ];
  heading(`The pipeline on ${last.name}'s dump (${last.generation} generation), from a file`);
  await run('pipeline', [
    '--xml',
    last.file,
    '--state-file',
    join(folder, 'last.state.json'),
    ...common,
  ]);
  await fetchAndBuild(current, common);
  await fillArtwork(common);

  const server = await startEmbedded(cache);
  try {
    const sql = await connect(server.url, { max: 1 });
    try {
      heading('How the station files an album, and what it is on Discogs');
      await showFilings(sql, rows);
      heading('The cache answers');
      await look(sql);
      await checkOwned(sql, sample);
    } finally {
      await sql.end();
    }
  } finally {
    await server.stop();
  }
  console.log(
    `\nDone in ${((performance.now() - started) / 1000).toFixed(0)} s.${values.keep ? ` Everything is in ${folder}; search it with --database-url embedded:${cache}` : ' Keep the files next time: npm run demo -- --keep DIR'}`,
  );
} finally {
  if (!values.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function heading(text) {
  console.log(`\n== ${text}\n`);
}

/** Serves this month's dumps on this machine, over several seconds; the connection breaks once. */
async function fetchAndBuild({ name, generation, file }, common) {
  const content = readFileSync(file);
  const dump = (kind) => `discogs_20260901_${kind}.xml.gz`;
  const artists = join(folder, 'artists.xml.gz');
  await writeArtistsDump(artists, { releases });
  const others = Object.fromEntries(
    ['labels', 'masters'].map((kind) => [dump(kind), Buffer.from('not asked for')]),
  );
  const files = {
    [dump('releases')]: content,
    [dump('artists')]: readFileSync(artists),
    ...others,
  };
  const site = await startDumpSite({
    files,
    rate: content.length / downloadSeconds,
    faultsOf: 'releases',
    faults: [{ resetAt: Math.floor(content.length / 2) }],
  });
  try {
    heading(
      `The pipeline on ${name}'s dumps (${generation} generation), from a server: artists, then ${(content.length / 1e6).toFixed(1)} MB of releases in ${downloadSeconds} s, read while they arrive`,
    );
    const before = performance.now();
    await run('pipeline', [
      '--month',
      'latest',
      '--download-dir',
      join(folder, 'dumps'),
      '--base-url',
      site.url,
      '--state-file',
      join(folder, 'this.state.json'),
      ...common,
    ]);
    console.log(
      `\nThe releases alone take ${downloadSeconds} s to download; all of it, from nothing to the published cache, took ${((performance.now() - before) / 1000).toFixed(1)} s.`,
    );
  } finally {
    await site.close();
  }
}

/** An API with images for most releases and a rate limit; the real one allows 60 requests a minute. */
async function fillArtwork(common) {
  const token = 'demo-token';
  const api = await startApi({ token, limit: 6000 });
  try {
    heading('Artwork, which no dump brings, from an API on this machine');
    await run(
      'artwork',
      [
        '--base-url',
        api.url,
        '--rate',
        '6000',
        '--limit',
        '100',
        ...common.filter((word) => word !== '--coverage' && word !== coverage),
      ],
      { DISCOGS_TOKEN: token },
    );
  } finally {
    await api.close();
  }
}

/** Runs the built bin as an operator would: its own output is the demo's. */
function run(name, args, env = {}) {
  const bin = fileURLToPath(new URL(`../packages/${name}/bin/wxyc-${name}.js`, import.meta.url));
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', failed);
    child.on('close', (code, signal) =>
      code === 0
        ? done()
        : failed(new Error(`wxyc-${name} ended with ${signal ?? `exit ${code}`}`)),
    );
  });
}

async function showFilings(sql, rows) {
  const albums = new Map();
  for await (const album of readRecords(coverage, { delimiter: ',' }))
    albums.set(Number(album.library_row) - 1, album);
  for (const [kind, label] of Object.entries(filings)) {
    const candidates = rows.flatMap((row, at) =>
      row.kind === kind && albums.has(at) ? [{ row, album: albums.get(at) }] : [],
    );
    // Of a kind that may or may not match, show one that did.
    const { row, album } =
      candidates.find(({ album }) => album.status === 'found') ?? candidates[0] ?? {};
    if (!row) continue;
    console.log(
      `${label}: ${row.artist}${row.alternate ? ` (${row.alternate})` : ''} – ${row.title}`,
    );
    console.log(`   ${await outcome(sql, album)}`);
  }
}

async function outcome(sql, { status, release_ids, ...nearest }) {
  if (status !== 'found')
    return `${status}${nearest.nearest_title ? `; ${nearestOf(nearest)}` : ''}`;
  const [release] = await sql`
    SELECT r.id, r.title, string_agg(a.artist_name, ' / ') AS artists FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
    WHERE r.id = ANY(${release_ids.split(' ').map(Number)}) GROUP BY r.id, r.title LIMIT 1`;
  return release
    ? `found: ${release.artists} – ${release.title}, release ${release.id}`
    : `found: release ${release_ids}`;
}

function nearestOf({ nearest_artist, nearest_title, score, missing }) {
  // Below this, what came nearest is only something else by the artist, or something else with the title.
  const alike = 0.6;
  const release = `${nearest_artist} – ${nearest_title}`;
  if (missing === 'number' || score >= alike) return `nearest is ${release}, another ${missing}`;
  return missing === 'artist'
    ? `the title is there as ${release}`
    : `the artist is there with ${release}`;
}

/** Three questions as a listener or a volunteer would type them, through the search functions that consumers use. */
async function look(sql) {
  // Some artist, album and track of the cache, in Latin letters and long enough to be mistyped.
  const [album] = await sql`
    SELECT r.title, a.artist_name FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
    WHERE length(r.title) BETWEEN 12 AND 30 AND r.title ~ '^[A-Za-z ]+$' AND a.artist_name ~ '^[A-Za-z ]{10,}$' ORDER BY r.id LIMIT 1`;
  const [accents] = await sql`
    SELECT artist_name FROM release_artist WHERE extra = 0 AND artist_name <> f_unaccent(artist_name) AND f_unaccent(artist_name) ~ '^[A-Za-z ]{8,}$' ORDER BY release_id LIMIT 1`;
  const [track] =
    await sql`SELECT title FROM release_track WHERE title ~ '^[A-Za-z ]{14,30}$' ORDER BY release_id, sequence LIMIT 1`;

  const typed = { artist: mistype(album.artist_name), title: mistype(album.title) };
  await ask(
    `album "${typed.title}" by "${typed.artist}"`,
    sql`
    SELECT artist || ' – ' || title AS found, release_year AS year, score
    FROM discogs.search_releases(${typed.artist}, ${typed.title}, 3)`,
  );

  const plain = accents.artist_name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  await ask(
    `artist "${plain}"`,
    sql`
    SELECT artist || ' – ' || title AS found, release_year AS year, score
    FROM discogs.search_releases(${plain}, NULL, 3)`,
  );

  const heard = mistype(track.title);
  await ask(
    `track "${heard}"`,
    sql`
    SELECT position || ' ' || track || ' on ' || artist || ' – ' || title AS found, score
    FROM discogs.search_tracks(${heard}, NULL, 3)`,
  );
}

async function ask(question, answer) {
  const before = performance.now();
  const rows = await answer;
  console.log(`${question}   (${(performance.now() - before).toFixed(0)} ms)`);
  for (const { found, year, score } of rows)
    console.log(`   ${Number(score).toFixed(2)}  ${found}${year ? ` (${year})` : ''}`);
  if (rows.length === 0) throw new Error(`nothing found for ${question}`);
}

/** As typed in a hurry: in the longest word, two neighbours swapped and one letter lost. */
function mistype(text) {
  const words = text.toLowerCase().split(' ');
  const at = words.reduce(
    (best, word, index) => (word.length > words[best].length ? index : best),
    0,
  );
  const letters = [...words[at]];
  letters.splice(2, 2, letters[3], letters[2]);
  if (letters.length > 6) letters.splice(5, 1);
  return words.with(at, letters.join('')).join(' ');
}

/** The demo must not lose what the library owns. */
async function checkOwned(sql, sample) {
  const masters = new Map();
  for (const { id, masterId } of ownedReleases(sample))
    masters.set(masterId ?? `release ${id}`, [
      ...(masters.get(masterId ?? `release ${id}`) ?? []),
      id,
    ]);
  const kept = new Set((await sql`SELECT id FROM release`).map(({ id }) => id));
  const lost = [...masters.values()].filter((ids) => !ids.some((id) => kept.has(id)));
  console.log(
    `\n${masters.size - lost.length} of ${masters.size} albums that the library owns beyond doubt are in the cache of ${kept.size} releases.`,
  );
  if (lost.length > 0)
    throw new Error(`albums lost, by release id: ${lost.slice(0, 10).join('; ')}`);
}
