// @ts-check
/**
 * Which of these albums does the library own? No dump or database, only the two lists:
 *
 *   node classify.cjs albums.json library.json
 *
 * The packages are ES modules; every Node that they support can require() them.
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
    id: 0, // these are not Discogs releases
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
