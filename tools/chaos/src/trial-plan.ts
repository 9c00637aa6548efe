/**
 * What is done to one run: which kind of run, on which kind of database, and when it is struck with what.
 * A plan has a text form, `csv/server: kill@4+0.31 drop@7+0.5`, so that a failure can be reproduced exactly.
 */
import { UsageError } from '@wxyc/step';
import { Random } from './random.js';

/** The ways of running the pipeline: from a dump, from CSV files, from a dump with the matches copied to a second database. */
export const modes = ['xml', 'csv', 'copy'] as const;
export type Mode = (typeof modes)[number];

/** `server`: a server that outlives the run. `embedded`: one that the run starts and stops. */
export const places = ['server', 'embedded'] as const;
export type Place = (typeof places)[number];

/**
 * What can happen to a run.
 *
 * kill: SIGKILL. forget: SIGKILL, and the state file is lost. term, int: signals that ask it to end. crash: the
 * server gets SIGKILL. shut: the server is shut down at once, clients or not (immediate mode). drop: the
 * server ends the run's connections. cut: the network between run and server breaks. mute: it falls silent. back: SIGKILL, and
 * the databases go back to how they were after the blow before. nest: a consumer writes inside savepoints, for a second; the run goes on.
 */
export const blows = [
  'kill',
  'forget',
  'term',
  'int',
  'crash',
  'shut',
  'drop',
  'cut',
  'mute',
  'back',
  'nest',
] as const;
export type Blow = (typeof blows)[number];

export interface Strike {
  blow: Blow;
  /** The step during which it comes, counted from 1; 0 is the time before the first. */
  step: number;
  /** When, as a share of the time that this step takes in an undisturbed run. */
  share: number;
}

export interface TrialPlan {
  mode: Mode;
  place: Place;
  strikes: Strike[];
}

/** Steps of each kind of run in the lean profile. */
export const stepCounts: Record<Mode, number> = { xml: 11, csv: 9, copy: 11 };

const weights: readonly (readonly [Blow, number])[] = [
  ['kill', 10],
  ['forget', 2],
  ['term', 1],
  ['int', 1],
  ['crash', 1.5],
  ['shut', 1],
  ['drop', 1.5],
  ['cut', 1],
  ['mute', 3],
  ['back', 3],
  ['nest', 3],
];

/** The network of an embedded server is the run's own, and so is its directory. */
const needsServer: ReadonlySet<Blow> = new Set(['cut', 'mute', 'back', 'nest']);

/** The plan that belongs to a seed. */
export function planOf(
  seed: number,
  only: { modes?: readonly Mode[]; places?: readonly Place[]; blows?: readonly Blow[] } = {},
  counts: Readonly<Record<Mode, number>> = stepCounts,
): TrialPlan {
  const random = new Random(seed);
  const among = <T extends string>(
    all: readonly T[],
    some: readonly T[] | undefined,
  ): readonly T[] => (some?.length ? all.filter((one) => some.includes(one)) : all);
  const mode = random.weighted(among(modes, only.modes).map((name) => [name, 1] as const));
  const place = random.weighted(
    among(places, only.places).map((name) => [name, name === 'server' ? 2 : 1] as const),
  );
  const possible = weights.filter(
    ([blow]) =>
      (!only.blows?.length || only.blows.includes(blow)) &&
      !(place === 'embedded' && needsServer.has(blow)),
  );
  if (possible.length === 0)
    throw new UsageError('None of the blows asked for can hit an embedded server.');
  const count = counts[mode];
  let from = 0;
  const strikes: Strike[] = [];
  for (let left = 1 + random.below(4); left > 0; left--) {
    // Later strikes mostly hit later steps; otherwise every run would be hit at its beginning only.
    const step =
      random.next() < 0.15 ? random.below(count + 1) : from + random.below(count + 1 - from);
    strikes.push({
      blow: random.weighted(possible),
      step,
      share: Math.round(random.next() * 110) / 100,
    });
    from = Math.max(from, step);
  }
  // The one after which the run continues comes last.
  return {
    mode,
    place,
    strikes: [
      ...strikes.filter(({ blow }) => blow !== 'nest'),
      ...strikes.filter(({ blow }) => blow === 'nest').slice(-1),
    ],
  };
}

/** `csv/server: kill@4+0.31 drop@7+0.5`. */
export function planText({ mode, place, strikes }: TrialPlan): string {
  return `${mode}/${place}: ${strikes.map(({ blow, step, share }) => `${blow}@${step}+${share}`).join(' ')}`;
}

/** Reads what {@link planText} wrote. */
export function parsePlan(text: string): TrialPlan {
  const [head = '', tail = ''] = text.split(/:\s*/, 2);
  const [mode, place] = head.trim().split('/') as [Mode, Place];
  const strikes = tail
    .trim()
    .split(/\s+/)
    .map((word): Strike => {
      const parts = /^([a-z]+)@(\d+)\+([\d.]+)$/.exec(word);
      if (!parts || !blows.includes(parts[1] as Blow))
        throw new UsageError(
          `"${word}" is not a strike; write kill@4+0.5, one of ${blows.join(', ')}, the step's number, and when in it.`,
        );
      return { blow: parts[1] as Blow, step: Number(parts[2]), share: Number(parts[3]) };
    });
  if (!modes.includes(mode) || !places.includes(place))
    throw new UsageError(
      `"${head}" is not a kind of trial; write ${modes.join('|')}/${places.join('|')}.`,
    );
  return { mode, place, strikes };
}

/** Every given blow in every step of every kind of run, each in a trial of its own. */
export function everyStep(
  which: readonly Blow[],
  kinds: readonly Mode[] = modes,
  place: Place = 'server',
  counts: Readonly<Record<Mode, number>> = stepCounts,
): TrialPlan[] {
  return kinds.flatMap((mode) =>
    which.flatMap((blow) =>
      Array.from({ length: counts[mode] }, (_, index) => ({
        mode,
        place,
        strikes: [{ blow, step: index + 1, share: 0.5 }],
      })),
    ),
  );
}
