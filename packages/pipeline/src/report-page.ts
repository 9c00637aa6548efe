/** The report as one page that can be sent around: no network, inline SVG, readable on a phone and on paper. */
import { formatBytes, formatCount, formatScore } from '@wxyc/cli';
import { droppedTotal, formatSeconds } from '@wxyc/step';
import { changesSection } from './report-changes.js';
import { barRow, shareBar } from './report-charts.js';
import { albumName, html, Html, htmlTable, noHtml } from './report-html.js';
import type { PipelineReport } from './report-data.js';

const style = new Html(`
:root{--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--paper:#fff;--bar:#2b6a99;--keep:#2f7d4f;--review:#c98a1b;--prune:#9aa4b1}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#323b47;--paper:#151a21;--bar:#5fa3d3;--keep:#5bb583;--review:#e0ae4e;--prune:#67717e}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:56rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}h3{font-size:1rem;margin:1.2rem 0 .4rem}.warning{border-left:.25rem solid var(--review);padding-left:.6rem}
p{margin:.3rem 0}.soft{color:var(--soft);font-size:.9rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.6rem;margin:1.2rem 0}
.tile{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .8rem}
.tile b{display:block;font-size:1.35rem;line-height:1.3}.tile span{color:var(--soft);font-size:.85rem}
.bar{margin:.45rem 0}.bar div{display:flex;justify-content:space-between;gap:1rem;font-size:.95rem}
.bar svg{display:block;width:100%;height:.7rem}.bar .value{white-space:nowrap;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;color:var(--soft);overflow-wrap:normal}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.w{white-space:nowrap}th:last-child,td:last-child{padding-right:0}
.key i{display:inline-block;width:.75rem;height:.75rem;border-radius:.15rem;margin-right:.35rem}.key span{margin-right:1rem;white-space:nowrap}
.about{border-collapse:collapse;width:auto;margin:.6rem 0}.about th,.about td{border:0;padding:.1rem .8rem .1rem 0}.about th{font-weight:400}
@media screen and (max-width:32rem){table{font-size:.85rem}th,td{padding-right:.4rem}.stack thead{display:none}.stack tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}
.stack td{display:block;border:0;padding:0;text-align:left;white-space:normal}.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}}
@media print{:root{--ink:#000;--soft:#444;--line:#ccc;--paper:#fff;--bar:#2b6a99;--keep:#2f7d4f;--review:#c98a1b;--prune:#9aa4b1}body{max-width:none;font-size:10.5pt;padding:0}
tr,.tile,.bar{break-inside:avoid}h2,h3{break-after:avoid}svg,.key i{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`);

const count = (n: number): string => formatCount(n);

function tiles(report: PipelineReport): Html {
  const tables = report.targetTables ?? report.tables;
  const rows = (name: string): number => tables.find((entry) => entry.name === name)?.rows ?? 0;
  const ofTables: [string, string][] = [
    [count(rows('release')), 'releases in the cache'],
    [count(rows('release_track')), 'tracks'],
    [formatBytes(tables.reduce((sum, { bytes }) => sum + bytes, 0)), 'with indexes'],
  ];
  const facts: [string, string][] = [
    ...(tables.length > 0 ? ofTables : []),
    [formatSeconds(report.seconds), 'time'],
  ];
  if (report.library) {
    const { size, found } = report.library;
    facts.push([
      `${size.albums ? Math.floor((found / size.albums) * 100) : 0} %`,
      'of the library’s albums found',
    ]);
  }
  return html`<div class="tiles">
    ${facts.map(([value, label]) => html`<div class="tile"><b>${value}</b><span>${label}</span></div>`)}
  </div>`;
}

function funnel(report: PipelineReport): Html {
  if (report.funnel.length === 0) return noHtml;
  const most = Math.max(1, ...report.funnel.map(({ releases }) => releases));
  const rows = report.funnel.map(({ stage, releases }, i) => {
    const before = report.funnel[i - 1]?.releases;
    const share = before
      ? ` (${((releases / before) * 100).toFixed(releases / before < 0.1 ? 1 : 0)} %)`
      : '';
    return barRow(stage, `${count(releases)}${share}`, releases / most);
  });
  return html`<h2>From the dump to the cache</h2>
    ${rows}
    <p class="soft">Releases; in brackets the share of the stage above.</p>`;
}

