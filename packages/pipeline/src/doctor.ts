/** `doctor` checks in seconds everything that a run at night would stumble over. It changes nothing. */
import { checkToken } from '@wxyc/artwork';
import { stepNamesOf } from '@wxyc/cache';
import { inspectDump } from '@wxyc/convert';
import { formatBytes, formatCount } from '@wxyc/cli';
import type { Profile } from '@wxyc/dataset';
import {
  readArtistList,
  readingOf,
  surveyLibrary,
  withLibrary,
  type WithLibrary,
} from '@wxyc/library';
import { readIds, readMappings } from '@wxyc/matching';
import { checkEmbeddedDirectory, embeddedDirectory, withDatabase } from '@wxyc/postgres';
import { redact, stepContext, type StepContext } from '@wxyc/step';
import { connect as connectTcp } from 'node:net';
import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { resolve } from 'node:path';
import { ok, warning, type Check } from './check.js';
import { checkLibrary } from './doctor-library.js';
import { checkServer, type ServerFacts, type ServerRole } from './doctor-server.js';
import { findRunDumps, monthInName } from './dump-file.js';
import { plainUrl } from './fingerprint.js';
import { findDumpsBriefly, monthlyPath, stillToFetch, type FindDumps } from './monthly-dump.js';
import { monthOfPlan } from './origin.js';
import { makePlan } from './plan.js';
import { wantedBeside, type PipelineOptions, type Plan } from './run-plan.js';
import { readState } from './state.js';
import { estimateCsvBytes, freeBytes } from './workspace.js';

/** A run needs some 300 MB itself; the server's share comes on top. */
const leastMemory = 1e9;
const reachMs = 5000;

/** Runs one check; if it throws, the message says what is missing. */
async function check(name: string, work: () => Promise<Check[]> | Check[]): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    return [{ name, verdict: 'missing', text: redact((error as Error).message) }];
  }
}

/** The month of a dump, from its name (`discogs_20260901_releases.xml.gz`) or else its file's date. */
function monthOf(path: string, modified: Date): string {
  return monthInName(path) ?? `file of ${modified.toISOString().slice(0, 10)}`;
}

async function checkDump(path: string): Promise<Check[]> {
  const { releases: dump, artists, labels, masters, ofOtherMonths } = await findRunDumps(path);
  const [{ firstId }, { mtime, size }] = await Promise.all([inspectDump(dump), stat(dump)]);
  const text = `${dump}, ${formatBytes(size)}, ${monthOf(dump, mtime)}, first release ${firstId ?? 'not found'}`;
  // eslint-disable-next-line no-restricted-properties -- by the calendar
  const old = Date.now() - mtime.getTime() > 62 * 86_400_000;
  const checks = [old ? warning('dump', `${text}: more than two months old`) : ok('dump', text)];
  if (artists)
    checks.push(
      ok(
        'artists dump',
        `${artists}, for other names of artists, and for the tables of the full profile`,
      ),
    );
  if (labels)
    checks.push(ok('labels dump', `${labels}, for parents and sublabels of the library's labels`));
  if (masters) checks.push(ok('masters dump', `${masters}, for the tables of the full profile`));
  for (const other of ofOtherMonths)
    checks.push(
      warning(
        `${other.kind} dump`,
        `${other.path} is from another month than the releases, so it is not used`,
      ),
    );
  return checks;
}

/** Whether the library names labels. False for one that cannot be read, which another check reports. */
function namesLabels(options: WithLibrary<PipelineOptions>): boolean {
  try {
    return (
      options.libraryDb !== undefined &&
      surveyLibrary(options.libraryDb, readingOf(options)).rows.some(({ label }) => label)
    );
  } catch {
    return false;
  }
}

/** Which month a run would fetch, and whether there is room for it. */
async function checkMonthly(
  options: WithLibrary<PipelineOptions>,
  findDumps: FindDumps,
  context: StepContext,
): Promise<Check[]> {
  const kinds = [
    'releases' as const,
    ...(options.releasesOnly
      ? []
      : wantedBeside({ options, profile: options.profile ?? 'lean' }, namesLabels(options))),
  ];
  const dumps = await findDumps(
    options,
    kinds,
    resolve(options.stateFile ?? '.pipeline_state.json'),
    context,
  );
  const { month } = dumps.month;
  const { names, bytes } = stillToFetch(dumps, kinds);
  if (names.length === 0)
    return [
      ok(
        'month',
        `${month}: ${kinds.map((kind) => monthlyPath(dumps, kind)).join(', ')} already there`,
      ),
    ];
  const free = await freeBytes(resolve(dumps.directory));
  const text = `${month}: ${names.join(', ')}, ${formatBytes(bytes)} to fetch, ${formatBytes(free)} free in ${dumps.directory}`;
  return [free < bytes ? { name: 'month', verdict: 'missing', text } : ok('month', text)];
}

