import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineCommand, out, wholeNumber, type Program } from '@wxyc/cli';
import type { Profile } from '@wxyc/dataset';
import { DifferencesError, UsageError } from '@wxyc/step';
import { campaignText, runCampaign } from './campaign.js';
import {
  blows,
  everyStep,
  modes,
  parsePlan,
  places,
  type Blow,
  type Mode,
  type Place,
} from './trial-plan.js';
import { defaultReleases, makeWorld } from './world.js';

const list = <T extends string>(choices: readonly T[], describe: string) =>
  ({ type: 'string', array: true, requiresArg: true, choices, describe }) as const;

const command = defineCommand({
  command: '$0',
  describe: 'Strike runs of the pipeline, resume them, compare what they leave',
  options: (y) =>
    y.options({
      kills: {
        type: 'number',
        requiresArg: true,
        coerce: wholeNumber('--kills', 1),
        describe: 'Go on until so many runs were killed [default: 6]',
      },
      seed: {
        type: 'number',
        requiresArg: true,
        coerce: wholeNumber('--seed'),
        describe: 'Seed of the first trial [default: random]; alone: only that trial',
      },
      trial: {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: "Just this trial, as printed: 'csv/server: kill@4+0.5'",
      },
      'every-step': {
        type: 'boolean',
        default: false,
        describe: 'Every --blow once in every step of every --mode',
      },
      mode: list(modes, 'Only these kinds of run'),
      place: list(places, 'Only these kinds of server'),
      blow: list(blows, 'Only these blows'),
      releases: {
        type: 'number',
        requiresArg: true,
        default: defaultReleases,
        coerce: wholeNumber('--releases', 100),
        describe: 'Size of the dump',
      },
      profile: {
        type: 'string',
        requiresArg: true,
        choices: ['lean', 'full'] as const,
        default: 'lean',
        describe: 'What the caches hold',
      },
      folder: {
        type: 'string',
        requiresArg: true,
        describe: 'Where to work; kept [default: a temporary one, kept after failures]',
      },
    }),
  run: async (args, { logger, signal }) => {
    const [mode, place, blow] = [args.mode, args.place, args.blow] as [
      Mode[] | undefined,
      Place[] | undefined,
      Blow[] | undefined,
    ];
    if (args.everyStep && !blow?.length)
      throw new UsageError('--every-step needs --blow: which blows are to fall?');
    const asked = args.trial?.map(parsePlan);
    const folder = args.folder ? resolve(args.folder) : mkdtempSync(join(tmpdir(), 'wxyc-chaos-'));
    mkdirSync(folder, { recursive: true });
    // An embedded server that root starts runs as another user.
    chmodSync(folder, 0o755);
    const seed = args.seed ?? Math.floor(Math.random() * 1e9);
    const world = await makeWorld({
      folder,
      releases: args.releases!,
      profile: args.profile as Profile,
      log: (line) => logger.info(line),
    });
    const plans =
      asked ??
      (args.everyStep
        ? everyStep(blow!, mode ?? modes, place?.[0] ?? 'server', world.stepCounts)
        : undefined);
    try {
      const result = await runCampaign(world, {
        seed,
        ...(args.seed !== undefined && args.kills === undefined
          ? { trials: 1 }
          : { kills: args.kills ?? 6 }),
        ...(plans ? { plans } : {}),
        only: {
          ...(mode ? { modes: mode } : {}),
          ...(place ? { places: place } : {}),
          ...(blow ? { blows: blow } : {}),
        },
        signal,
        logger,
      });
      out(campaignText(result));
      if (result.failed.length)
        throw new DifferencesError(
          `${result.failed.length} of ${result.trials} trials failed; their directories are below ${folder}.`,
        );
      if (!args.folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    } finally {
      await world.close();
    }
  },
});

export const program: Program = {
  name: 'wxyc-chaos',
  describe:
    'Kills runs of the pipeline at random moments, resumes them, and compares with an undisturbed run.',
  packageUrl: import.meta.url,
  examples: [
    ['npm run chaos -- --kills 50', 'The long run'],
    ['npm run chaos -- --seed 4711', 'The trial that this seed gives'],
  ],
  commands: [command],
};
