// @ts-check
/**
 * Which of these albums does the library own? No dump, no database, no file but the two lists:
 *
 *   node classify.cjs albums.json library.json
 *
 * The packages are ES modules; require() takes them, on every Node that they support.
 */
const { readFileSync } = require('node:fs');
const { Classifier } = require('@wxyc/matching');

const [albumsFile, libraryFile] = process.argv.slice(2);
if (!albumsFile || !libraryFile) {
  console.error('usage: node classify.cjs ALBUMS.json LIBRARY.json');
  process.exit(2);
}

/** @type {(file: string) => import('@wxyc/matching').LibraryRow[]} */
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

const albums = read(albumsFile);
const library = read(libraryFile);
const classifier = new Classifier({ library });

for (const { artist, title } of albums) {
  const { decision, rule, album, score } = classifier.decide({
    id: 0, // these are no releases of Discogs
    title,
    credits: [{ name: artist }],
  });
  // `album` is the row's place in the library that the classifier was given.
  const row = album === null ? undefined : library[album];
  console.log(
    [decision, `${artist} – ${title}`, row ? `${row.artist} – ${row.title}` : '', rule, score]
      .join('\t')
      .trimEnd(),
  );
}
