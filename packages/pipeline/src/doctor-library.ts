/** What `doctor` says about a library: how the file is understood, before a run spends hours on it. */
import { formatCount } from '@wxyc/cli';
import {
  surveyLibrary,
  type LibraryAtHand,
  type LibraryOptions,
  type LibraryRow,
  type LibrarySurvey,
} from '@wxyc/library';
import { ok, warning, type Check } from './check.js';

/** How many rows are shown, so that people see whether the columns are the right ones. */
const examples = 3;

export function checkLibrary(library: LibraryAtHand, reading?: LibraryOptions): Check[] {
  const survey = surveyLibrary(library, reading);
  const { rows, skipped, remarks, kind } = survey;
  const artists = new Set(rows.map(({ artist }) => artist)).size;
  const text = `${typeof library === 'string' ? `${library}: ` : ''}${kind}, ${counted(rows.length, 'album')} by ${counted(artists, 'artist')}${countsText(survey)}`;
  const used = Object.entries(survey.used).map(
    ([field, column]) => `${fieldNames[field] ?? field} from ${column}`,
  );
  return [
    skipped > rows.length / 10 ? warning('library', text) : ok('library', text),
    ok(
      'library',
      `used: ${used.join(', ')}${survey.unused.length > 0 ? `; not used: ${survey.unused.join(', ')}` : ''}`,
    ),
    ...rows.slice(0, examples).map((row) => ok('library', `understood: ${rowText(row)}`)),
    ...remarks.map((remark) => warning('library', remark)),
  ];
}

/** As `--library-columns` calls them. */
const fieldNames: Readonly<Record<string, string>> = {
  releaseId: 'release_id',
  masterId: 'master_id',
  alternates: 'alternate_artist_name',
  trackArtists: 'compilation_track_artist',
};

/** What became of the file's rows or tracks: albums, repetitions, and rows left out. */
function countsText({ read, unit, rows, leftOut }: LibrarySurvey): string {
  const parts = Object.entries(leftOut).map(
    ([reason, count]) =>
      `${formatCount(count)} left out ${/^without/.test(reason) ? reason : `as ${reason}`}`,
  );
  const repeated = rows.length - new Set(rows.map((row) => JSON.stringify(row))).size;
  if (repeated > 0) parts.push(counted(repeated, 'duplicate'));
  return ` (${counted(read, unit.slice(0, -1))} read${parts.length > 0 ? `: ${parts.join(', ')}` : ''})`;
}

const counted = (count: number, one: string): string =>
  `${formatCount(count)} ${one}${count === 1 ? '' : 's'}`;

function rowText({
  artist,
  title,
  alternates = [],
  trackArtists = [],
  label,
  format,
  catno,
  year,
  releaseId,
  masterId,
}: LibraryRow): string {
  const further = [
    ...(alternates.length > 0 ? [`also ${alternates.join(', ')}`] : []),
    ...(trackArtists.length > 0
      ? [
          `with ${trackArtists.slice(0, examples).join(', ')}${trackArtists.length > examples ? ' and others' : ''}`,
        ]
      : []),
    ...[
      label && `label ${label}`,
      format && `format ${format}`,
      catno && `number ${catno}`,
      year && `year ${year}`,
      releaseId && `release ${releaseId}`,
      masterId && `master ${masterId}`,
    ].filter((part) => part),
  ];
  return `“${title}” by ${artist}${further.length > 0 ? ` (${further.join('; ')})` : ''}`;
}
