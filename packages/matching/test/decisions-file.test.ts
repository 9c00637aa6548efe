import {
  Classifier,
  decisionColumns,
  decisionValues,
  isEarlierDecisionsFile,
  isScored,
} from '@wxyc/matching';

const classifier = new Classifier({
  library: [
    { artist: 'Heron', title: 'Standing' },
    { artist: 'Finch', title: 'Solo Flights' },
  ],
  keepIds: [9],
});
const decide = (id: number, name: string, title: string) =>
  classifier.decide({ id, title, credits: [{ name }] });

test('a row has the columns in their order: rows from 1, scores with four decimals at most', () => {
  expect(
    Object.fromEntries(
      decisionValues(3, decide(3, 'The Finch', 'Solo Flight')).map((value, at) => [
        decisionColumns[at],
        value,
      ]),
    ),
  ).toEqual({
    release_id: 3,
    spelling: 'The Finch',
    title: 'Solo Flight',
    decision: 'KEEP',
    library_row: 2,
    library_artist: 'Finch',
    library_title: 'Solo Flights',
    artist_score: 1,
    title_score: 0.9565,
    score: 0.9565,
    rule: '3 same artist',
  });
});

test('releases that came near an album, or were settled without one, are in the file', () => {
  expect(isScored(decide(1, 'Finch', 'Solo Flights'))).toBe(true);
  expect(isScored(decide(1, 'Finch', 'Solo Fights Again'))).toBe(true);
  expect(isScored(decide(9, 'Nobody', 'Other'))).toBe(true);
  expect(isScored(decide(1, 'Nobody', 'Other'))).toBe(false);
});

test('a file of the earlier rules is recognised by its header', () => {
  expect(
    isEarlierDecisionsFile([
      'release_id',
      'artist',
      'title',
      'decision',
      'matched_artist',
      'matched_title',
    ]),
  ).toBe(true);
  expect(isEarlierDecisionsFile([...decisionColumns])).toBe(false);
  expect(isEarlierDecisionsFile(['matched_artist'])).toBe(false);
});
