/** beets' database: the table albums, and what its older releases keep in album_attributes and its tracks in items. */

import type Database from 'better-sqlite3';
import { BadInputError } from '@wxyc/step';
import { pythonStrip } from '@wxyc/text';
import { LibraryRepairs, textOf } from './library-repairs.js';
import { columnsOf } from './sqlite-file.js';
import {
  furtherOf,
  incomplete,
  leaveOut,
  newSurvey,
  recurs,
  type Field,
  type LibrarySurvey,
  type RowValues,
} from './survey.js';
import { SharedTexts } from './text-chunks.js';
import { repairText } from './text-repair.js';

/** Columns of albums by what they hold. */
const columns: readonly (readonly [Field, string])[] = [
  ['artist', 'albumartist'],
  ['title', 'album'],
  ['alternates', 'albumartist_credit'],
  ['releaseId', 'discogs_albumid'],
  ['label', 'label'],
  ['catno', 'catalognum'],
  ['year', 'year'],
];

export function readBeets(
  database: Database.Database,
  file: string,
  tables: readonly string[],
): LibrarySurvey {
  const present = columnsOf(database, 'albums');
  if (!present.includes('album'))
    throw new BadInputError(
      `${file}: beets' table albums has no column album; found ${present.join(', ')}`,
    );
  const survey = newSurvey('beets library (SQLite)', 'rows');
  const read = columns.filter(([, name]) => present.includes(name));
  survey.used = Object.fromEntries(read);
  const select = read.map(([, name]) => `a.${name}`);
  const fields: Field[] = read.map(([field]) => field);
  // The field of a plugin that had it before beets itself did.
  if (!present.includes('discogs_albumid') && tables.includes('album_attributes')) {
    select.push(
      "(SELECT t.value FROM album_attributes t WHERE t.entity_id = a.id AND t.key = 'discogs_albumid')",
    );
    fields.push('releaseId');
    survey.used.releaseId = 'discogs_albumid (album_attributes)';
  }
  const items = tables.includes('items') ? columnsOf(database, 'items') : [];
  if (items.includes('album_id') && items.includes('media')) {
    select.push("coalesce(m.media, '')");
    fields.push('format');
    survey.used.format = 'media (items)';
  }
  survey.unused = present.filter((name) => !read.some(([, column]) => column === name));
  const media = fields.includes('format')
    ? 'LEFT JOIN (SELECT album_id, max(media) AS media FROM items GROUP BY album_id) m ON m.album_id = a.id'
    : '';
  const repairs = new LibraryRepairs(() => undefined);
  const texts = new SharedTexts();
  for (const row of database
    .prepare(`SELECT ${select.join(', ')} FROM albums a ${media} ORDER BY a.id`)
    .raw()
    .iterate() as Iterable<unknown[]>) {
    survey.read += 1;
    const values: RowValues = {};
    for (const [at, field] of fields.entries()) {
      const { text } = repairText(textOf(row[at]));
      values[field] = recurs(field) ? texts.of(text) : text;
    }
    const artist = repairs.take(survey.read, 'artist', row[fields.indexOf('artist')]);
    const title = repairs.take(survey.read, 'title', row[fields.indexOf('title')]);
    if (pythonStrip(artist) === '' || pythonStrip(title) === '') {
      leaveOut(survey, incomplete);
      continue;
    }
    if (values.alternates === artist) delete values.alternates;
    survey.rows.push({ artist, title, ...furtherOf(values) });
  }
  const single = items.includes('album_id')
    ? (database
        .prepare('SELECT count(*) FROM items WHERE album_id IS NULL')
        .pluck()
        .get() as number)
    : 0;
  survey.remarks = repairs.remarks(file);
  if (single > 0)
    survey.remarks.push(
      `${file}: ${single === 1 ? '1 track belongs' : `${single} tracks belong`} to no album and ${single === 1 ? 'is' : 'are'} ignored; import them into beets as albums if they should count`,
    );
  return survey;
}
