/** Which pressings of a master stay: what makes one better than another, and the SQL of the ranking. */
import { decisionCodes, fromConsumer } from '@wxyc/dataset';
import { closeness } from '@wxyc/matching';
import { qualifiedName, quoteLiteral } from '@wxyc/postgres';
import { fitBits } from './pressing-fit.js';

/** SQL texts that the ranking reads from. */
export interface RankingSources {
  schema: string;
  /** A query or table `release_id, track_count`, one row per release. */
  counts: string;
  /** A table `release_id, decision, album, closeness, score`, or undefined without a library. */
  decisions: string | undefined;
  /** A table `album, first`: the first row of the library that is the same album. Undefined without a library. */
  albums: string | undefined;
  /** A table `release_id, fit, place`: see pressing-fit.ts and shelf.ts. Undefined if the library says nothing about pressings. */
  fits?: string | undefined;
  /** The country whose pressings come before others. */
  preferCountry: string;
}

interface Criterion {
  /** Column of the ranking. */
  name: string;
  /** SQL over the release `r`, its decision `d` and its track count `c`; a higher value is better. Never null. */
  value: string;
  /** Why the one that stays is better, if this criterion decided. */
  reason: string;
}

const fitReasons: Readonly<Record<string, string>> = {
  label: 'it is on the label that the library names, or its parent or sublabel',
  format: 'it is in the format that the library names',
  label_itself: 'it is on the very label that the library names',
  catno: 'it has the catalogue number that the library names',
  year: 'it is of the year that the library names',
};

/** The criteria in the order of their weight. A new one only needs its place here. */
function criteria({ decisions, fits, preferCountry }: RankingSources): Criterion[] {
  const country = quoteLiteral(preferCountry);
  return [
    ...(decisions
      ? [
          {
            name: 'decision',
            value: `coalesce(d.decision, ${decisionCodes.PRUNE})`,
            reason: 'it is surely owned, the other is in doubt',
          },
          {
            name: 'closeness',
            value: `coalesce(d.closeness, ${closeness.none})`,
            reason: 'it is owned by its id, or its title is closer to the library’s title',
          },
          { name: 'score', value: 'coalesce(d.score, 0)', reason: 'its score is higher' },
        ]
      : []),
    ...(fits
      ? Object.entries(fitBits).map(([name, bit]) => ({
          name: `fits_${name}`,
          value: `coalesce(f.fit, 0) & ${bit}`,
          reason: fitReasons[name]!,
        }))
      : []),
    {
      name: 'country',
      value: `CASE WHEN lower(r.country) = lower(${country}) THEN 2 WHEN coalesce(r.country, '') = '' THEN 0 ELSE 1 END`,
      reason: `its country: ${preferCountry} comes first, an unknown one last`,
    },
    { name: 'tracks', value: 'coalesce(c.track_count, 0)', reason: 'it has more tracks' },
    { name: 'lowest_id', value: '-r.id', reason: 'its id is lower' },
  ];
}

/**
 * A query for the releases to remove: `id, decision, kept_id, reason`.
 *
 * Within a master, KEEP releases are grouped by the album that they match, and by place on the shelf where its rows name several
 * pressings; each group keeps its best. Without such a group the best of all stays. A release that is owned by its own id stays whatever its place, and so does what consumers fetched.
 */
export function doomedQuery(sources: RankingSources): string {
  const { schema, counts, decisions, albums, fits } = sources;
  const ranked = criteria(sources);
  const order = ranked.map(({ name }) => `${name} DESC`).join(', ');
  // The pressings of one album compete with each other; what matches none competes with all pressings of its master.
  const album = decisions
    ? `CASE WHEN d.decision = ${decisionCodes.KEEP} THEN coalesce(a.first, d.album) END`
    : 'NULL::integer';
  // The values that decide are kept if there is a library, since the reason may be asked for later.
  const columns = decisions ? ['id', ...ranked.map(({ name }) => name)] : ['id'];
  const best = (partition: string): string =>
    columns.map((name) => `first_value(${name}) OVER ${partition} AS best_${name}`).join(', ');
  const reasons = ranked
    .map(({ name, reason }) => `WHEN best_${name} > ${name} THEN ${quoteLiteral(reason)}`)
    .join(' ');
  const reason = `CASE WHEN album IS NULL AND any_album THEN 'its master holds an album of the library' ${reasons} ELSE '' END`;
  return `
    WITH pressing AS (
      SELECT r.id, r.master_id, ${album} AS album, ${fits ? 'coalesce(f.place, 0)' : '0'} AS shelf, ${ranked.map(({ name, value }) => `${value} AS ${name}`).join(', ')}
        FROM ${qualifiedName(schema, 'release')} r
        LEFT JOIN ${counts} c ON c.release_id = r.id
        ${decisions ? `LEFT JOIN ${decisions} d ON d.release_id = r.id LEFT JOIN ${albums} a ON a.album = d.album` : ''}
        ${fits ? `LEFT JOIN ${fits} f ON f.release_id = r.id` : ''}
       WHERE r.master_id <> 0
    ), place AS (
      SELECT *, ${best('competition')},
             row_number() OVER competition AS place,
             bool_or(album IS NOT NULL) OVER (PARTITION BY master_id) AS any_album
        FROM pressing
      WINDOW competition AS (PARTITION BY master_id, album, shelf ORDER BY ${order})
    ), stays AS (
      SELECT *, first_value(best_id) OVER (PARTITION BY master_id ORDER BY album NULLS LAST, shelf, place) AS master_best
        FROM place
    )
    SELECT id, ${decisions ? 'decision' : '0 AS decision'},
           CASE WHEN album IS NULL AND any_album THEN master_best ELSE best_id END AS kept_id,
           ${decisions ? reason : `''`} AS reason
      FROM stays
     WHERE (place > 1 OR (album IS NULL AND any_album))
       ${decisions ? `AND closeness < ${closeness.byId}` : ''}
       AND NOT EXISTS (SELECT FROM ${qualifiedName(schema, 'cache_metadata')} m WHERE m.release_id = stays.id AND ${fromConsumer('m.source')})`;
}
