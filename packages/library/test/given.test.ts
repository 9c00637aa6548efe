/** Libraries that a program hands over: lists, and what yields albums one by one. */
import {
  libraryKinds,
  readLibrary,
  surveyLibrary,
  withLibrary,
  type LibraryRow,
} from '@wxyc/library';
import { BadInputError, checkOptions, InterruptedError, UsageError } from '@wxyc/step';

const rows: LibraryRow[] = [
  { artist: 'Noor', title: 'Tides' },
  { artist: ' ', title: 'x' },
  { artist: 'Kessler', title: 'Night Ferry', year: 2014 },
];

async function* cursor(): AsyncGenerator<LibraryRow> {
  for (const row of rows) yield await Promise.resolve(row);
}
function* generator(): Generator<LibraryRow> {
  yield* rows;
}

test('a list', async () => {
  expect(surveyLibrary(rows)).toMatchObject({
    rows: [rows[0], rows[2]],
    read: 3,
    skipped: 1,
    leftOut: { 'without an artist or a title': 1 },
  });
  expect(() => surveyLibrary([])).toThrow(/no row with both/);
  expect(await withLibrary({ library: rows })).toEqual({ libraryDb: rows });
  await expect(withLibrary({ library: rows, libraryDb: 'library.db' })).rejects.toThrow(
    /both given: give one of them/,
  );
});

test.each<[string, () => Iterable<LibraryRow> | AsyncIterable<LibraryRow>]>([
  ['an async generator', cursor],
  ['a generator', generator],
  ['a set', () => new Set(rows)],
  ['a stream', () => ReadableStream.from(rows) as unknown as AsyncIterable<LibraryRow>],
])('%s is read once, however often it is used', async (_what, make) => {
  for (const name of ['library', 'libraryDb']) {
    const given = { [name]: make() };
    const [first, again] = [await withLibrary(given), await withLibrary(given)];
    expect(first).toEqual({ libraryDb: rows });
    expect(again.libraryDb).toBe(first.libraryDb);
    expect(readLibrary(first.libraryDb!)).toHaveLength(2);
  }
});

test('a source that fails before its end is not a library', async () => {
  async function* torn(): AsyncGenerator<LibraryRow> {
    yield* cursor();
    throw new Error('connection lost');
  }
  await expect(withLibrary({ library: torn() })).rejects.toThrow(
    /^the library that was passed in ended early, after 3 rows: connection lost$/,
  );
  await expect(withLibrary({ library: torn() })).rejects.toThrow(BadInputError);
});

test('a source that falls silent does not hold up an aborted call', async () => {
  const stop = new AbortController();
  let closed = false;
  const silent: AsyncIterable<LibraryRow> = {
    [Symbol.asyncIterator]: () => ({
      next: () => (setImmediate(() => stop.abort()), new Promise(() => undefined)),
      return: () => ((closed = true), Promise.resolve({ done: true as const, value: undefined })),
    }),
  };
  await expect(withLibrary({ library: silent }, stop.signal)).rejects.toThrow(InterruptedError);
  expect(closed).toBe(true);
});

test('an entry that is not an album is refused with its row number; null is a missing value', () => {
  const fault =
    (row: unknown): (() => unknown) =>
    () =>
      surveyLibrary([rows[0]!, row as LibraryRow]);
  expect(fault(7)).toThrow(
    /^row 2 of the library that was passed in is not an album; give it as \{ artist/,
  );
  expect(fault({ artist: 311, title: 'Evolver' })).toThrow(
    /^row 2 .* has artist of type number, but must be a string/,
  );
  expect(fault({ artist: 'A', title: 'B', year: '1990' })).toThrow(
    /has year of type string, but must be a whole number/,
  );
  expect(fault({ artist: 'A', title: 'B', alternates: 'C' })).toThrow(
    /has alternates of type string, but must be a list of strings/,
  );
  expect(
    surveyLibrary([
      {
        artist: 'A',
        title: 'B',
        label: null,
        alternates: null,
        releaseId: null,
      } as unknown as LibraryRow,
    ]).rows,
  ).toEqual([{ artist: 'A', title: 'B' }]);
  expect(
    surveyLibrary([rows[0]!, { artist: null, title: 'B' } as unknown as LibraryRow]).leftOut,
  ).toEqual({ 'without an artist or a title': 1 });
});

test('what is neither a file nor albums is refused', () => {
  for (const library of [[], ['A'], 'library.db', 7, {}])
    expect(() => checkOptions('f', { library } as never, libraryKinds)).toThrow(UsageError);
  for (const library of [rows, cursor(), generator()])
    expect(() => checkOptions('f', { library }, libraryKinds)).not.toThrow();
});