/** Dumps contain no artwork: wxyc-artwork asks the API for it, if it may. A run succeeds without it. */
async function checkArtwork(context: StepContext): Promise<Check[]> {
  const token = process.env['DISCOGS_TOKEN']?.trim();
  if (!token)
    return [
      ok(
        'artwork',
        'DISCOGS_TOKEN is not set: the published cache keeps its artwork, but wxyc-artwork cannot add any',
      ),
    ];
  try {
    const name = await checkToken(
      { token, baseUrl: process.env['DISCOGS_API_URL'] || undefined, stall: reachMs },
      context,
    );
    return [
      ok(
        'artwork',
        `Discogs accepts the token in DISCOGS_TOKEN (account ${name}): wxyc-artwork can fill in what is missing`,
      ),
    ];
  } catch (error) {
    return [warning('artwork', redact((error as Error).message))];
  }
}

async function checkSpace(plan: Plan): Promise<Check[]> {
  const checks: Check[] = [];
  const needed = await estimateCsvBytes(plan);
  const free = await freeBytes(plan.csvDir);
  if (needed > 0) {
    const text = `${formatBytes(free)} free for about ${formatBytes(needed)} of CSV files in ${plan.csvDir}`;
    checks.push(
      free < needed / 2
        ? { name: 'disk', verdict: 'missing', text }
        : free < needed * 1.2
          ? warning('disk', text)
          : ok('disk', text),
    );
  }
  const directory = embeddedDirectory(plan.options.databaseUrl);
  if (directory !== undefined) {
    // Tables and indexes take about what the CSV files take, and the old cache stays until the new one is published.
    const room = await freeBytes(directory);
    const wanted = Math.max(500e6, needed * 2);
    const text = `${formatBytes(room)} free for the database in ${directory}, which may take ${formatBytes(wanted)}`;
    checks.push(room < wanted ? warning('disk', text) : ok('disk', text));
  }
  return checks;
}

async function checkDatabase(
  name: string,
  url: string,
  role: ServerRole,
  facts: Omit<ServerFacts, 'own'>,
  context: StepContext,
): Promise<Check[]> {
  const directory = embeddedDirectory(url);
  if (directory !== undefined && !(await checkEmbeddedDirectory(directory)))
    return [ok(name, `${plainUrl(url)} will be created`)];
  return withDatabase(url, context, (plain) =>
    checkServer(name, plain, role, { ...facts, own: directory !== undefined }, context),
  );
}

/** Whether something listens; only enrich tries the login itself. */
async function checkCatalogue(url: string): Promise<Check[]> {
  const { hostname, port } = new URL(url);
  const where = `${hostname}:${port || 3306}`;
  await new Promise<void>((settle, fail) => {
    const socket = connectTcp(
      { host: hostname, port: Number(port || 3306), timeout: reachMs },
      () => settle(socket.destroy() && undefined),
    );
    socket.once('error', (error) =>
      fail(
        new Error(
          `nothing answers at ${where} (${error.message}); check the host and port in --wxyc-db-url`,
        ),
      ),
    );
    socket.once(
      'timeout',
      () =>
        fail(new Error(`${where} does not answer within ${reachMs / 1000} seconds`)) ??
        socket.destroy(),
    );
  });
  return [ok('catalogue', `${where} answers`)];
}

async function checkState(plan: Plan): Promise<Check[]> {
  const found = await readState(plan.stateFile);
  if (!found) return [];
  if (found.needsProof)
    return [
      warning(
        'state',
        `${plan.stateFile} was written by an earlier version; --resume trusts its steps only where the database confirms them`,
      ),
    ];
  const left = Object.entries(found.state.steps)
    .filter(([, { status }]) => status === 'failed')
    .map(([step]) => step);
  return [
    left.length
      ? warning(
          'state',
          `the last run stopped at the step ${stepNamesOf(left).join(', ')}; --resume continues there`,
        )
      : ok('state', plan.stateFile),
  ];
}

