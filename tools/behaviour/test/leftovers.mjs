// Runs every step in this process: to its end, into a failure, and aborted at each of its first events. What a call leaves behind is
// printed, a line each; at the end the process must end by itself. leftovers.pg.test.ts starts it, and says with what.
import { getEventListeners } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillArtwork } from '@wxyc/artwork';
import { convert, readReleases } from '@wxyc/convert';
import { dedup } from '@wxyc/dedup';
import { enrich } from '@wxyc/enrich';
import { fetchDumps } from '@wxyc/fetch';
import { filter } from '@wxyc/filter';
import { fixNewlines } from '@wxyc/fix-newlines';
import { importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { runPipeline } from '@wxyc/pipeline';
import { cacheStatus, checkSchema, createSchema, publish, undoPublication } from '@wxyc/schema';
import { vacuum } from '@wxyc/vacuum';
import { copyTo, explain, match, prune, verify } from '@wxyc/verify';

const { databaseUrl, targetUrl, siteUrl, apiUrl, folder, only } = JSON.parse(process.argv[2]);
const dump = join(folder, 'releases.xml.gz');
// Not SQLite, whose native part fits one version of Node.
const libraryDb = join(folder, 'library.csv');
const work = join(folder, 'work');
const nowhere = 'postgresql://nobody@127.0.0.1:1/nothing';
const schema = 'discogs_next';
const csvDir = join(folder, 'csv');
const out = (name) => join(work, name);
let problems = 0;

const report = (text) => {
  problems += 1;
  console.log(text);
};
process.on('unhandledRejection', (reason) => report(`a rejection that nobody handles: ${reason}`));
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') report(`a warning: ${message}`);
});

