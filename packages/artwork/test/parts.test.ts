/** The parts that need no server: which image, how fast, how long. */
import { jest } from '@jest/globals';
import { artworkOf } from '../dist/images.js';
import { parseDuration } from '../dist/duration.js';
import { Pace } from '../dist/pace.js';

const never = new AbortController().signal;

describe('the image', () => {
  it.each([
    [
      'the first primary one',
      [
        { type: 'secondary', uri: 'https://a/1' },
        { type: 'primary', uri: 'https://a/2' },
        { type: 'primary', uri: 'https://a/3' },
      ],
      'https://a/2',
    ],
    [
      'the first with a URI, where no primary one has it',
      [
        { type: 'primary', uri: '' },
        { type: 'secondary', uri: 'https://a/2' },
      ],
      'https://a/2',
    ],
    ['none without URIs', [{ type: 'primary', uri: '' }, { type: 'secondary' }], null],
    ['none of an empty list', [], null],
    [
      'none where a URI is no URL',
      [{ type: 'primary', uri: 'javascript:alert(1)' }, { type: 'primary', uri: 7 }, null],
      null,
    ],
  ])('is %s', (_, images, url) => expect(artworkOf({ images })).toBe(url));

  it.each([[{}], [null], ['text'], [{ images: 'none' }]])('is missing from %j', (release) =>
    expect(artworkOf(release)).toBeNull(),
  );
});

describe('a time', () => {
  it.each([
    ['8h', 28_800],
    ['90m', 5400],
    ['1h30m', 5400],
    ['45s', 45],
    ['2d', 172_800],
  ])('%s', (text, seconds) => expect(parseDuration(text, '--for')).toBe(seconds));
  it.each(['8', 'h', '0h', '1.5h', '8 h', '-1h', '1h30'])('%s is refused', (text) =>
    expect(() => parseDuration(text, '--for')).toThrow(/--for takes a time such as 8h/),
  );
});

describe('the pace', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** When each of `count` requests made at once may go, in milliseconds. */
  const moments = async (
    pace: Pace,
    count: number,
    hear?: (n: number) => ConstructorParameters<typeof Headers>[0],
  ): Promise<number[]> => {
    const began = performance.now();
    const at: number[] = [];
    const all = Promise.all(
      Array.from({ length: count }, async (_, n) => {
        await pace.turn(never);
        at.push(performance.now() - began);
        if (hear) pace.heard(new Headers(hear(n)));
      }),
    );
    await jest.advanceTimersByTimeAsync(10_000);
    await all;
    return at;
  };

  it('spaces requests evenly, also those that wait at the same time', async () => {
    const at = await moments(new Pace({ rate: 20, window: 400 }), 6);
    at.slice(1).forEach((moment, n) => expect(moment - at[n]!).toBeGreaterThanOrEqual(20));
    expect(at.at(-1)).toBeLessThan(110);
  });

  it('follows a lower limit of the API, and never a higher one', async () => {
    const slower = await moments(new Pace({ rate: 100, window: 400 }), 4, () => ({
      'x-discogs-ratelimit': '10',
      'x-discogs-ratelimit-remaining': '9',
    }));
    expect(slower.at(-1)).toBeGreaterThanOrEqual(120);
    const same = await moments(new Pace({ rate: 10, window: 400 }), 4, () => ({
      'x-discogs-ratelimit': '1000',
      'x-discogs-ratelimit-remaining': '900',
    }));
    expect(same.at(-1)).toBeGreaterThanOrEqual(120);
  });

  it('waits for a free slot when the API says that none is left', async () => {
    const at = await moments(new Pace({ rate: 100, window: 300 }), 3, (n) =>
      n === 1 ? { 'x-discogs-ratelimit': '100', 'x-discogs-ratelimit-remaining': '0' } : [],
    );
    // After a window the first request no longer counts.
    expect(at[2]! - at[0]!).toBeGreaterThanOrEqual(300);
  });

  it('a clock that is set back makes nobody wait', async () => {
    const pace = new Pace({ rate: 100, window: 100 });
    await pace.turn(never);
    jest.setSystemTime(0);
    const at = await moments(pace, 3);
    expect(at.at(-1)).toBeLessThan(10);
  });

  it('applies a pause to every request that waits', async () => {
    const pace = new Pace({ rate: 100, window: 100 });
    await pace.turn(never);
    pace.pauseUntil(performance.now() + 100);
    const at = await moments(pace, 3);
    expect(at[0]).toBeGreaterThanOrEqual(100);
    expect(at[0]).toBeLessThan(110);
  });
});