function decisions(report: PipelineReport): Html {
  if (!report.decisions) return noHtml;
  const { keep, review, prune } = report.decisions;
  const parts = [
    { name: 'KEEP', value: keep, color: 'keep' },
    { name: 'REVIEW', value: review, color: 'review' },
    { name: 'PRUNE', value: prune, color: 'prune' },
  ];
  const key = parts.map(
    ({ name, value, color }) =>
      html`<span><i style="background:var(--${color})"></i>${name} ${count(value)}</span>`,
  );
  return html`<h2>Decisions</h2>
    <div class="bar">${shareBar(parts)}</div>
    <p class="key">${key}</p>
    <p class="soft">
      Of all releases of the dump, before one pressing per master was chosen. REVIEW stays in the
      cache.
    </p>`;
}

function steps(report: PipelineReport): Html {
  if (report.steps.length === 0) return noHtml;
  const most = Math.max(0.001, ...report.steps.map(({ seconds }) => seconds));
  const bars = report.steps.map(({ step, seconds }) =>
    barRow(step, formatSeconds(seconds), seconds / most),
  );
  const rows = report.steps.map((step) => [
    step.step,
    step.unit,
    count(step.read),
    count(step.written),
    count(droppedTotal(step)),
  ]);
  const notes = report.steps
    .filter(({ note }) => note)
    .map(({ step, note }) => html`<p class="soft">${`${step}: ${note}`}</p>`);
  return html`<h2>Time per step</h2>
    ${bars}
    <h2>Read, written, dropped</h2>
    ${htmlTable(['step', 'of', 'read', 'written', 'dropped'], rows, { right: [2, 3, 4] })}${notes}`;
}

function dropped(report: PipelineReport): Html {
  const rows = report.steps.flatMap(({ step, dropped, unit }) =>
    Object.entries(dropped)
      .filter(([, n]) => n > 0)
      .map(([reason, n]) => [step, reason, `${count(n)} ${unit}`]),
  );
  return rows.length
    ? html`<h2>What was dropped, and why</h2>
        ${htmlTable(['step', 'reason', 'count'], rows, { right: [2] })}`
    : noHtml;
}

function tables(report: PipelineReport): Html {
  const one = (title: string, sizes: PipelineReport['tables']): Html => {
    const most = Math.max(1, ...sizes.map(({ bytes }) => bytes));
    return html`<h2>${title}</h2>
      ${sizes.map(({ name, rows, bytes }) => barRow(name, `${count(rows)} rows, ${formatBytes(bytes)}`, bytes / most))}`;
  };
  if (report.tables.length === 0) return noHtml;
  const own = one(report.targetTables ? 'Tables of the source' : 'Tables', report.tables);
  return report.targetTables
    ? html`${own}${one('Tables of the target', report.targetTables)}`
    : own;
}

/** How many of the missing albums the page names; the coverage file has them all. */
const namedAlbums = 100;

type Nearest = NonNullable<PipelineReport['library']>['missingAlbums'][number]['nearest'];

/** Adds the score, where that says more than the last column. */
function nearestText(nearest: Nearest, withScore: boolean): string {
  return nearest
    ? `${albumName(nearest)} (release ${nearest.releaseId}${withScore && nearest.score > 0 ? `, ${formatScore(nearest.score)}` : ''})`
    : 'none';
}

function albumTable(
  title: string,
  total: number,
  header: string[],
  rows: string[][],
  whole: number[] = [],
): Html {
  if (rows.length === 0) return noHtml;
  const shown = rows.slice(0, namedAlbums);
  const more =
    total > shown.length
      ? html`<p class="soft">
          The first ${count(shown.length)} of ${count(total)}; the file of --coverage lists all.
        </p>`
      : '';
  return html`<h3>${title}: ${count(total)}</h3>
    ${htmlTable(header, shown, { whole, stack: true })}${more}`;
}

