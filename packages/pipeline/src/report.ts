/** What a run did, as data: the closing tables on stdout, the JSON file and the HTML page are printers of it. */
import { basename, extname } from 'node:path';
import { formatBytes, formatCount, summaryTable, textTable } from '@wxyc/cli';
import { jsonKind, writeWhole, type OutputKind } from '@wxyc/csv';
import type { ImportResult } from '@wxyc/import';
import type { LibraryCoverage } from '@wxyc/matching';
import { redact, StepError, type StepResult } from '@wxyc/step';
import type { MatchResult } from '@wxyc/verify';
import { changesLines, changesOf } from './changes.js';
import { plainUrl } from './fingerprint.js';
import { reportPage } from './report-page.js';
import { measureTables, type TableSize } from './table-sizes.js';
import { monthOfPlan } from './origin.js';
import type { Plan } from './run-plan.js';
import { connectText, filesOf, type RunFailure } from './run-end.js';
import { stepsOf } from './steps.js';
import type { RunEnvironment } from './run-environment.js';
import type { PipelineReport } from './report-data.js';

/** Longest list of mappings in the closing text; the report has them all. */
const listedMappings = 20;
/** Longest list of REVIEW artists in a report. */
const mostReview = 200;

/** Puts the report together after the last step, or after the one that failed: then it leaves out the tables, which are the old cache's. */
export async function assembleReport(
  environment: RunEnvironment,
  seconds: number,
  failure?: RunFailure,
): Promise<PipelineReport> {
  const { plan, state, sql } = environment;
  const steps: StepResult[] = [];
  for (const step of stepsOf(plan)) {
    const result = state.steps[step.names[0]].result;
    // State files of earlier versions have only one.
    const fetched = (result as { fetch?: StepResult[] | StepResult } | undefined)?.fetch;
    steps.push(...[fetched ?? []].flat());
    if (result) steps.push(result);
  }
  const match = state.steps.match.result as Partial<MatchResult> | undefined;
  const converted = state.steps.convert.result as
    | (StepResult & {
        decisions?: PipelineReport['decisions'];
        coverage?: LibraryCoverage;
        unmetMappings?: string[];
      })
    | undefined;
  // Convert has seen the whole dump; the database holds only what convert let through.
  const decisions = converted?.decisions ?? withLeftOut(match?.decisions, converted);
  const coverage = converted?.coverage ?? match?.coverage;
  const unmetMappings = converted?.unmetMappings ?? match?.unmetMappings ?? [];
  const changes = changesOf(
    (plan.mode === 'copy' ? state.steps.prune : state.steps.publish).result,
  );
  const tables = failure ? [] : await measureTables(sql);
  const targetTables =
    environment.targetUrl && !failure ? await measureTables(environment.targetUrl) : undefined;
  const releases = (targetTables ?? tables).find(({ name }) => name === 'release')?.rows;
  return {
    version: 1,
    runId: state.run_id,
    startedAt: state.started_at,
    seconds,
    mode: plan.mode,
    ...(plan.mode === 'all'
      ? {
          note: 'Without --library-db nothing was pruned: the cache holds every release that was loaded.',
        }
      : {}),
    database: plainUrl(plan.options.databaseUrl),
    ...(plan.options.targetDbUrl ? { target: plainUrl(plan.options.targetDbUrl) } : {}),
    ...(failure ? { failure } : {}),
    origin: namesOf(plan),
    inputs: state.inputs,
    files: filesOf(plan),
    connect: connectText(plan),
    steps,
    funnel: funnelOf(state.steps, decisions, releases),
    ...(decisions ? { decisions } : {}),
    ...(coverage ? { library: withDoubts(coverage) } : {}),
    ...(changes ? { changes } : {}),
    review: (match?.review ?? []).slice(0, mostReview),
    ...(unmetMappings.length > 0 ? { unmetMappings } : {}),
    tables,
    ...(targetTables ? { targetTables } : {}),
  };
}

function namesOf(plan: Plan): PipelineReport['origin'] {
  const { dump, options } = plan;
  const { libraryDb } = options;
  const library =
    libraryDb === undefined
      ? null
      : typeof libraryDb === 'string'
        ? basename(libraryDb)
        : 'rows that a program gave';
  return { month: monthOfPlan(plan), dump: dump === undefined ? null : basename(dump), library };
}

/** A run begun by an earlier version has noted only how many there are. */
const withDoubts = (coverage: LibraryCoverage): LibraryCoverage => ({
  ...coverage,
  inDoubtAlbums: (coverage as Partial<LibraryCoverage>).inDoubtAlbums ?? [],
});

