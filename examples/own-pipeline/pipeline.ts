/**
 * A pipeline of your own: from a dump and a library to the published cache, with the steps' functions.
 *
 *   node dist/pipeline.js releases.xml.gz library.db postgresql:///discogs
 *   node dist/pipeline.js releases.xml.gz library.db embedded:./cache 3600      # given up after an hour
 *
 * `wxyc-pipeline` does the same and more (resume, dumps that are still being downloaded, a report). Write your own when you want something
 * else between the steps, such as the list of published releases here.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convert } from '@wxyc/convert';
import { dedup } from '@wxyc/dedup';
import { importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { withDatabase, withRunLock, withSql } from '@wxyc/postgres';
import { checkSchema, createSchema, publish } from '@wxyc/schema';
import {
  droppedTotal,
  StepError,
  type Logger,
  type LogMethod,
  type Progress,
  type StepContext,
  type StepResult,
} from '@wxyc/step';
import { vacuum } from '@wxyc/vacuum';
import { match } from '@wxyc/verify';

/** A log of your own, one JSON line per entry. Any pino logger works too. */
function jsonLog(fields: Record<string, unknown> = {}): Logger {
  const method =
    (level: string): LogMethod =>
    (first: Record<string, unknown> | string, message?: string) => {
      const entry = typeof first === 'string' ? { message: first } : { ...first, message };
      console.error(JSON.stringify({ level, ...fields, ...entry }));
    };
  return {
    trace: () => undefined,
    debug: () => undefined,
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    child: (more) => jsonLog({ ...fields, ...more }),
  };
}

/** Progress of your own: how far each task has got, for a status page or a queue. */
class Tasks implements Progress {
  readonly seen = new Map<string, { done: number; total: number | undefined }>();
  start(label: string, { total }: { total?: number | undefined }) {
    const task = { done: 0, total };
    this.seen.set(label, task);
    return { update: (done: number) => void (task.done = done), end: () => undefined };
  }
}

async function run(dump: string, libraryDb: string, url: string, context: StepContext) {
  const csvDir = await mkdtemp(join(tmpdir(), 'own-pipeline-'));
  const results: StepResult[] = [];
  const step = async <T extends StepResult>(work: Promise<T>): Promise<T> => {
    const result = await work;
    results.push(result);
    return result;
  };
  try {
    await step(
      convert(
        { inputs: [dump], output: csvDir, libraryDb, matchedOnly: true, cleanNewlines: true },
        context,
      ),
    );
    // For embedded:DIR this starts the server and stops it again; other URLs go through as they are.
    await withDatabase(url, context, (databaseUrl) =>
      // One lock for all steps, so that no other run comes in between. Otherwise each step would take its own.
      withRunLock({ databaseUrl }, 'own-pipeline', context, async (lock, context) => {
        const build = { databaseUrl, schema: 'discogs_next', lock };
        await step(createSchema({ ...build, replace: true }, context));
        await step(importCsv({ ...build, csvDir, mode: 'base' }, context));
        await step(match({ ...build, libraryDb }, context));
        await step(dedup({ ...build, libraryDb }, context));
        await step(importCsv({ ...build, csvDir, mode: 'tracks' }, context));
        await step(buildIndexes(build, context));
        await step(vacuum(build, context));
        await step(checkSchema({ databaseUrl, schema: build.schema }, context));
        await step(publish({ databaseUrl, lock }, context));
        // Consumers read it from here on.
        await withSql(databaseUrl, { doing: 'Listing the cache' }, async (sql) => {
          for (const { id, title } of await sql<
            { id: number; title: string }[]
          >`SELECT id, title FROM release ORDER BY id`)
            console.log(`${id}\t${title}`);
        });
      }),
    );
  } finally {
    await rm(csvDir, { recursive: true, force: true });
  }
  return results;
}

/** What a caller of this program may want to do, by what went wrong. The words in `code` do not change; sentences may. */
function adviceOn({ code }: StepError): string {
  switch (code) {
    case 'LOCKED':
    case 'CONNECTION':
      return 'try again later';
    case 'INPUT_MISSING':
    case 'INPUT_TRUNCATED':
      return 'download the dump again';
    case 'SHRINK':
      return 'look at the library: the cache that is published stays';
    case 'INTERRUPTED':
      return 'the cache that is published stays';
    default:
      return 'see the message';
  }
}

const [dump, libraryDb, url, seconds = '86400'] = process.argv.slice(2);
if (!dump || !libraryDb || !url) {
  console.error('usage: node dist/pipeline.js DUMP LIBRARY DATABASE-URL [SECONDS]');
  process.exit(2);
}
// One controller for both reasons: on some Nodes AbortSignal.any() misses a signal that nothing else refers to (see @wxyc/step).
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
setTimeout(() => interrupt.abort(), Number(seconds) * 1000).unref();
const { signal } = interrupt;
const logger = jsonLog({ program: 'own-pipeline' });
const progress = new Tasks();
try {
  for (const result of await run(dump, libraryDb, url, { signal, logger, progress })) {
    const { step, unit, read, written } = result;
    logger.info({ step, unit, read, written, dropped: droppedTotal(result) }, 'done');
  }
  logger.info({ tasks: [...progress.seen.keys()] }, 'published');
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  const { code, exitCode, message } = error;
  logger.error({ code, advice: adviceOn(error) }, message);
  process.exitCode = exitCode;
}
