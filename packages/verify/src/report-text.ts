/** Prints a report for people. */

import { formatBytes, formatCount, formatScore, textTable, visible } from '@wxyc/cli';
import type { LibrarySize } from '@wxyc/matching';
import type { VerifyReport } from './report.js';

/** Artists in doubt that are listed; `review` walks through all. */
const listedArtists = 50;

/** Longest list of mappings that matched nothing. */
const listedMappings = 20;

/** @param done Whether the deletable rows are gone (prune), or left out (copy): then nothing is an estimate of the future. */
export function reportText(report: VerifyReport, done?: 'pruned' | 'copied'): string {
  const { library, decisions } = report;
  const facts = [
    ['library', sizeText(library.size)],
    [
      'albums',
      `${formatCount(library.found)} found, ${formatCount(library.inDoubt)} in doubt, ${formatCount(library.missing)} missing`,
    ],
    ['releases', formatCount(report.releases)],
    ['KEEP', formatCount(decisions.keep)],
    [
      'REVIEW',
      `${formatCount(decisions.review)} (${formatCount(report.review.length)} ${report.review.length === 1 ? 'artist' : 'artists'}${withoutArtist(report)})`,
    ],
    [
      'PRUNE',
      `${formatCount(decisions.prune)}${report.fetchedByConsumers > 0 ? ` (${formatCount(report.fetchedByConsumers)} of them stay, fetched by consumers)` : ''}`,
    ],
  ];
  return `${facts.map(([name, value]) => `${name!.padEnd(10)}${value}`).join('\n')}\n\n${tablesText(report, done)}${reviewText(report)}${unmetText(report)}\n`;
}

/** `65,000 albums, 2,100 of them compilations, by 24,000 artists; 12 rows left out, without artist or title`. */
export function sizeText({ albums, artists, compilations, leftOut }: LibrarySize): string {
  const without =
    leftOut > 0 ? `; ${formatCount(leftOut)} rows left out, without artist or title` : '';
  return `${formatCount(albums)} albums, ${formatCount(compilations)} of them compilations, by ${formatCount(artists)} artists${without}`;
}

function withoutArtist({ reviewWithoutArtist }: VerifyReport): string {
  return reviewWithoutArtist > 0
    ? `, ${formatCount(reviewWithoutArtist)} that no artist decided`
    : '';
}

function tablesText({ tables }: VerifyReport, done: 'pruned' | 'copied' | undefined): string {
  const sum = (key: 'rows' | 'bytes' | 'deletableRows' | 'estimatedSavings'): number =>
    tables.reduce((total, table) => total + table[key], 0);
  const line = (
    name: string,
    rows: number,
    bytes: number,
    deletable: number,
    savings: number,
  ): string[] => [
    name,
    formatCount(rows),
    formatBytes(bytes),
    formatCount(deletable),
    rows === 0 ? '' : `${((100 * deletable) / rows).toFixed(1)} %`,
    formatBytes(savings),
  ];
  const deletable =
    done === 'pruned' ? 'deleted rows' : done === 'copied' ? 'rows left out' : 'deletable rows';
  return textTable(
    ['table', 'rows', 'size', deletable, 'share', 'estimated savings'],
    [
      ...tables.map((table) =>
        line(table.name, table.rows, table.bytes, table.deletableRows, table.estimatedSavings),
      ),
      line('total', sum('rows'), sum('bytes'), sum('deletableRows'), sum('estimatedSavings')),
    ],
    [1, 2, 3, 4, 5],
  );
}

function reviewText({ review }: VerifyReport): string {
  if (review.length === 0) return '';
  const listed = review.slice(0, listedArtists);
  const rows = listed.map(({ artist, releases, candidate, score }) => [
    artist,
    formatCount(releases),
    candidate ?? '',
    formatScore(score),
  ]);
  const more =
    review.length > listed.length
      ? `… and ${formatCount(review.length - listed.length)} more artists\n`
      : '';
  return `\nREVIEW: settle these with wxyc-verify review, or in a mappings file\n${textTable(['Discogs artist', 'releases', 'best library match', 'score'], rows, [1, 3])}${more}`;
}

function unmetText({ unmetMappings }: VerifyReport): string {
  if (unmetMappings.length === 0) return '';
  const more =
    unmetMappings.length > listedMappings
      ? `, and ${formatCount(unmetMappings.length - listedMappings)} more`
      : '';
  return `\nMappings that matched no release of this database: ${visible(unmetMappings.slice(0, listedMappings).join(', '))}${more}\n`;
}
