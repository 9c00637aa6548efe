/** The section of the report page about what changed since the previous cache. */
import { formatCount } from '@wxyc/cli';
import type { PipelineReport } from './report-data.js';
import { albumName, html, htmlTable, noHtml, type Html } from './report-html.js';

type Changes = NonNullable<PipelineReport['changes']>;

/** How many of the albums that now lack a release the page names; the JSON report has them all. */
const namedAlbums = 100;

function list(title: string, { count, examples }: Changes['added'], withWhat: boolean): Html {
  if (count === 0) return noHtml;
  const rows = examples.map(({ id, artist, title: name, what }) => [
    albumName({ artist, title: name }),
    String(id),
    ...(withWhat ? [(what ?? []).join(', ')] : []),
  ]);
  const more = count > examples.length ? `, the first ${examples.length} by id` : '';
  return html`<h3>${title}: ${formatCount(count)}${more}</h3>
    ${htmlTable(['release', 'id', ...(withWhat ? ['what changed'] : [])], rows, { whole: [1], stack: withWhat })}`;
}

/** Empty for a first publication. */
export function changesSection({ changes }: PipelineReport): Html {
  if (!changes) return noHtml;
  const { before, after, added, gone, changed, lostAlbums, warning } = changes;
  const counts = `${formatCount(before)} releases from the dump before, ${formatCount(after)} now: ${formatCount(added.count)} new, ${formatCount(gone.count)} gone, ${formatCount(changed.count)} changed.`;
  const albums = lostAlbums.slice(0, namedAlbums).map((album) => [albumName(album)]);
  const lost =
    lostAlbums.length === 0
      ? ''
      : html`<h3>Albums that had a release and have none now: ${formatCount(lostAlbums.length)}</h3>
          ${htmlTable(['album'], albums)}`;
  return html`<h2>What changed</h2>
    ${warning ? html`<p class="warning">${warning}. wxyc-schema undo brings the previous cache back.</p>` : ''}
    <p>${counts}</p>
    ${lost}${list('Gone', gone, false)}${list('New', added, false)}${list('Changed', changed, true)}`;
}
