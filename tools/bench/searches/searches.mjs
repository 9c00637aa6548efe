// The measured searches: the function, and the statement that consumers write today.

const form = (column) => `lower(f_unaccent(${column}))`;
const like = (column, parameter) => `${form(column)} % ${form(`$${parameter}::text`)}`;
const rank = (column, parameter) => `similarity(${form(column)}, ${form(`$${parameter}::text`)})`;

// Rows of more than one word and no monstrous length; `md5` mixes them alike in every run.
const main = `FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0 WHERE length(r.title) BETWEEN 5 AND 60 AND length(a.artist_name) BETWEEN 5 AND 60 AND a.artist_name <> 'Various'`;
const sample = (fields, from) =>
  `SELECT ${fields} FROM (SELECT r.id, r.title, a.artist_name ${from} ORDER BY md5(r.id::text), a.artist_name LIMIT 200) q`;

export const searches = [
  {
    what: 'artist and title',
    rows: sample('artist_name, title', main),
    call: 'SELECT * FROM discogs.search_releases($1, $2)',
    today: `SELECT r.id, a.artist_name AS artist, r.title FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
      WHERE ${like('a.artist_name', 1)} AND ${like('r.title', 2)} ORDER BY ${rank('a.artist_name', 1)} + ${rank('r.title', 2)} DESC LIMIT 10`,
    target: { exact: 5, error: 50 },
  },
  {
    what: 'title',
    rows: sample('title', main),
    call: 'SELECT * FROM discogs.search_releases(NULL, $1)',
    today: `SELECT id, title FROM release WHERE ${like('title', 1)} ORDER BY ${rank('title', 1)} DESC LIMIT 10`,
    target: { exact: 5, error: 50 },
  },
  {
    what: 'artist',
    rows: sample('artist_name', main),
    call: 'SELECT * FROM discogs.search_artists($1)',
    today: `SELECT release_id, artist_name FROM release_artist WHERE ${like('artist_name', 1)} AND extra = 0 ORDER BY ${rank('artist_name', 1)} DESC LIMIT 10`,
    target: { exact: 5, error: 50 },
  },
  {
    what: 'track and artist',
    rows: `SELECT q.title, coalesce(p.artist_name, a.artist_name) FROM (SELECT t.* FROM (SELECT r.id ${main} ORDER BY md5(r.id::text), a.artist_name LIMIT 400) r,
        LATERAL (SELECT * FROM release_track t WHERE t.release_id = r.id AND length(t.title) BETWEEN 5 AND 60 ORDER BY md5(t.sequence::text) LIMIT 1) t) q
      LEFT JOIN LATERAL (SELECT artist_name FROM release_track_artist p WHERE p.release_id = q.release_id AND p.track_sequence = q.sequence ORDER BY 1 LIMIT 1) p ON true
      JOIN LATERAL (SELECT artist_name FROM release_artist a WHERE a.release_id = q.release_id AND a.extra = 0 ORDER BY 1 LIMIT 1) a ON true
      WHERE length(coalesce(p.artist_name, a.artist_name)) BETWEEN 5 AND 60 LIMIT 200`,
    call: 'SELECT * FROM discogs.search_tracks($1, $2)',
    today: `SELECT r.id, t.title AS track, a.artist_name FROM release_track t JOIN release r ON r.id = t.release_id JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
      WHERE ${like('t.title', 1)} AND ${like('a.artist_name', 2)} ORDER BY ${rank('t.title', 1)} DESC LIMIT 10`,
    target: { exact: 5, error: 50 },
  },
  {
    what: 'track',
    rows: `SELECT t.title FROM (SELECT r.id ${main} ORDER BY md5(r.id::text), a.artist_name LIMIT 400) r,
        LATERAL (SELECT * FROM release_track t WHERE t.release_id = r.id AND length(t.title) BETWEEN 5 AND 60 ORDER BY md5(t.sequence::text) LIMIT 1) t LIMIT 200`,
    call: 'SELECT * FROM discogs.search_tracks($1)',
    today: `SELECT r.id, r.title AS album, t.title AS track, a.artist_name FROM release_track t JOIN release r ON r.id = t.release_id JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
      WHERE ${like('t.title', 1)} ORDER BY ${rank('t.title', 1)} DESC LIMIT 10`,
    target: { exact: 5, error: 150 },
  },
];
