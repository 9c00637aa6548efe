/** The logger: pino lines to stderr, as JSON or for people, with every password blanked. */
import type { Logger } from '@wxyc/step';
import { pino } from 'pino';
import { screen } from './screen.js';
import { visible, visibleLines } from './visible.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = 'pretty' | 'json';

const colors: Record<string, string> = { trace: '90', debug: '90', warn: '33', error: '31' };
/** Fields that the pretty line shows differently or not at all. */
const hidden = new Set(['level', 'time', 'msg', 'run', 'step', 'err', 'pid', 'hostname']);

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]),
  );
}

function fieldText(value: unknown): string {
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? value.toLocaleString('en-US')
      : String(Number(value.toFixed(3)));
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return visible(/[\s"=]/.test(text) && typeof value === 'string' ? JSON.stringify(text) : text);
}

/** `03:15:02 import: loaded release (rows=70,000)`; levels other than info are named. */
export function prettyLine(entry: Record<string, unknown>, color: boolean): string {
  const level = String(entry['level']);
  const time = new Date(String(entry['time']));
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const paint = (text: string, code: string | undefined): string =>
    color && code ? `\x1b[${code}m${text}\x1b[0m` : text;
  const fields = Object.entries(entry).filter(
    ([key, value]) => !hidden.has(key) && value !== undefined,
  );
  const shown = fields.length
    ? ` ${paint(`(${fields.map(([key, value]) => `${key}=${fieldText(value)}`).join(', ')})`, '90')}`
    : '';
  const name = level === 'info' ? '' : `${paint(level.toUpperCase(), colors[level])} `;
  const step = entry['step'] ? `${paint(String(entry['step']), '36')}: ` : '';
  const stack = (entry['err'] as { stack?: string } | undefined)?.stack;
  return `${paint(clock, '90')} ${name}${step}${visible(String(entry['msg'] ?? ''))}${shown}${stack ? `\n${visibleLines(stack)}` : ''}\n`;
}

/** Makes the logger of a process. Every JSON line holds `level`, `time`, `run`, `step` and `msg`, then the counts. */
export function createLogger(options: {
  format: LogFormat;
  level: LogLevel;
  color: boolean;
  runId: string;
  step: string;
  redact: (text: string) => string;
}): Logger {
  const write = (line: string): void => {
    // One JSON.parse per line: log lines are few, and it covers fields, messages and errors of any shape.
    const entry = mapStrings(JSON.parse(line), options.redact) as Record<string, unknown>;
    screen.write(
      options.format === 'json'
        ? `${visibleLines(JSON.stringify(entry))}\n`
        : prettyLine(entry, options.color),
    );
  };
  return pino(
    {
      level: options.level,
      base: { run: options.runId, step: options.step },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  ) as unknown as Logger;
}
