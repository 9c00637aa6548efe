/** `--dry-run`: what a run would do, with estimates; nothing is written and no server is started. */
import { formatBytes, formatCount } from '@wxyc/cli';
import { readingOf, surveyLibrary } from '@wxyc/library';
import { formatSeconds, type StepContext } from '@wxyc/step';
import { plainUrl } from './fingerprint.js';
import { findDumpsBriefly, stillToFetch } from './monthly-dump.js';
import { makePlan } from './plan.js';
import {
  dumpsBeside,
  unusedDumps,
  type MonthlyDumps,
  type PipelineOptions,
  type Plan,
} from './run-plan.js';
import { readState } from './state.js';
import { stepsOf } from './steps.js';
import { dumpBytes, estimateCsvBytes, freeBytes, plainDumpBytes } from './workspace.js';

/** Bytes of XML per second on a machine with two cores. */
const convertSpeed = 90e6;

/** What a run would download. The plan does not know which profile the published cache has. */
function monthText(plan: Plan, monthly: MonthlyDumps): string {
  const { names, bytes } = stillToFetch(monthly, [
    'releases',
    ...dumpsBeside(plan).map(({ kind }) => kind),
  ]);
  const download =
    names.length === 0
      ? `everything needed is already in ${monthly.directory}`
      : `${names.join(', ')} to download to ${monthly.directory}, ${formatBytes(bytes)}`;
  const more =
    plan.options.profile === undefined && !plan.options.releasesOnly
      ? '; if the published cache has the full profile, the artists and masters dumps too'
      : '';
  return `${monthly.month.month}: ${download}${more}`;
}

async function lines(plan: Plan): Promise<[string, string][]> {
  const { options } = plan;
  const facts: [string, string][] = [];
  if (plan.dump) {
    const size = await dumpBytes(plan);
    const xml = await plainDumpBytes(plan);
    if (plan.monthly) facts.push(['month', monthText(plan, plan.monthly)]);
    facts.push(['dump', `${plan.dump}, ${formatBytes(size)}`]);
    for (const { kind, path, uses } of dumpsBeside(plan))
      facts.push([`${kind} dump`, [path, ...uses.map((use) => `for ${use}`)].join(', ')]);
    for (const { kind, path } of unusedDumps(plan))
      facts.push([`${kind} dump`, `${path} is from another month: not used`]);
    facts.push(['reading it', `about ${formatSeconds(xml / convertSpeed)} on two cores`]);
    facts.push([
      'CSV files',
      `about ${formatBytes(await estimateCsvBytes(plan))} in ${plan.csvDir}${plan.temporaryCsv ? ' (removed at the end)' : ''}, ${formatBytes(await freeBytes(plan.csvDir))} free`,
    ]);
  } else facts.push(['CSV files', plan.csvDir]);
  if (options.libraryDb) {
    const { rows, skipped, kind } = surveyLibrary(options.libraryDb, readingOf(options));
    facts.push([
      'library',
      `${typeof options.libraryDb === 'string' ? `${options.libraryDb}, ` : ''}${kind}, ${formatCount(rows.length)} albums${skipped ? `, ${formatCount(skipped)} rows without artist or title left out` : ''}`,
    ]);
  } else facts.push(['library', 'none: nothing will be pruned']);
  facts.push([
    'profile',
    options.profile ?? 'that of the published cache, or lean if there is none',
  ]);
  facts.push(['database', plainUrl(options.databaseUrl)]);
  const tables = await estimateCsvBytes(plan);
  const size =
    tables > 0
      ? `about ${formatBytes(tables)} for the new cache, and as much`
      : 'the size of the new cache, and as much again';
  facts.push([
    'disk needed there',
    options.keepPrevious === false
      ? `${size} for the one in use until it is replaced`
      : `${size} each for the one in use, which is kept, and the one kept from before`,
  ]);
  if (options.targetDbUrl) facts.push(['target', plainUrl(options.targetDbUrl)]);
  facts.push(['state file', plan.stateFile]);
  for (const [name, file] of [
    ['alternates', options.alternates],
    ['ids to keep', options.keepIds],
    ['mappings', options.mappingsFile],
    ['coverage', options.coverage],
  ] as const) {
    if (file !== undefined) facts.push([name, file]);
  }
  if (options.report) facts.push(['report', options.report]);
  return facts;
}

/** The plan as text. Inputs are checked as a run would check them. */
export async function describePlan(
  options: PipelineOptions,
  context?: Partial<StepContext>,
): Promise<string> {
  const plan = await makePlan(options, context, findDumpsBriefly);
  const facts = await lines(plan);
  const width = Math.max(...facts.map(([name]) => name.length));
  const found = options.resume ? await readState(plan.stateFile) : undefined;
  const longest = Math.max(...stepsOf(plan).map(({ name }) => name.length));
  const steps = stepsOf(plan).map(({ name, title, names }, i) => {
    const done =
      found &&
      !found.needsProof &&
      names.every((name) => found.state.steps[name].status === 'completed');
    return `${String(i + 1).padStart(3)}. ${name.padEnd(longest)}  ${title}${done ? ' (already done)' : ''}`;
  });
  return `${facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n\nSteps:\n${steps.join('\n')}\n\nNothing was done.\n`;
}