/**
 * Checks the options of a run, its inputs, the disk and the databases.
 *
 * @returns one entry per check; those with the verdict `missing` would make the run fail.
 */
export async function diagnose(
  given: PipelineOptions,
  partial?: Partial<StepContext>,
): Promise<Check[]> {
  const options = await withLibrary(given, partial?.signal);
  const context = stepContext(partial);
  const checks: Check[] = [];
  const add = async (name: string, work: () => Promise<Check[]> | Check[]): Promise<void> => {
    // If a single option was found wrong, the options as a whole fail for the same reason, which is reported only once.
    const found = await check(name, work);
    checks.push(
      ...found.filter(
        ({ verdict, text }) =>
          verdict !== 'missing' || !checks.some((earlier) => earlier.text === text),
      ),
    );
  };

  // The site is asked only once, for both the month and the plan.
  let dumps: ReturnType<FindDumps> | undefined;
  const findDumps: FindDumps = (...given) => (dumps ??= findDumpsBriefly(...given));

  await add('machine', () => {
    const text = `Node ${process.versions.node}, ${formatBytes(totalmem())} of memory`;
    return [
      totalmem() < leastMemory
        ? warning('machine', `${text}: little for a build`)
        : ok('machine', text),
    ];
  });
  if (options.xml) await add('dump', () => checkDump(options.xml!));
  if (options.month && options.downloadDir)
    await add('month', () => checkMonthly(options, findDumps, context));
  if (options.libraryDb)
    await add('library', () => checkLibrary(options.libraryDb!, readingOf(options)));
  if (options.libraryArtists)
    await add('artist list', () => [
      ok(
        'artist list',
        `${formatCount(readArtistList(options.libraryArtists!).artists.length)} artists`,
      ),
    ]);
  if (options.mappingsFile) {
    await add('mappings', () => {
      const { keep, prune } = readMappings(options.mappingsFile!);
      return [
        ok(
          'mappings',
          `${formatCount(keep.size)} artists to keep, ${formatCount(prune.size)} to prune`,
        ),
      ];
    });
  }
  if (options.keepIds)
    await add('ids to keep', () => [
      ok('ids to keep', `${formatCount(readIds(options.keepIds!).length)} releases`),
    ]);
  if (options.wxycDbUrl) await add('catalogue', () => checkCatalogue(options.wxycDbUrl!));
  let plan: Plan | undefined;
  // Problems of single inputs were reported above; this is about how they go together.
  await add('options', async () => {
    plan = await makePlan(options, context, findDumps);
    return [
      ok(
        'options',
        `${plan.mode === 'all' ? 'no library: nothing is pruned' : plan.mode === 'copy' ? 'copies what the library owns to the target' : 'keeps what the library owns'}${plan.matchedOnly ? ' and loads nothing else' : ''}`,
      ),
    ];
  });
  if (plan) {
    const made = plan;
    await add('disk', () => checkSpace(made));
    await add('state', () => checkState(made));
  }
  await add('artwork', () => checkArtwork(context));
  let published: Profile | undefined;
  const facts = {
    temporaryBytes: plan ? await estimateCsvBytes(plan) : 0,
    month: plan && !options.allowOlder ? monthOfPlan(plan) : null,
    keepPrevious: options.keepPrevious ?? true,
    profile: options.profile,
  };
  await add('database', () =>
    checkDatabase(
      'database',
      options.databaseUrl,
      'source',
      { ...facts, onProfile: (profile) => (published = profile) },
      context,
    ),
  );
  // A cache of the full profile is replaced by another one, which takes more dumps.
  const month = checks.findIndex(({ name, verdict }) => name === 'month' && verdict === 'ok');
  if (month >= 0 && options.profile === undefined && published === 'full') {
    const full = { ...options, profile: published };
    const again = await check('month', () => checkMonthly(full, findDumpsBriefly, context));
    checks.splice(month, 1, ...again);
  }
  if (options.targetDbUrl)
    await add('target', () =>
      checkDatabase('target', options.targetDbUrl!, 'target', facts, context),
    );
  return checks;
}

/** The checks as lines that begin with the verdict. */
export function diagnosisText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const words = { ok: 'ok', warning: 'LOOK', missing: 'FAIL' };
  return checks
    .map(
      ({ name, verdict, text }) => `${words[verdict].padEnd(4)}  ${name.padEnd(width)}  ${text}\n`,
    )
    .join('');
}
