/** What a run was given, as short texts that two runs can compare. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { csvFingerprint, fileFingerprint } from '@wxyc/csv';
import { labelsName } from '@wxyc/convert';
import { aliasesName, filesOf } from '@wxyc/dataset';
import { alternatesPathOf } from '@wxyc/enrich';
import { libraryFingerprint, readingOf } from '@wxyc/library';
import { defaultScoreCutoff, rulesVersion } from '@wxyc/matching';
import { embeddedDirectory, redactUrl } from '@wxyc/postgres';
import { aliasesOf, artistListOf, labelsOf } from './match-files.js';
import { inputName, monthlyFingerprint } from './monthly-dump.js';
import { dumpsBeside, type PipelineOptions, type Plan } from './run-plan.js';

/** The names that enrich has collected: all of their text, since it comes from a catalogue that may change between two calls. */
export async function namesFingerprint(plan: Plan): Promise<string> {
  const hash = createHash('sha256');
  const list = artistListOf(plan);
  for (const file of [list, alternatesPathOf(list)]) hash.update(await readFile(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** A database URL without its password; a directory by its full path. */
export function plainUrl(url: string): string {
  const directory = embeddedDirectory(url);
  return directory === undefined ? redactUrl(url) : `embedded:${directory}`;
}

/** Everything that decides what a run builds. */
export async function fingerprintInputs(plan: Plan): Promise<Record<string, string>> {
  const { options } = plan;
  const inputs: Record<string, string> = {};
  const given =
    plan.dump === undefined
      ? []
      : [{ kind: 'releases' as const, path: plan.dump }, ...dumpsBeside(plan)];
  for (const { kind, path } of given) {
    inputs[inputName(kind)] = plan.monthly
      ? monthlyFingerprint(plan.monthly, kind)
      : `${basename(path)}, ${await fileFingerprint(path)}`;
  }
  if (options.csvDir) {
    const further = plan.profile === 'full' ? (['artist', 'master'] as const) : [];
    inputs['CSV files'] = await csvFingerprint(
      resolve(options.csvDir),
      filesOf(plan.profile, 'release', ...further).map(({ name }) => name),
    );
    const [aliases, labels] = [aliasesOf(plan), labelsOf(plan)];
    if (aliases !== undefined) inputs['names of artists'] = await fileFingerprint(aliases);
    if (labels !== undefined) inputs['parents of labels'] = await fileFingerprint(labels);
  }
  if (options.libraryDb)
    inputs['library'] = libraryFingerprint(options.libraryDb, readingOf(options));
  if (options.libraryArtists) inputs['artist list'] = await fileFingerprint(options.libraryArtists);
  if (options.mappingsFile) inputs['mappings'] = await fileFingerprint(options.mappingsFile);
  if (options.alternates) inputs['alternates'] = await fileFingerprint(options.alternates);
  if (options.keepIds) inputs['release ids to keep'] = await fileFingerprint(options.keepIds);
  if (options.aliases) inputs['aliases'] = await fileFingerprint(options.aliases);
  if (options.wxycDbUrl) inputs['WXYC catalogue'] = redactUrl(options.wxycDbUrl);
  if (options.targetDbUrl) inputs['target database'] = plainUrl(options.targetDbUrl);
  if (options.libraryDb) {
    inputs['score cutoff'] = String(options.scoreCutoff ?? defaultScoreCutoff);
    // Steps decided by earlier rules do not fit steps decided by today's.
    inputs['rules version'] = String(rulesVersion);
  }
  if (options.preferCountry) inputs['preferred country'] = options.preferCountry;
  inputs['profile'] = plan.profile;
  inputs['mode'] = plan.mode + (plan.matchedOnly ? ', matched only' : '');
  return inputs;
}

/** The flag that gives each input, and whether its fingerprint is made from its content, which means nothing to people. */
const flags: Readonly<Record<string, { flag: string; option?: keyof PipelineOptions }>> = {
  dump: { flag: '--xml', option: 'xml' },
  'artists dump': { flag: '--xml', option: 'xml' },
  'masters dump': { flag: '--xml', option: 'xml' },
  profile: { flag: '--profile' },
  'labels dump': { flag: '--xml', option: 'xml' },
  'CSV files': { flag: '--csv-dir', option: 'csvDir' },
  library: { flag: '--library-db', option: 'libraryDb' },
  'artist list': { flag: '--library-artists', option: 'libraryArtists' },
  mappings: { flag: '--mappings-file', option: 'mappingsFile' },
  alternates: { flag: '--alternates', option: 'alternates' },
  'release ids to keep': { flag: '--keep-ids', option: 'keepIds' },
  aliases: { flag: '--aliases', option: 'aliases' },
  'WXYC catalogue': { flag: '--wxyc-db-url' },
  'target database': { flag: '--target-db-url' },
  'score cutoff': { flag: '--score-cutoff' },
  'preferred country': { flag: '--prefer-country' },
};

/** Files that a step made beside the CSV files, which count if they are there. */
const besideCsv: Readonly<Record<string, string>> = {
  'names of artists': aliasesName,
  'parents of labels': `${labelsName} or label.csv`,
};

/** Sentences that name each difference by flag and file; empty if there is none. */
export function differences(
  then: Record<string, string>,
  now: Record<string, string>,
  options: PipelineOptions,
): string[] {
  // Earlier versions knew only one profile.
  const before: Record<string, string> = { profile: 'lean', ...then };
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (name) => before[name] !== now[name],
  );
  return names.map((name) => {
    const known = flags[name];
    if (name === 'rules version') return 'another version decided in that run, with other rules';
    if (name === 'mode')
      return `that run was to ${modes(before[name])}, this one is to ${modes(now[name])}`;
    const beside = besideCsv[name];
    if (beside !== undefined) {
      const place = `${beside} in --csv-dir ${options.csvDir ?? ''}`.trimEnd();
      if (before[name] === undefined)
        return `${place} was not there in that run, or an earlier version began it, which did not note such files`;
      return now[name] === undefined
        ? `${place} was there in that run but is not now`
        : `${place} differs from that run's`;
    }
    if (!known) return `the ${name} differs`;
    const month = options.month !== undefined && / ?dump$/.test(name);
    if (month && before[name] === undefined)
      return `that run did not fetch the ${name} (--releases-only leaves it out)`;
    if (month && now[name] === undefined) return `that run fetched the ${name}, this one does not`;
    const flag = month ? '--month' : known.flag;
    const file = known.option === undefined ? undefined : options[month ? 'month' : known.option];
    const given = file === undefined || typeof file === 'object' ? flag : `${flag} ${String(file)}`;
    if (before[name] === undefined)
      return `${given}${known.option ? '' : ` ${now[name]}`} was not given in that run (the ${name})`;
    if (now[name] === undefined)
      return `${flag} was given in that run but is not now (the ${name}${known.option ? '' : `: ${before[name]}`})`;
    if (known.option === undefined) return `${flag} is ${now[name]} but was ${before[name]}`;
    // A dump is recorded with its name.
    const then =
      / bytes, |, sha256 /.test(before[name]) && before[name].includes('.xml')
        ? `, ${before[name].split(',')[0]}`
        : '';
    return `${given} differs from the ${name} of that run${then}`;
  });
}

const modes = (mode: string | undefined): string =>
  (mode ?? 'nothing')
    .replace(/^prune/, 'keep what the library owns')
    .replace(/^copy/, 'copy to a target')
    .replace(/^all/, 'load all')
    .replace(', matched only', ', loading matches only');