/** Every step: a call that succeeds, one that fails, and what must exist before each call that may succeed. */
const steps = {
  fetchDumps: {
    run: (context) =>
      fetchDumps(
        {
          month: '2026-09',
          kinds: ['releases'],
          output: out('dumps'),
          baseUrl: siteUrl,
          retries: 0,
        },
        context,
      ),
    fails: (context) =>
      fetchDumps({ month: '2026-10', output: out('dumps'), baseUrl: siteUrl, retries: 0 }, context),
    // The next call resumes with what has arrived.
    resumes: /^dumps\/discogs_20260901_(?:CHECKSUM\.txt|releases\.xml\.gz\.partial(?:\.json)?)$/,
  },
  enrich: {
    run: (context) => enrich({ libraryDb, output: out('artists.txt') }, context),
    fails: (context) => enrich({ libraryDb: dump, output: out('artists.txt') }, context),
  },
  convert: {
    run: (context) =>
      convert({ inputs: [dump], output: out('csv'), libraryDb, matchedOnly: true }, context),
    fails: (context) =>
      convert({ inputs: [join(folder, 'cut.xml.gz')], output: out('csv') }, context),
    // Partial files of a damaged dump stay for inspection.
    keeps: true,
  },
  readReleases: {
    run: async (context) => {
      for await (const _ of readReleases(dump, context));
    },
    fails: async (context) => {
      for await (const _ of readReleases(join(folder, 'cut.xml.gz'), context));
    },
    context: ['signal', 'progress'],
  },
  fixNewlines: {
    run: (context) => fixNewlines({ input: csvDir, output: out('clean') }, context),
    fails: (context) =>
      fixNewlines({ input: join(folder, 'nowhere'), output: out('clean') }, context),
  },
  filter: {
    run: (context) =>
      filter(
        { libraryArtists: join(folder, 'artists.txt'), input: csvDir, output: out('kept') },
        context,
      ),
    fails: (context) =>
      filter(
        {
          libraryArtists: join(folder, 'artists.txt'),
          input: join(folder, 'bad'),
          output: out('kept'),
        },
        context,
      ),
  },
  createSchema: {
    run: (context) => createSchema({ databaseUrl, schema, replace: true }, context),
    fails: (context) => createSchema({ databaseUrl: nowhere, schema }, context),
  },
  importCsv: {
    before: () => createSchema({ databaseUrl, schema, replace: true }),
    run: (context) =>
      importCsv({ csvDir, databaseUrl, schema, rejectsFile: out('rejects.csv') }, context),
    fails: (context) =>
      importCsv(
        { csvDir: join(folder, 'bad'), databaseUrl, schema, rejectsFile: out('rejects.csv') },
        context,
      ),
  },
  buildIndexes: {
    run: (context) => buildIndexes({ databaseUrl, schema }, context),
    fails: (context) => buildIndexes({ databaseUrl, schema: 'nothing_here' }, context),
  },
  dedup: {
    run: (context) => dedup({ databaseUrl, schema, libraryDb }, context),
    fails: (context) => dedup({ databaseUrl, schema: 'nothing_here', libraryDb }, context),
  },
  match: {
    run: (context) => match({ databaseUrl, schema, libraryDb }, context),
    fails: (context) => match({ databaseUrl, schema: 'nothing_here', libraryDb }, context),
  },
  verify: {
    run: (context) => verify({ databaseUrl, schema, libraryDb }, context),
    fails: (context) => verify({ databaseUrl: nowhere, schema, libraryDb }, context),
  },
  explain: {
    run: (context) => explain({ databaseUrl, schema, libraryDb, releaseId }, context),
    fails: (context) =>
      explain({ databaseUrl, schema, libraryDb, releaseId: 999_999_999 }, context),
  },
  prune: {
    run: (context) => prune({ databaseUrl, schema, libraryDb }, context),
    fails: (context) => prune({ databaseUrl, schema: 'nothing_here', libraryDb }, context),
  },
  vacuum: {
    run: (context) => vacuum({ databaseUrl, schema }, context),
    fails: (context) => vacuum({ databaseUrl: nowhere }, context),
  },
  publish: {
    before: async () => {
      await createSchema({ databaseUrl, schema, replace: true });
      await importCsv({ csvDir, databaseUrl, schema, rejectsFile: out('rejects.csv') });
      await buildIndexes({ databaseUrl, schema });
    },
    run: (context) => publish({ databaseUrl, keepPrevious: true }, context),
    fails: (context) => publish({ databaseUrl: nowhere }, context),
  },
  cacheStatus: {
    run: (context) => cacheStatus({ databaseUrl }, context),
    fails: (context) => cacheStatus({ databaseUrl: nowhere }, context),
  },
  checkSchema: {
    run: (context) => checkSchema({ databaseUrl }, context),
    fails: (context) => checkSchema({ databaseUrl, schema: 'nothing_here' }, context),
  },
  copyTo: {
    run: (context) => copyTo({ databaseUrl, libraryDb, targetUrl }, context),
    fails: (context) => copyTo({ databaseUrl, libraryDb, targetUrl: nowhere }, context),
  },
  fillArtwork: {
    run: (context) =>
      fillArtwork({ databaseUrl, token: 'abc', baseUrl: apiUrl, limit: 3, rate: 6000 }, context),
    fails: (context) =>
      fillArtwork({ databaseUrl: nowhere, token: 'abc', baseUrl: apiUrl }, context),
  },
  undoPublication: {
    run: (context) => undoPublication({ databaseUrl }, context).catch(nothingToUndo),
    fails: (context) => undoPublication({ databaseUrl: nowhere }, context),
  },
  runPipeline: {
    run: (context) =>
      runPipeline(
        { xml: dump, libraryDb, databaseUrl, stateFile: out('state.json'), allowShrink: true },
        context,
      ),
    fails: (context) =>
      runPipeline(
        { xml: join(folder, 'cut.xml.gz'), libraryDb, databaseUrl, stateFile: out('state.json') },
        context,
      ),
    // A run that failed can be resumed.
    keeps: true,
  },
};

function nothingToUndo(error) {
  if (!/previous|undo/.test(error.message)) throw error;
}

/** What this process holds: descriptors of files and sockets, handles, children, files below the folder. */
function holdings() {
  const descriptors = existsSync('/proc/self/fd')
    ? readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          const target = readlinkSync(`/proc/self/fd/${fd}`);
          return /^(?:anon_inode|\/dev\/|pipe:|\/proc\/)/.test(target)
            ? []
            : [target.replace(/^socket:.*/, 'socket')];
        } catch {
          return [];
        }
      })
    : [];
  const handles = process
    .getActiveResourcesInfo()
    .filter((name) => !/^(?:FSReq|CloseReq|Immediate|PipeWrap|TTYWrap)/.test(name));
  const children = existsSync('/proc/self/task')
    ? readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean)
    : [];
  const listeners = ['SIGINT', 'SIGTERM', 'exit', 'beforeExit', 'uncaughtException'].flatMap(
    (name) => Array(process.listenerCount(name)).fill(`listener of ${name}`),
  );
  return [...descriptors, ...handles, ...children.map(() => 'child process'), ...listeners].sort();
}

