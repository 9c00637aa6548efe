import { paced, type Clock } from '../src/gentle.js';

/** A clock that only pauses and `work` move. */
function ownClock() {
  let time = 0;
  const pauses: number[] = [];
  const clock: Clock = {
    now: () => time,
    pause: (milliseconds) => {
      pauses.push(milliseconds);
      time += milliseconds;
      return Promise.resolve();
    },
  };
  return { clock, pauses, work: (milliseconds: number) => (time += milliseconds), at: () => time };
}

async function drain(pieces: AsyncIterable<Buffer | string>, each = (): void => undefined) {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += Buffer.byteLength(piece);
    each();
  }
  return bytes;
}

const pieces = (count: number): Buffer[] => Array.from({ length: count }, () => Buffer.alloc(1000));

describe('paced', () => {
  it('hands everything on, at the given rate', async () => {
    const { clock, pauses, at } = ownClock();
    expect(await drain(paced(pieces(101), 100_000, undefined, clock))).toBe(101_000);
    expect(at()).toBeCloseTo(1000);
    expect(pauses).toHaveLength(100);
  });

  it('does not pause for a taker that is slower anyway', async () => {
    const { clock, pauses, work } = ownClock();
    await drain(paced(pieces(50), 100_000, undefined, clock), () => void work(12));
    expect(pauses).toEqual([]);
  });

  it('does not make up for a long silence', async () => {
    const { clock, work, at } = ownClock();
    let taken = 0;
    await drain(paced(pieces(21), 100_000, undefined, clock), () => {
      if (++taken === 10) work(5000);
    });
    expect(at()).toBeCloseTo(5190, -1);
  });

  it('counts the bytes of texts, and adds up short pauses', async () => {
    const { clock, pauses, at } = ownClock();
    await drain(paced(Array<string>(101).fill('ä'.repeat(50)), 100_000, undefined, clock));
    expect(at()).toBeGreaterThan(90);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5);
  });

  it('ends its pause when the signal fires', async () => {
    const stop = new AbortController();
    const slow = drain(paced(pieces(3), 1, stop.signal), () => stop.abort());
    await expect(slow).rejects.toThrow(/abort/i);
  });
});