/** The library does not own the releases that convert left out of the database: they count as PRUNE, wherever they were decided. */
function withLeftOut(
  decisions: PipelineReport['decisions'],
  converted: StepResult | undefined,
): PipelineReport['decisions'] {
  return (
    decisions && {
      ...decisions,
      prune: decisions.prune + (converted?.dropped['not in the library'] ?? 0),
    }
  );
}

function funnelOf(
  steps: RunEnvironment['state']['steps'],
  decisions: PipelineReport['decisions'],
  inCache: number | undefined,
): PipelineReport['funnel'] {
  const { convert, import_csv, dedup } = {
    convert: steps.convert.result,
    import_csv: steps.import_csv.result,
    dedup: steps.dedup.result,
  };
  const funnel: PipelineReport['funnel'] = [];
  if (convert) funnel.push({ stage: 'in the dump', releases: convert.read });
  if (decisions) {
    if (!convert)
      funnel.push({
        stage: 'decided',
        releases: decisions.keep + decisions.review + decisions.prune,
      });
    funnel.push({ stage: 'owned or in doubt', releases: decisions.keep + decisions.review });
  } else if (convert) funnel.push({ stage: 'by artists of the list', releases: convert.written });
  const loaded = (import_csv as Partial<ImportResult> | undefined)?.tables?.find(
    ({ table }) => table === 'release',
  )?.written;
  if (!convert && loaded !== undefined) funnel.unshift({ stage: 'loaded', releases: loaded });
  if (dedup?.unit === 'releases') funnel.push({ stage: 'one per master', releases: dedup.written });
  if (inCache !== undefined) funnel.push({ stage: 'in the cache', releases: inCache });
  // A funnel must not widen from one stage to the next: dedup may run before the undecided releases are pruned.
  return funnel.sort((a, b) => b.releases - a.releases);
}

/** The report as the text that ends a run on stdout. */
export function reportText(report: PipelineReport): string {
  const { failure } = report;
  const parts = [summaryTable(report.steps, report.seconds)];
  if (failure)
    parts.push(
      `FAILED at ${failure.step} (${failure.place}): ${failure.message}\n${failure.outcome}.\n`,
    );
  if (report.note) parts.push(`${report.note}\n`);
  if (report.decisions) {
    const { keep, review, prune } = report.decisions;
    parts.push(
      `Decisions: ${formatCount(keep)} KEEP, ${formatCount(review)} REVIEW, ${formatCount(prune)} PRUNE\n${review > 0 && !failure ? 'REVIEW releases are in the cache until they are settled: wxyc-verify review asks about each\n' : ''}`,
    );
  }
  if (report.library) {
    const { size, found, inDoubt, missing } = report.library;
    parts.push(
      `Library: ${formatCount(size.albums)} ${size.albums === 1 ? 'album' : 'albums'}, ${formatCount(found)} found, ${formatCount(inDoubt)} in doubt, ${formatCount(missing)} missing\n`,
    );
  }
  if (report.changes) parts.push(changesLines(report.changes));
  if (report.unmetMappings)
    parts.push(
      `Mappings that matched no release: ${report.unmetMappings.slice(0, listedMappings).join(', ')}${report.unmetMappings.length > listedMappings ? ', …' : ''}\n`,
    );
  if (report.tables.length > 0) parts.push(tablesText(report.tables));
  if (report.targetTables)
    parts.push(`In the target database:\n${tablesText(report.targetTables)}`);
  const files = report.files.map(({ name, path }) => `${name}: ${path}`);
  parts.push([...files, ...(failure ? [] : [`connect: ${report.connect}`])].join('\n') + '\n');
  return parts.join('\n');
}

const tablesText = (tables: readonly TableSize[]): string =>
  textTable(
    ['table', 'rows', 'size'],
    tables.map(({ name, rows, bytes }) => [name, formatCount(rows), formatBytes(bytes)]),
    [1, 2],
  );

/** How an earlier report is recognised, by the file's ending. */
export function reportKind(file: string): OutputKind {
  const name = 'the report of a run';
  return extname(file) === '.html'
    ? { name, recognises: (start) => start.includes('<title>Discogs cache') }
    : jsonKind(name, ['runId', 'startedAt']);
}

/** Writes the report as JSON or as a page, by the file's ending. */
export async function writeReport(report: PipelineReport, file: string): Promise<void> {
  // Value by value: a password may hold what ends a text in JSON or HTML.
  const json = JSON.stringify(
    report,
    (_, value: unknown) => (typeof value === 'string' ? redact(value) : value),
    2,
  );
  try {
    const text =
      extname(file) === '.html' ? reportPage(JSON.parse(json) as PipelineReport) : `${json}\n`;
    await writeWhole(file, reportKind(file), text);
  } catch (error) {
    throw new StepError(
      `${report.failure ? 'The report' : 'The cache is published, but the report'} ${file} could not be written: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}
