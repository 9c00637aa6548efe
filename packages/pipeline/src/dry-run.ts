/** `--dry-run`: what a run would do, with estimates; nothing is written and no server is started. */
import { formatBytes, formatCount } from '@wxyc/cli';
import { readingOf, surveyLibrary } from '@wxyc/library';
import { formatSeconds, type StepContext } from '@wxyc/step';
import { plainUrl } from './fingerprint.js';
import { makePlan, namesDump, unusedDumps, type PipelineOptions, type Plan } from './plan.js';
import { readState } from './state.js';
import { stepsOf } from './steps.js';
import { dumpBytes, estimateCsvBytes, freeBytes } from './workspace.js';

/** Bytes of XML a second on a machine with two cores; and what a gzipped dump unpacks to. */
const convertSpeed = 90e6;
const gzipFactor = 6;

async function lines(plan: Plan): Promise<[string, string][]> {
  const { options } = plan;
  const facts: [string, string][] = [];
  if (plan.dump) {
    const size = await dumpBytes(plan);
    const xml = /\.gz$/i.test(plan.dump) ? size * gzipFactor : size;
    if (plan.monthly) facts.push(['month', `${plan.monthly.month}: ${plan.monthly.file.name} is downloaded to ${plan.options.downloadDir}, unless it is already there`]);
    facts.push(['dump', `${plan.dump}, ${formatBytes(size)}`]);
    if (namesDump(plan) || (plan.artistsDump && plan.profile === 'full')) facts.push(['artists dump', [plan.artistsDump!, ...(namesDump(plan) ? ['for other names of artists'] : []), ...(plan.profile === 'full' ? ['for the tables of artists'] : [])].join(', ')]);
    if (plan.labelsDump) facts.push(['labels dump', `${plan.labelsDump}, for parents and sublabels`]);
    if (plan.mastersDump && plan.profile === 'full') facts.push(['masters dump', `${plan.mastersDump}, for the tables of masters`]);
    for (const { kind, path } of unusedDumps(plan)) facts.push([`${kind} dump`, `${path} is from another month: not used`]);
    facts.push(['reading it', `about ${formatSeconds(xml / convertSpeed)} on two cores`]);
    facts.push(['CSV files', `about ${formatBytes(await estimateCsvBytes(plan))} in ${plan.csvDir}${plan.temporaryCsv ? ' (removed at the end)' : ''}, ${formatBytes(await freeBytes(plan.csvDir))} free`]);
  } else facts.push(['CSV files', plan.csvDir]);
  if (options.libraryDb) {
    const { rows, skipped, kind } = surveyLibrary(options.libraryDb, readingOf(options));
    facts.push(['library', `${typeof options.libraryDb === 'string' ? `${options.libraryDb}, ` : ''}${kind}, ${formatCount(rows.length)} albums${skipped ? `, ${formatCount(skipped)} rows without artist or title left out` : ''}`]);
  } else facts.push(['library', 'none: nothing will be pruned']);
  facts.push(['profile', options.profile ?? 'that of the published cache, lean without one']);
  facts.push(['database', plainUrl(options.databaseUrl)]);
  const tables = await estimateCsvBytes(plan);
  const size = tables > 0 ? `about ${formatBytes(tables)} for the new cache, and as much` : 'the size of the new cache, and as much again';
  facts.push(['disk needed there', options.keepPrevious === false ? `${size} for the one in use until it is replaced` : `${size} each for the one in use, which is kept, and the one kept from before`]);
  if (options.targetDbUrl) facts.push(['target', plainUrl(options.targetDbUrl)]);
  facts.push(['state file', plan.stateFile]);
  for (const [name, file] of [['alternates', options.alternates], ['ids to keep', options.keepIds], ['mappings', options.mappingsFile], ['coverage', options.coverage]] as const) {
    if (file !== undefined) facts.push([name, file]);
  }
  if (options.report) facts.push(['report', options.report]);
  return facts;
}

/** The plan as text. Inputs are checked as a run would check them. */
export async function describePlan(options: PipelineOptions, context?: Partial<StepContext>): Promise<string> {
  const plan = await makePlan(options, context);
  const facts = await lines(plan);
  const width = Math.max(...facts.map(([name]) => name.length));
  const found = options.resume ? await readState(plan.stateFile) : undefined;
  const longest = Math.max(...stepsOf(plan).map(({ name }) => name.length));
  const steps = stepsOf(plan).map(({ name, title, names }, i) => {
    const done = found && !found.needsProof && names.every((name) => found.state.steps[name].status === 'completed');
    return `${String(i + 1).padStart(3)}. ${name.padEnd(longest)}  ${title}${done ? ' (already done)' : ''}`;
  });
  return `${facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n\nSteps:\n${steps.join('\n')}\n\nNothing was done.\n`;
}
