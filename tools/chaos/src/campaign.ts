/** Many trials, one after the other, and their results. */
import type { Logger } from '@wxyc/step';
import {
  planOf,
  planText,
  stepCounts,
  type Blow,
  type Mode,
  type Place,
  type TrialPlan,
} from './trial-plan.js';
import { runTrial } from './trial.js';
import type { Hit } from './hit.js';
import { defaultReleases, type World } from './world.js';

export interface CampaignOptions {
  /** Trials go on until this many runs have been killed with SIGKILL. */
  kills?: number;
  /** At most this many trials. */
  trials?: number;
  /** Seed of the first trial; each further trial takes the next number. */
  seed: number;
  /** These trials instead of random ones. */
  plans?: readonly TrialPlan[];
  only?: { modes?: readonly Mode[]; places?: readonly Place[]; blows?: readonly Blow[] };
  signal?: AbortSignal;
  logger: Logger;
}

export interface CampaignResult {
  trials: number;
  hits: Record<Mode, Hit[]>;
  failed: { plan: string; faults: string[]; directory: string; again: string }[];
  longestWait: number;
  seconds: number;
}

const isKill = ({ blow, step }: Hit): boolean =>
  (blow === 'kill' || blow === 'forget' || blow === 'back') && step !== undefined;

export async function runCampaign(world: World, options: CampaignOptions): Promise<CampaignResult> {
  const { logger, seed, plans, kills = Infinity } = options;
  const most = plans?.length ?? options.trials ?? Infinity;
  const started = Date.now();
  const result: CampaignResult = {
    trials: 0,
    hits: { xml: [], csv: [], copy: [] },
    failed: [],
    longestWait: 0,
    seconds: 0,
  };
  const killed = (): number => Object.values(result.hits).flat().filter(isKill).length;
  while (
    !options.signal?.aborted &&
    result.trials < most &&
    (plans !== undefined || killed() < kills)
  ) {
    const own = seed + result.trials;
    const plan = plans?.[result.trials] ?? planOf(own, options.only, world.stepCounts);
    const text = planText(plan);
    const again = commandFor(world, text);
    result.trials += 1;
    const { hits, faults, longestWait, directory } = await runTrial(
      world,
      plan,
      `trial_${result.trials}`,
    );
    result.hits[plan.mode].push(...hits);
    result.longestWait = Math.max(result.longestWait, longestWait);
    const where = hits
      .map(
        ({ blow, step }) => `${blow} ${step === undefined ? 'after the end' : `in step ${step}`}`,
      )
      .join(', ');
    logger.info(
      `trial ${result.trials}${plans ? '' : `, seed ${own}`}: ${text}: ${where}: ${faults.length ? 'FAILED' : 'ok'}`,
    );
    if (faults.length) {
      for (const fault of faults) logger.error(fault);
      logger.error(`again: ${again}; what it left is in ${directory}`);
      result.failed.push({ plan: text, faults, directory, again });
    }
  }
  result.seconds = (Date.now() - started) / 1000;
  return result;
}

/** The plan rather than the seed: what a seed gives depends on the blows that were allowed. */
const commandFor = ({ releases, inputs: { profile } }: World, plan: string): string =>
  [
    `npm run chaos -- --trial '${plan}'`,
    ...(releases === defaultReleases ? [] : [`--releases ${releases}`]),
    ...(profile === 'lean' ? [] : [`--profile ${profile}`]),
  ].join(' ');

/** How often each thing was hit, as a table. */
export function campaignText(result: CampaignResult): string {
  const lines = [
    `${result.trials} trials in ${result.seconds.toFixed(0)} s; strikes that hit a run, by the step it was in (0: before the first):`,
    '',
  ];
  for (const [mode, hits] of Object.entries(result.hits) as [Mode, Hit[]][]) {
    if (hits.length === 0) continue;
    const columns = Math.max(stepCounts[mode], ...hits.map(({ step }) => step ?? 0)) + 1;
    lines.push(
      `${mode.padEnd(6)}${Array.from({ length: columns }, (_, step) => String(step).padStart(4)).join('')}`,
    );
    for (const blow of new Set(hits.map((hit) => hit.blow))) {
      const counts = Array.from(
        { length: columns },
        (_, step) => hits.filter((hit) => hit.blow === blow && hit.step === step).length,
      );
      lines.push(
        `${blow.padEnd(6)}${counts.map((count) => (count ? String(count) : '.').padStart(4)).join('')}`,
      );
    }
  }
  const all = Object.values(result.hits).flat();
  lines.push(
    '',
    `${all.filter(isKill).length} kills, ${all.filter((hit) => !isKill(hit) && hit.step !== undefined).length} other strikes, ${all.filter(({ step }) => step === undefined).length} came too late.`,
  );
  lines.push(
    `A killed run's lock kept the next run waiting for ${(result.longestWait / 1000).toFixed(1)} s at most.`,
  );
  lines.push(
    result.failed.length
      ? `${result.failed.length} trials FAILED:\n${result.failed.map(({ again, faults }) => `  ${again}\n    ${faults.join('\n    ')}`).join('\n')}`
      : 'Every trial ended as an undisturbed run does.',
  );
  return `${lines.join('\n')}\n`;
}
