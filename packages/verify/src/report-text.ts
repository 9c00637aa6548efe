/** Prints a report and an explanation for people. */

import { formatBytes, formatCount, textTable, visible } from '@wxyc/cli';
import type { Decision } from '@wxyc/matching';
import type { Explanation } from './explain.js';
import type { VerifyReport } from './report.js';

/** Artists in doubt that are listed; `review` walks through all. */
const listedArtists = 50;

/** @param done Whether the deletable rows are gone (prune), or left out (copy): then nothing is an estimate of the future. */
export function reportText(report: VerifyReport, done?: 'pruned' | 'copied'): string {
  const { library, decisions } = report;
  const skipped = library.skippedRows > 0 ? `; ${formatCount(library.skippedRows)} rows without artist or title left out` : '';
  const facts = [
    ['library', `${formatCount(library.pairs)} pairs, ${formatCount(library.artists)} artists, ${formatCount(library.compilationTitles)} compilation titles${skipped}`],
    ['releases', formatCount(report.releases)],
    ['KEEP', formatCount(decisions.keep)],
    ['REVIEW', `${formatCount(decisions.review)} (${formatCount(report.review.length)} ${report.review.length === 1 ? 'artist' : 'artists'}${withoutArtist(report)})`],
    ['PRUNE', `${formatCount(decisions.prune)}${report.fetchedByConsumers > 0 ? ` (${formatCount(report.fetchedByConsumers)} of them stay: fetched by consumers)` : ''}`],
  ];
  return `${facts.map(([name, value]) => `${name!.padEnd(10)}${value}`).join('\n')}\n\n${tablesText(report, done)}${reviewText(report)}\n`;
}

function withoutArtist({ reviewWithoutArtist }: VerifyReport): string {
  return reviewWithoutArtist > 0 ? `, ${formatCount(reviewWithoutArtist)} without a main artist` : '';
}

function tablesText({ tables }: VerifyReport, done: 'pruned' | 'copied' | undefined): string {
  const sum = (key: 'rows' | 'bytes' | 'deletableRows' | 'estimatedSavings'): number => tables.reduce((total, table) => total + table[key], 0);
  const line = (name: string, rows: number, bytes: number, deletable: number, savings: number): string[] => [
    name,
    formatCount(rows),
    formatBytes(bytes),
    formatCount(deletable),
    rows === 0 ? '' : `${((100 * deletable) / rows).toFixed(1)} %`,
    formatBytes(savings),
  ];
  const deletable = done === 'pruned' ? 'deleted rows' : done === 'copied' ? 'rows left out' : 'deletable rows';
  return textTable(
    ['table', 'rows', 'size', deletable, 'share', 'estimated savings'],
    [
      ...tables.map((table) => line(table.name, table.rows, table.bytes, table.deletableRows, table.estimatedSavings)),
      line('total', sum('rows'), sum('bytes'), sum('deletableRows'), sum('estimatedSavings')),
    ],
    [1, 2, 3, 4, 5],
  );
}

function reviewText({ review }: VerifyReport): string {
  if (review.length === 0) return '';
  const listed = review.slice(0, listedArtists);
  const rows = listed.map(({ artist, releases, candidate, score }) => [artist, formatCount(releases), candidate ?? '', score === null ? '' : score.toFixed(2)]);
  const more = review.length > listed.length ? `… and ${formatCount(review.length - listed.length)} more artists\n` : '';
  return `\nREVIEW: settle these with wxyc-verify review, or in a mappings file\n${textTable(['Discogs artist', 'releases', 'best library match', 'score'], rows, [1, 3])}${more}`;
}

export function explanationText(explanation: Explanation): string {
  const { releaseId, title, normalTitle, credits, decision, stored, source } = explanation;
  const lines = [
    `Release ${releaseId}: ${title}`,
    `  normal form of the title: ${normalTitle}`,
    `  from the ${source}${source === 'decisions file' ? ': it is not in the database, and only the deciding artist is known' : ''}`,
    ...(stored ? [`  the decisions file says ${stored.decision} by rule ${stored.rule}${stored.score === '' ? '' : `, score ${stored.score}`}`] : []),
    `Decision: ${decisionText(decision)}`,
  ];
  if (credits.length === 0) lines.push('  It has no main artist, so it is left to a person: never deleted, always copied.');
  for (const credit of credits) {
    lines.push('', `${credit.artist}: ${decisionText(credit.decision)}`);
    lines.push(`  normal form ${credit.normalForm || '(empty: it matches nothing)'}${credit.mappingKey === credit.normalForm ? '' : `, mappings look for ${credit.mappingKey}`}`);
    if (credit.closest.length > 0) lines.push('  closest library artists:');
    for (const { artist, score, title: nearest, titleScore } of credit.closest) {
      lines.push(`    ${score.toFixed(1).padStart(5)}  ${artist}; its closest title: ${nearest} (${titleScore.toFixed(1)})`);
    }
  }
  // Titles and names are whatever the dump and the library hold.
  return `${lines.map(visible).join('\n')}\n`;
}

function decisionText({ decision, rule, score, matchedArtist, matchedTitle, artistScore, titleScore }: Decision): string {
  const scores = [
    ...(artistScore === null ? [] : [`artist ${artistScore.toFixed(1)}`]),
    ...(titleScore === null ? [] : [`title ${titleScore.toFixed(1)}`]),
    ...(score === null ? [] : [`score ${score.toFixed(4)}`]),
  ].join(', ');
  const match = [matchedArtist, matchedTitle].filter((text) => text !== null).join(' – ');
  return `${decision} by rule ${rule}${match ? `, matched with ${match}` : ''}${scores ? ` (${scores})` : ''}`;
}
