/** Explanations as people read them. */
import type { Decision } from '@wxyc/matching';
import type { AlbumExplanation } from '../dist/explain-album.js';
import type { Explanation } from '../dist/explain.js';
import { albumExplanationText, explanationText } from '../dist/explanation-text.js';

const decided: Decision = {
  decision: 'KEEP',
  rule: '3 same artist',
  spelling: 'Stereo Lab',
  title: 'Dots',
  album: 0,
  libraryArtist: 'Stereolab',
  libraryTitle: 'Dots And Loops',
  artistScore: 1,
  titleScore: 0.899,
  score: 0.9,
  closeness: 2,
};
const nothing: Decision = {
  ...decided,
  decision: 'PRUNE',
  rule: '5 nothing alike',
  spelling: null,
  album: null,
  libraryArtist: null,
  libraryTitle: null,
  artistScore: null,
  titleScore: null,
};
const kept = 'KEEP by rule 3 (an artist of the library; the titles decide)';
const release = (id: number) => ({
  id,
  title: 'Dots',
  artists: ['A', 'B'],
  year: 1997,
  country: 'UK',
  labels: ['Duophonic'],
});
const shownAs = (id: number): string =>
  `${id} A / B – Dots (1997, UK, Duophonic)  https://www.discogs.com/release/${id}`;

const explained: Explanation = {
  releaseId: 7,
  status: 'in the database',
  isFetched: false,
  title: 'Dots',
  normalTitle: 'dots',
  decision: decided,
  credits: [],
  instead: [],
  scoreCutoff: 0.9,
};
/** Without the first lines, which are the release's, and the last, which are the cut-offs'. */
const told = (explanation: Partial<Explanation>): string[] =>
  explanationText({ ...explained, ...explanation })
    .split('\n')
    .slice(3, -3);
const decision = (words = ''): string =>
  `Decision${words}: ${kept}, as Stereo Lab, matched with Stereolab – Dots And Loops (artist 1.00, title 0.89)`;
const credit = {
  artist: 'Stereo Lab',
  variation: undefined,
  normalForm: 'stereo lab',
  mappingKey: 'stereo lab',
  decision: decided,
  closest: [],
};

describe('of a release', () => {
  test('its id, address, title and the cut-offs', () => {
    const lines = explanationText(explained).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Release 7: Dots',
      '  https://www.discogs.com/release/7',
      '  normal form of the title: dots',
    ]);
    expect(lines.slice(-3)).toEqual([
      '',
      "Cut-offs: titles: KEEP from 0.90, REVIEW from 0.80; names, with an equal title: KEEP from 0.85 (0.90 if the album bears the artist's name), REVIEW from 0.75.",
      '',
    ]);
    expect(explanationText({ ...explained, title: null, normalTitle: null })).toMatch(
      /^Release 7\n {2}https:\S+\n {2}it is in the database\n/,
    );
  });

  test('without a main artist it says so, with one it does not', () => {
    expect(told({})).toEqual([
      '  it is in the database',
      decision(),
      '  It has no main artist: its title alone can put it in doubt, but no more.',
    ]);
    expect(told({ credits: [credit], isFetched: true })).toEqual([
      '  it is in the database: a consumer fetched it, so it stays whatever is decided',
      decision(),
      '',
      'Stereo Lab',
      '  normal form stereo lab',
    ]);
  });

  test('each of several credits with its decision and what comes close', () => {
    const closest = [{ artist: 'Stereolab', score: 0.956, title: 'Dots', titleScore: 0.5 }];
    const others = [
      { ...credit, variation: 'S. Lab', mappingKey: 'stereo lab (2)', closest },
      { ...credit, artist: '!!!', normalForm: '', mappingKey: '', decision: nothing },
    ];
    expect(told({ credits: others }).slice(2)).toEqual([
      '',
      `Stereo Lab, printed as S. Lab: alone ${decision().slice('Decision: '.length)}`,
      '  normal form stereo lab, mappings look for stereo lab (2)',
      '  closest library artists:',
      '    0.95  Stereolab; closest title: Dots (0.50)',
      '',
      '!!!: alone PRUNE by rule 5 (no album of the library comes near)',
      '  normal form (empty: it matches nothing)',
    ]);
  });

  const stored = {
    release_id: '7',
    spelling: 'Stereo Lab',
    title: 'Dots',
    decision: 'PRUNE',
    rule: '3 same artist',
    score: '0.5',
  } as unknown as Explanation['stored'];
  const storedLine =
    '  the decisions file says PRUNE by rule 3 (an artist of the library; the titles decide), score 0.50';
  const asNow = ', by the current library and mappings';

  test('one that dedup dropped, with the pressing kept instead', () => {
    const dropped: Partial<Explanation> = { status: 'dropped', credits: [credit] };
    const lines = [
      `  dedup dropped it: another pressing of its master was kept, ${shownAs(9)}`,
      '  for its country',
      decision(asNow),
    ];
    const droppedFor = { kept: release(9), reason: 'its country' };
    expect(told({ ...dropped, droppedFor }).slice(0, 3)).toEqual(lines);
    expect(told({ ...dropped, droppedFor: { ...droppedFor, reason: '' } }).slice(0, 2)).toEqual([
      lines[0],
      lines[2],
    ]);
  });

  test('one that was left out, and one that no rule scored', () => {
    const leftOut: Partial<Explanation> = { status: 'left out', credits: [credit] };
    const notThere = '  it is not in the database; only the artist spelling that decided is known';
    expect(told({ ...leftOut, stored }).slice(0, 3)).toEqual([
      storedLine,
      notThere,
      decision(asNow),
    ]);
    const owned = { ...stored!, decision: 'KEEP', score: '' } as Explanation['stored'];
    expect(told({ ...leftOut, stored: owned, instead: [release(9)] }).slice(0, 5)).toEqual([
      `  the decisions file says ${kept}`,
      notThere,
      '  it was not pruned, so either another pressing of its master was kept, or it came from another run',
      '  the database holds these of the same album:',
      `    ${shownAs(9)}`,
    ]);
    expect(told({ status: 'never near', decision: null })).toEqual([
      '  it is neither in the database nor in the decisions file, which lists every release that a rule scored:',
      '  PRUNE by rule 5 (no album of the library comes near), unless the dump does not hold it',
    ]);
  });
});

