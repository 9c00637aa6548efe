/** Prints explanations of releases and albums for people. */

import { formatCount, formatScore, visible } from '@wxyc/cli';
import type { Decision } from '@wxyc/matching';
import type { AlbumExplanation } from './explain-album.js';
import type { CreditExplanation, Explanation } from './explain.js';
import { detailsInWords, discogsUrl, type ReleaseDetails } from './release-details.js';
import { cutoffsInWords, ruleInWords } from './rule-words.js';

export function explanationText(explanation: Explanation): string {
  const { releaseId, title, normalTitle, status, credits, decision, scoreCutoff } = explanation;
  const lines = [
    `Release ${releaseId}${title === null ? '' : `: ${title}`}`,
    `  ${discogsUrl(releaseId)}`,
  ];
  if (normalTitle !== null) lines.push(`  normal form of the title: ${normalTitle}`);
  lines.push(...statusLines(explanation));
  if (decision) {
    lines.push(
      `Decision${status === 'left out' || status === 'dropped' ? ', by the current library and mappings' : ''}: ${decisionText(decision)}`,
    );
    if (credits.length === 0)
      lines.push('  It has no main artist: its title alone can put it in doubt, but no more.');
  }
  for (const credit of credits) lines.push('', ...creditLines(credit, credits.length > 1));
  lines.push('', `Cut-offs: ${cutoffsInWords(scoreCutoff)}.`);
  return shown(lines);
}

function statusLines({ status, isFetched, stored, droppedFor, instead }: Explanation): string[] {
  const lines: string[] = [];
  if (stored)
    lines.push(
      `  the decisions file says ${stored.decision} by rule ${ruleInWords(stored.rule)}${stored.score === '' ? '' : `, score ${formatScore(Number(stored.score))}`}`,
    );
  if (status === 'in the database')
    lines.push(
      isFetched
        ? '  it is in the database: a consumer fetched it, so it stays whatever is decided'
        : '  it is in the database',
    );
  else if (droppedFor) {
    lines.push(
      `  dedup dropped it: another pressing of its master was kept, ${releaseText(droppedFor.kept)}`,
    );
    if (droppedFor.reason !== '') lines.push(`  for ${droppedFor.reason}`);
  } else if (status === 'left out') {
    lines.push('  it is not in the database; only the artist spelling that decided is known');
    if (stored?.decision !== 'PRUNE')
      lines.push(
        '  it was not pruned, so either another pressing of its master was kept, or it came from another run',
      );
    if (instead.length > 0)
      lines.push(
        '  the database holds these of the same album:',
        ...instead.map((release) => `    ${releaseText(release)}`),
      );
  } else {
    lines.push(
      '  it is neither in the database nor in the decisions file, which lists every release that a rule scored:',
    );
    lines.push(
      `  PRUNE by rule ${ruleInWords('5 nothing alike')}, unless the dump does not hold it`,
    );
  }
  return lines;
}

function creditLines(
  { artist, variation, normalForm, mappingKey, decision, closest }: CreditExplanation,
  amongOthers: boolean,
): string[] {
  const lines = [
    `${artist}${variation === undefined ? '' : `, printed as ${variation}`}${amongOthers ? `: alone ${decisionText(decision)}` : ''}`,
  ];
  lines.push(
    `  normal form ${normalForm || '(empty: it matches nothing)'}${mappingKey === normalForm ? '' : `, mappings look for ${mappingKey}`}`,
  );
  if (closest.length > 0) lines.push('  closest library artists:');
  for (const { artist: candidate, score, title, titleScore } of closest)
    lines.push(
      `    ${formatScore(score)}  ${candidate}; closest title: ${title} (${formatScore(titleScore)})`,
    );
  return lines;
}

function decisionText({
  decision,
  rule,
  spelling,
  libraryArtist,
  libraryTitle,
  artistScore,
  titleScore,
}: Decision): string {
  const scores = [
    ...(artistScore === null ? [] : [`artist ${formatScore(artistScore)}`]),
    ...(titleScore === null ? [] : [`title ${formatScore(titleScore)}`]),
  ].join(', ');
  const by = spelling === null ? '' : `, as ${spelling}`;
  const match =
    libraryArtist === null
      ? ''
      : `, ${decision === 'PRUNE' ? 'nearest to' : 'matched with'} ${libraryArtist} – ${libraryTitle}`;
  return `${decision} by rule ${ruleInWords(rule)}${by}${match}${scores ? ` (${scores})` : ''}`;
}

function releaseText(release: ReleaseDetails): string {
  const facts = detailsInWords(release);
  return `${release.id} ${release.artists.join(' / ')} – ${release.title}${facts ? ` (${facts})` : ''}  ${discogsUrl(release.id)}`;
}

export function albumExplanationText(explanation: AlbumExplanation): string {
  const { rows, status, releases, droppedPressings, nearest, leftOut, scoreCutoff } = explanation;
  const [album] = rows;
  const lines = [`${album!.artist} – ${album!.title}: ${status}`];
  if (rows.length > 1) lines.push(`  the library has ${rows.length} rows for this album`);
  for (const { details, decision } of releases)
    lines.push(`  ${releaseText(details)}`, `    ${decisionText(decision)}`);
  if (droppedPressings > 0)
    lines.push(
      `  ${formatCount(droppedPressings)} further ${droppedPressings === 1 ? 'pressing' : 'pressings'} dropped by dedup`,
    );
  if (status === 'missing' && !nearest && leftOut.length === 0) {
    lines.push(
      "  nothing like it is in the database; the run's --decisions FILE or --coverage FILE shows what the dump held",
    );
  }
  if (nearest && status !== 'found') {
    lines.push(
      `  nearest in the database: ${nearest.releaseId} ${nearest.artist} – ${nearest.title} (score ${formatScore(nearest.score)}; the ${nearest.missing} differs)  ${discogsUrl(nearest.releaseId)}`,
    );
  }
  if (leftOut.length > 0) lines.push('  in the decisions file, and not in the database:');
  for (const { release_id: id, spelling, title, decision, rule, score } of leftOut) {
    lines.push(
      `    ${id} ${spelling === '' ? '' : `${spelling} – `}${title}: ${decision} by rule ${ruleInWords(rule)}${score === '' ? '' : `, score ${formatScore(Number(score))}`}  ${discogsUrl(Number(id))}`,
    );
  }
  lines.push('', `Cut-offs: ${cutoffsInWords(scoreCutoff)}.`);
  return shown(lines);
}

/** Titles and names are whatever the dump and the library hold. */
const shown = (lines: readonly string[]): string => `${lines.map(visible).join('\n')}\n`;
