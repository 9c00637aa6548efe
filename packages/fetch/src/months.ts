// Which month a call means.
import {
  BadInputError,
  stepContext,
  throwIfInterrupted,
  UsageError,
  type StepContext,
} from '@wxyc/step';
import {
  dumpKinds,
  isComplete,
  missingFiles,
  readYear,
  readYears,
  type DumpFileKind,
  type DumpMonth,
  type RemoteFile,
  type SiteOptions,
} from './site.js';

export interface FindMonthOptions extends SiteOptions {
  /** `YYYY-MM`, or `latest`: the newest one that is complete. */
  month: string;
  /** The month's dumps that are wanted. Default: releases. */
  kinds?: readonly DumpFileKind[] | undefined;
}

/** Throws a UsageError unless the text is `latest` or a month. */
export function checkMonth(month: string): void {
  if (month !== 'latest' && !/^20\d\d-(?:0[1-9]|1[0-2])$/.test(month))
    throw new UsageError(`--month takes latest or a month such as 2026-09, not ${month}.`);
}

/**
 * The newest months of the site, at most `most` of them.
 *
 * @example
 * for (const month of await listMonths({}, 3)) console.log(month.month, isComplete(month));
 */
export async function listMonths(
  site: SiteOptions,
  most = 12,
  context?: Partial<StepContext>,
): Promise<DumpMonth[]> {
  const months: DumpMonth[] = [];
  for (const year of await readYears(site, context)) {
    throwIfInterrupted(stepContext(context).signal);
    months.push(...(await readYear(site, year, context)));
    if (months.length >= most) break;
  }
  return months.slice(0, most);
}

/**
 * Finds a month on the site. One that is still appearing is skipped by `latest`, and refused if it was named: its dumps would
 * be of different days, or the checksums missing.
 *
 * @throws BadInputError for a month that does not exist, or is not yet complete.
 */
export async function findMonth(
  options: FindMonthOptions,
  context?: Partial<StepContext>,
): Promise<DumpMonth> {
  const { month, kinds = ['releases'] } = options;
  checkMonth(month);
  return month === 'latest'
    ? findLatest(options, context)
    : findNamed(options, month, kinds, context);
}

async function findLatest(
  options: FindMonthOptions,
  context: Partial<StepContext> | undefined,
): Promise<DumpMonth> {
  const { logger } = stepContext(context);
  const years = await readYears(options, context);
  for (const year of years) {
    const months = await readYear(options, year, context);
    const found = months.find(isComplete);
    const newest = months[0];
    if (newest && newest !== found)
      logger.warn(
        `${newest.month} is not complete yet (${missingFiles(newest).join(', ')} missing)${found ? `: taking ${found.month}` : ''}`,
      );
    if (found) return found;
  }
  throw new BadInputError(
    `The index lists the years ${years.at(-1)} to ${years[0]}, and no month with all of ${dumpKinds.join(', ')} and the checksums`,
  );
}

async function findNamed(
  options: FindMonthOptions,
  month: string,
  kinds: readonly DumpFileKind[],
  context: Partial<StepContext> | undefined,
): Promise<DumpMonth> {
  const months = await readYear(options, Number(month.slice(0, 4)), context);
  const ofMonth = months.filter((one) => one.month === month);
  const found = ofMonth.find(isComplete) ?? ofMonth[0];
  if (!found) {
    // A page that is no index lists no months either: that is not the month's fault.
    if (months.length === 0) await readYears(options, context);
    const others = months.length
      ? `that year has ${months.at(-1)!.month} to ${months[0]!.month}`
      : 'that year has none';
    throw new BadInputError(
      `The site has no dumps for ${month}: ${others}; --list shows the newest months`,
    );
  }
  const missing = missingFiles(found);
  if (missing.length === 0) return found;
  const wanted = [...kinds, 'checksum' as const].filter((kind) => missing.includes(kind));
  // What is still missing once the next month is out will never come.
  const isOld =
    months.some((one) => one.stamp > found.stamp && isComplete(one)) ||
    found.stamp.slice(0, 4) < String(new Date().getUTCFullYear());
  if (wanted.length > 0 || !isOld) {
    throw new BadInputError(
      `The dumps for ${month} are not complete${isOld ? '' : ' yet'}: ${missing.join(', ')} missing; ${isOld ? 'take another month' : 'wait a few hours, or take --month latest'}`,
    );
  }
  return found;
}

/** A month's file of a kind. {@link findMonth} has made sure that it is there. */
export function fileOf(month: DumpMonth, kind: DumpFileKind): RemoteFile {
  const file = month.files[kind];
  if (!file) throw new BadInputError(`The month ${month.month} has no dump of ${kind}`);
  return file;
}
