/** Progress of running steps: live lines on a terminal, a log line every minute elsewhere. */
import {
  formatSeconds,
  type Logger,
  type Progress,
  type ProgressTask,
  type ProgressUnit,
} from '@wxyc/step';
import { screen } from './screen.js';
import { formatBytes, formatCount } from './summary.js';
import { cut, widthOf } from './width.js';

export type ProgressMode = 'auto' | 'always' | 'never';

/** A live line is redrawn at most this often. */
const redrawMs = 1000;
/** Below a minute, so that "at least every minute" also holds when a step is busy as the timer fires. */
const logEveryMs = 50_000;
/** The rate shown is that of about the last ten seconds. */
const rateWindowMs = 10_000;

interface Running {
  label: string;
  unit: ProgressUnit;
  total: number | undefined;
  done: number;
  note: string | undefined;
  started: number;
  /** Moving window for the rate. */
  markTime: number;
  markDone: number;
  rate: number;
}

const amount = (unit: ProgressUnit, count: number): string =>
  unit === 'bytes' ? formatBytes(count) : `${formatCount(Math.round(count))} ${unit}`;

/** Which of the parts is under way. */
const amountOf = ({ unit, done, total }: Running): string =>
  unit === 'parts' && total !== undefined
    ? `part ${Math.min(done + 1, total)} of ${total}`
    : amount(unit, done);

function measure(
  task: Running,
  now: number,
): { seconds: number; percent?: number; eta?: number; rate: number } {
  const seconds = (now - task.started) / 1000;
  const window = now - task.markTime;
  const current = window > 0 ? ((task.done - task.markDone) / window) * 1000 : task.rate;
  // Until the first window is full, the average since the start says more.
  const rate =
    task.rate === 0
      ? current
      : (task.rate * (rateWindowMs - Math.min(window, rateWindowMs)) +
          current * Math.min(window, rateWindowMs)) /
        rateWindowMs;
  if (window >= rateWindowMs) {
    task.markTime = now;
    task.markDone = task.done;
    task.rate = current;
  }
  // One part takes a second, the next an hour.
  if (task.unit === 'parts') return { seconds, rate: 0 };
  if (task.total === undefined || task.total <= 0) return { seconds, rate };
  const percent = Math.min(100, (task.done / task.total) * 100);
  return rate > 0
    ? { seconds, rate, percent, eta: Math.max(0, task.total - task.done) / rate }
    : { seconds, rate, percent };
}

/** One line of at most `width` columns; if there is too little room, what matters least is dropped first. */
export function progressLine(task: Running, now: number, width: number): string {
  const { seconds, percent, eta, rate } = measure(task, now);
  const memory = `${Math.round(process.memoryUsage.rss() / 1e6)} MB`;
  const parts: [rank: number, text: string][] = [
    [0, task.label],
    [1, percent === undefined ? '' : `${percent.toFixed(percent < 10 ? 1 : 0)}%`.padStart(4)],
    [2, amountOf(task)],
    [4, rate > 0 ? `${amount(task.unit, rate)}/s` : ''],
    [3, eta === undefined ? formatSeconds(seconds) : `ETA ${formatSeconds(eta)}`],
    [5, `mem ${memory}`],
    [6, task.note ?? ''],
  ];
  let shown = parts.filter(([, text]) => text);
  const text = (): string => shown.map(([, part]) => part).join('  ');
  for (let rank = 6; rank > 1 && widthOf(text()) > width; rank--) {
    // A note that is too long is cut below, as long as a useful piece of it fits.
    const rest = shown.filter(([part]) => part !== rank);
    if (rank === 6 && widthOf(rest.map(([, part]) => part).join('  ')) + 12 <= width) break;
    shown = rest;
  }
  return cut(text(), width);
}

/** The progress of a process. `stop` ends all output and timers. */
export function createProgress(options: {
  mode: ProgressMode;
  terminal: boolean;
  logger: Logger;
  redact: (text: string) => string;
}): Progress & { stop(): void } {
  const tasks = new Set<Running>();
  const live = options.mode === 'always' || (options.mode === 'auto' && options.terminal);
  let last = 0;
  let timer: NodeJS.Timeout | undefined;

  const draw = (now: number): void => {
    last = now;
    // The last column stays free: some terminals wrap as soon as it is filled.
    const width = Math.max(20, (process.stderr.columns || 80) - 1);
    screen.draw([...tasks].map((task) => options.redact(progressLine(task, now, width))));
  };
  const log = (now: number): void => {
    last = now;
    for (const task of tasks) {
      const { seconds, percent, eta, rate } = measure(task, now);
      const fields: Record<string, unknown> = {
        done: task.done,
        unit: task.unit,
        rate: Math.round(rate),
        seconds: Math.round(seconds),
      };
      if (task.total !== undefined) fields['total'] = task.total;
      if (percent !== undefined) fields['percent'] = Number(percent.toFixed(1));
      if (eta !== undefined) fields['eta'] = Math.round(eta);
      if (task.note) fields['note'] = task.note;
      options.logger.info(fields, `${task.label} in progress`);
    }
  };
  const tick = (): void => {
    const now = performance.now();
    if (live) {
      if (now - last >= redrawMs - 20) draw(now);
    } else if (now - last >= logEveryMs) log(now);
  };
  const stopTimer = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    start(label, { unit, total }): ProgressTask {
      const now = performance.now();
      const task: Running = {
        label,
        unit,
        total,
        done: 0,
        note: undefined,
        started: now,
        markTime: now,
        markDone: 0,
        rate: 0,
      };
      if (options.mode === 'never') return { update: () => undefined, end: () => undefined };
      if (tasks.size === 0) last = now;
      tasks.add(task);
      timer ??= setInterval(tick, redrawMs).unref();
      return {
        update(done, note) {
          task.done = done;
          if (note !== undefined) task.note = note;
          tick();
        },
        end() {
          if (!tasks.delete(task)) return;
          if (live) draw(performance.now());
          if (tasks.size === 0) stopTimer();
        },
      };
    },
    stop() {
      stopTimer();
      tasks.clear();
      if (live) screen.draw([]);
    },
  };
}