describe('of an album', () => {
  const album: AlbumExplanation = {
    rows: [{ artist: 'Stereolab', title: 'Dots And Loops' }],
    status: 'found',
    releases: [{ details: release(1), decision: decided }],
    droppedPressings: 0,
    nearest: null,
    leftOut: [],
    scoreCutoff: 0.9,
  };
  const lines = (explanation: Partial<AlbumExplanation>): string[] =>
    albumExplanationText({ ...album, ...explanation })
      .split('\n')
      .slice(0, -3);

  test('found: its releases, rows and dropped pressings', () => {
    const found = [
      'Stereolab – Dots And Loops: found',
      `  ${shownAs(1)}`,
      `    ${decision().slice('Decision: '.length)}`,
    ];
    expect(lines({})).toEqual(found);
    expect(lines({ rows: [...album.rows, ...album.rows], droppedPressings: 1 })).toEqual([
      found[0],
      '  the library has 2 rows for this album',
      ...found.slice(1),
      '  1 further pressing dropped by dedup',
    ]);
    expect(lines({ droppedPressings: 1200 }).at(-1)).toBe(
      '  1,200 further pressings dropped by dedup',
    );
  });

  test('missing: the nearest, what the decisions file has, or how to learn more', () => {
    const missing: Partial<AlbumExplanation> = { status: 'missing', releases: [] };
    expect(lines(missing)).toEqual([
      'Stereolab – Dots And Loops: missing',
      "  nothing like it is in the database; the run's --decisions FILE or --coverage FILE shows what the dump held",
    ]);
    const nearest: AlbumExplanation['nearest'] = {
      releaseId: 5,
      artist: 'S',
      title: 'D',
      score: 0.7,
      missing: 'title',
      nearness: 1,
    };
    const leftOut = [
      { release_id: '6', spelling: 'S', title: 'E', decision: 'REVIEW', rule: 'old', score: '' },
      { release_id: '8', spelling: '', title: 'F', decision: 'PRUNE', rule: 'old', score: '0.5' },
    ] as unknown as AlbumExplanation['leftOut'];
    expect(lines({ ...missing, nearest, leftOut })).toEqual([
      'Stereolab – Dots And Loops: missing',
      '  nearest in the database: 5 S – D (score 0.70; the title differs)  https://www.discogs.com/release/5',
      '  in the decisions file, and not in the database:',
      '    6 S – E: REVIEW by rule old  https://www.discogs.com/release/6',
      '    8 F: PRUNE by rule old, score 0.50  https://www.discogs.com/release/8',
    ]);
    expect(lines({ nearest })).toHaveLength(3);
  });
});

test('names give no orders to a terminal', () => {
  expect(explanationText({ ...explained, title: 'a\u001b[2Jb' })).not.toContain('\u001b');
});