function without(list, taken) {
  const rest = [...list];
  for (const one of taken) {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
  }
  return rest;
}

const filesBelow = (path) =>
  existsSync(path) ? readdirSync(path, { recursive: true }).map(String).sort() : [];
/** Node's own fetch keeps a connection for a few seconds, which does not keep the process. */
const isKept = (name) => name === 'socket' || name === 'TCPSocketWrap';

async function call(name, what, doIt, { signal, keeps, resumes }) {
  const before = holdings();
  let outcome = 'done';
  try {
    await doIt();
  } catch (error) {
    outcome = error.code ?? error.name;
    if (process.env.VERBOSE) console.error(`${name} ${what}: ${error.message}`);
  }
  let left;
  // What is closed is gone a moment later.
  for (let tries = 0; tries < 100; tries++) {
    globalThis.gc?.();
    left = without(holdings(), before);
    if (/fetch|fillArtwork/.test(name)) left = left.filter((one) => !isKept(one));
    if (left.length === 0) break;
    await sleep(20);
  }
  for (const one of left) report(`${name}, ${what}: leaves ${one}`);
  for (const _ of getEventListeners(signal, 'abort'))
    report(`${name}, ${what}: leaves a listener of the signal`);
  for (const label of running.splice(0))
    report(`${name}, ${what}: leaves the progress of ${label}`);
  if (outcome !== 'done' && !keeps)
    for (const file of filesBelow(work))
      if ((!/^[^/]*$/.test(file) || /partial|lock/.test(file)) && !resumes?.test(file))
        report(`${name}, ${what}: leaves the file ${file}`);
  for (const file of filesBelow(process.env.TMPDIR))
    report(`${name}, ${what}: leaves ${file} in the temporary folder`);
  return outcome;
}

/** Progress that was started and has not ended. */
const running = [];

/** A context that aborts at the nth event that it receives; at once for 0. */
function contextOf(controller, at, parts = ['signal', 'logger', 'progress']) {
  let events = 0;
  const tell = () => {
    if (++events === at) controller.abort();
  };
  const logger = {
    trace: tell,
    debug: tell,
    info: tell,
    warn: tell,
    error: tell,
    child: () => logger,
  };
  const progress = {
    start: (label) => {
      tell();
      running.push(label);
      return { update: tell, end: () => running.splice(running.indexOf(label), 1) };
    },
  };
  if (at === 0) controller.abort();
  const all = { signal: controller.signal, logger, progress };
  return Object.fromEntries(parts.map((part) => [part, all[part]]));
}

const mostEvents = Number(process.env.EVENTS ?? 4);
mkdirSync(csvDir, { recursive: true });
await convert({ inputs: [dump], output: csvDir });
const releaseId = Number(
  readFileSync(join(csvDir, 'release.csv'), 'utf8').split('\n')[1].split(',')[0],
);
for (const [name, { run, fails, before, keeps, resumes, context: parts }] of Object.entries(
  steps,
)) {
  if (only && !only.includes(name)) {
    await before?.();
    continue;
  }
  const once = async (what, doIt, at, expected) => {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    const controller = new AbortController();
    const context = contextOf(controller, at, parts);
    const outcome = await call(name, what, () => doIt(context), {
      signal: controller.signal,
      keeps: keeps && at === -1,
      resumes,
    });
    if (expected && !expected(outcome)) report(`${name}, ${what}: ended with ${outcome}`);
    return outcome;
  };
  await before?.();
  await once('failing', fails, -1, (outcome) => outcome !== 'done');
  for (let at = 0; at <= mostEvents; at++) {
    const outcome = await once(
      `aborted at its event ${at}`,
      run,
      at,
      (found) => found === 'done' || found === 'INTERRUPTED',
    );
    if (outcome === 'done') break;
  }
  await before?.();
  await once('succeeding', run, -1, (outcome) => outcome === 'done');
}
console.log(`${Object.keys(steps).length} steps, ${problems} problems`);