function coverage(report: PipelineReport): Html {
  if (!report.library) return noHtml;
  const { size, found, inDoubt, missing, missingAlbums, inDoubtAlbums } = report.library;
  const parts = [
    { name: 'found', value: found, color: 'keep' },
    { name: 'in doubt', value: inDoubt, color: 'review' },
    { name: 'missing', value: missing, color: 'prune' },
  ];
  const key = parts.map(
    ({ name, value, color }) =>
      html`<span><i style="background:var(--${color})"></i>${name} ${count(value)}</span>`,
  );
  const doubtful = albumTable(
    'Albums in doubt',
    inDoubt,
    ['album', 'possible release'],
    inDoubtAlbums.map(({ nearest, ...album }) => [albumName(album), nearestText(nearest, true)]),
  );
  const without = albumTable(
    'Missing albums',
    missing,
    ['album', 'nearest release', 'what differs'],
    missingAlbums.map(({ nearest, missing: what, ...album }) => [
      albumName(album),
      nearestText(nearest, what !== 'number'),
      what,
    ]),
    [2],
  );
  const lists =
    doubtful === noHtml && without === noHtml
      ? html`<p>Every album of the library has a release.</p>`
      : [doubtful, without];
  const { albums, compilations, artists, leftOut } = size;
  const leftOutText =
    leftOut > 0 ? ` ${count(leftOut)} rows without artist or title were left out.` : '';
  return html`<h2>Library coverage</h2>
    <div class="bar">${shareBar(parts)}</div>
    <p class="key">${key}</p>
    <p class="soft">
      Of ${count(albums)} albums, ${count(compilations)} of them compilations, by ${count(artists)}
      artists.${leftOutText}
    </p>
    ${lists}`;
}

function review(report: PipelineReport): Html {
  if (report.review.length === 0) return noHtml;
  const rows = report.review
    .slice(0, 100)
    .map(({ artist, releases, candidate, score }) => [
      artist,
      count(releases),
      candidate ?? '—',
      score === null ? '' : formatScore(score),
    ]);
  return html`<h2>To be reviewed</h2>
    <p class="soft">
      Artists whose releases may or may not be the library’s, with the closest library artist.
      Settle them with wxyc-verify review or a mappings file.
    </p>
    ${htmlTable(['artist', 'releases', 'closest library artist', 'score'], rows, { right: [1, 3], stack: true })}`;
}

function failure({ step, place, message, outcome }: NonNullable<PipelineReport['failure']>): Html {
  const what = `${step} (${place}): ${message}`;
  return html`<p class="warning">Failed at ${what}<br />${outcome}.</p>`;
}

function files(report: PipelineReport): Html {
  const rows = [
    ...report.files.map(({ name, path }) => [name, path]),
    ...(report.failure ? [] : [['connect', report.connect]]),
  ];
  return html`<h2>Files</h2>
    ${htmlTable(['what', 'where'], rows, { whole: [0] })}`;
}

/** `September 2026` for `2026-09`. */
const monthName = (month: string): string =>
  new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  );

/** What the cache is made from, when and where. */
function about(report: PipelineReport): Html {
  const { month, dump, library } = report.origin;
  const facts: [string, string | null | undefined][] = [
    ['Month', month && monthName(month)],
    ['Dump', dump],
    [
      'Library',
      library &&
        (report.library ? `${library}, ${count(report.library.size.albums)} albums` : library),
    ],
    ['Database', report.target ?? report.database],
    ['Run', `${report.startedAt.slice(0, 16).replace('T', ' ')} UTC, ${report.runId}`],
  ];
  const rows = facts.flatMap(([name, value]) =>
    value
      ? [
          html`<tr>
            <th>${name}</th>
            <td>${value}</td>
          </tr>`,
        ]
      : [],
  );
  return html`<table class="about">
    ${rows}
  </table>`;
}

/** The page. It holds no passwords, since the report does not. */
export function reportPage(report: PipelineReport): string {
  const { month } = report.origin;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>Discogs cache, ${month ? monthName(month) : report.startedAt.slice(0, 10)}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>Discogs cache ${report.failure ? 'not rebuilt' : 'rebuilt'}</h1>
        ${about(report)} ${report.failure ? failure(report.failure) : ''}
        ${report.note ? html`<p>${report.note}</p>` : ''} ${tiles(report)} ${funnel(report)}
        ${decisions(report)} ${changesSection(report)} ${coverage(report)} ${review(report)}
        ${steps(report)} ${dropped(report)} ${tables(report)} ${files(report)}
        <h2>Inputs</h2>
        ${htmlTable(['input', 'value'], Object.entries(report.inputs), { whole: [0] })}
      </body>
    </html> `.source;
}
