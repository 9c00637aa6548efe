/** The frame around every bin, and the only place that sets the exit code. */
import { randomBytes } from 'node:crypto';
import { exitCodes, type StepResult } from '@wxyc/step';
import type { Program } from './command.js';
import { describeFailure } from './failure.js';
import { createLogger } from './logger.js';
import { out, resultsWritten } from './output.js';
import { parse } from './parse.js';
import { createProgress } from './progress.js';
import { screen } from './screen.js';
import { redactorFor } from './secrets.js';
import { abortOnSignals } from './signals.js';
import { summaryTable } from './summary.js';

/** How long something (a socket) may keep the process alive after the work has ended. */
const lingerMs = 5000;

const wantsColor = (stream: NodeJS.WriteStream): boolean =>
  !process.env['NO_COLOR'] &&
  (stream.isTTY === true || Boolean(process.env['FORCE_COLOR'])) &&
  process.env['TERM'] !== 'dumb';

function newRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomBytes(2).toString('hex')}`;
}

/**
 * Runs a bin: reads its command line, runs the command with logger, progress and an AbortSignal that follows
 * SIGINT, SIGTERM and SIGHUP, prints the closing table of the results it returns, and sets `process.exitCode`.
 *
 * @param argv the words after the bin's name.
 */
export async function main(
  program: Program,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const redact = redactorFor(argv, process.env);
  // Everyone on the machine can read a process's arguments; a title replaces them.
  const words = argv.join(' ');
  if (redact(words) !== words) process.title = `${program.name} ${redact(words)}`;
  let parsed;
  try {
    parsed = await parse(program, argv);
  } catch (error) {
    const { exitCode, message } = describeFailure(error);
    screen.write(`${program.name}: ${redact(message)}\n`);
    process.exitCode = exitCode;
    return;
  }
  if (parsed.text !== undefined) {
    out(parsed.text);
    await resultsWritten().catch((error: unknown) => {
      const { exitCode, message } = describeFailure(error);
      screen.write(`${program.name}: ${message}\n`);
      process.exitCode = exitCode;
    });
    return;
  }
  const { command, args } = parsed;
  const runId = newRunId();
  const logger = createLogger({
    format: args.logFormat,
    level: args.logLevel,
    color: wantsColor(process.stderr),
    runId,
    step: program.name.replace(/^wxyc-/, ''),
    redact,
  });
  const progress = createProgress({
    mode: args.progress,
    terminal: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
    logger,
    redact,
  });
  const controller = new AbortController();
  const release = abortOnSignals(controller, {
    first: (name) => logger.warn(`${name}: stopping cleanly; a second signal stops at once`),
    late: (name, seconds) => {
      progress.stop();
      logger.error(
        `The work did not stop within ${seconds} s of ${name}: something it waits for does not answer. Stopped anyway, as if killed`,
      );
    },
  });
  let fault: (error: unknown) => void = () => undefined;
  const faults = new Promise<never>((_, reject) => (fault = reject));
  faults.catch(() => undefined);
  process.on('uncaughtException', fault);
  process.on('unhandledRejection', fault);
  // Node would end silently if the work waited for something that can no longer happen.
  const drained = (): void =>
    fault(
      new Error(
        'The work came to a standstill: it is waiting for something that will never happen',
      ),
    );
  process.once('beforeExit', drained);
  try {
    const result = await Promise.race([
      command.run(args, {
        signal: controller.signal,
        logger,
        progress,
        runId,
        color: wantsColor(process.stdout),
      }),
      faults,
    ]);
    progress.stop();
    const results: StepResult[] =
      result === undefined ? [] : Array.isArray(result) ? result : [result];
    out(redact(summaryTable(results)));
    // For whoever reads the log by program; people have the table.
    if (args.logFormat === 'json')
      for (const { step, unit, read, written, dropped, seconds } of results)
        logger.child({ step }).info({ unit, read, written, dropped, seconds }, 'done');
    await resultsWritten();
    process.exitCode = exitCodes.done;
  } catch (error) {
    progress.stop();
    const failure = describeFailure(error, controller.signal.aborted);
    const fields: Record<string, unknown> = { exitCode: failure.exitCode };
    if (['trace', 'debug'].includes(args.logLevel)) fields['err'] = error;
    else if (failure.unexpected) fields['hint'] = '--log-level debug shows where';
    // The sentence is for whoever started the command: it is shown at every log level; with silent, it is all that is written.
    if (args.logLevel === 'silent') screen.write(`${program.name}: ${redact(failure.message)}\n`);
    else
      logger.error(
        args.logFormat === 'json' ? fields : { ...fields, exitCode: undefined },
        failure.message,
      );
    process.exitCode = failure.exitCode;
    controller.abort(error);
  } finally {
    // Failures while connections close no longer change the outcome: the handlers of faults stay.
    release();
    process.off('beforeExit', drained);
    setTimeout(() => process.exit(), lingerMs).unref();
  }
}
