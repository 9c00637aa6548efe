/** The files on which a run's decisions depend: the same for every step that asks the library. */
import { existsSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { aliasesName, collectAliases, collectLabels, labelsName } from '@wxyc/convert';
import { findCsv, makeDirectory } from '@wxyc/csv';
import { alternatesPathOf, enrich, type EnrichResult } from '@wxyc/enrich';
import { readingOf, readLibrary, readMatchBasis, type MatchFiles } from '@wxyc/library';
import { LibraryIndex } from '@wxyc/matching';

import type { StepContext, StepResult } from '@wxyc/step';
import { readDumps } from './monthly-dump.js';
import { namesDump, unusedDumps, type Plan } from './run-plan.js';

/** The file of the artists whose releases are wanted. It is beside the CSV files. */
export const artistListOf = (plan: Plan): string => join(plan.csvDir, 'library_artists.txt');

/** The file of other names of artists. It is beside the CSV files, where import looks for it too. */
const aliasesPathOf = (plan: Plan): string => join(plan.csvDir, aliasesName);

/** That file, if other names of artists on Discogs count in this run. */
export function aliasesOf(plan: Plan): string | undefined {
  const file = aliasesPathOf(plan);
  const counts =
    plan.dump === undefined
      ? existsSync(file)
      : plan.options.aliases !== undefined || namesDump(plan) !== undefined;
  return counts ? file : undefined;
}

/** Labels and their parents for dedup: what a labels dump says about the library's labels, or what is beside the CSV files. */
export function labelsOf(plan: Plan): string | undefined {
  if (plan.dump !== undefined)
    return plan.labelsDump === undefined ? undefined : join(plan.csvDir, labelsName);
  return plan.options.libraryDb === undefined
    ? undefined
    : (findCsv(plan.csvDir, basename(labelsName, '.csv')) ?? findCsv(plan.csvDir, 'label'));
}

/** Needs a library. */
export function matchFilesOf(plan: Plan): MatchFiles {
  const { options } = plan;
  const made = plan.dump !== undefined;
  return {
    libraryDb: options.libraryDb!,
    libraryColumns: options.libraryColumns,
    libraryEncoding: options.libraryEncoding,
    libraryArtists: made ? artistListOf(plan) : options.libraryArtists,
    alternates: made ? alternatesPathOf(artistListOf(plan)) : options.alternates,
    mappingsFile: options.mappingsFile,
    scoreCutoff: options.scoreCutoff,
    keepIds: options.keepIds,
    aliases: aliasesOf(plan),
  };
}

/** Whether the files that {@link collectNames} makes exist. */
export function hasMatchFiles(plan: Plan): boolean {
  const { libraryArtists, alternates, aliases } = matchFilesOf(plan);
  return [libraryArtists, alternates, aliases, labelsOf(plan)].every(
    (file) => file === undefined || existsSync(file),
  );
}

/** Collects all names from the catalogue, files and the dumps of artists and labels, which are read before the releases whose decisions depend on them. */
export async function collectNames(
  plan: Plan,
  context: StepContext,
): Promise<EnrichResult & { fetch: StepResult[] }> {
  const {
    libraryDb,
    libraryColumns,
    libraryEncoding,
    libraryArtists,
    wxycDbUrl,
    alternates,
    aliases,
  } = plan.options;
  const started = performance.now();
  const fetched: StepResult[] = [];
  const result = await enrich(
    {
      libraryDb,
      libraryColumns,
      libraryEncoding,
      libraryArtists,
      wxycDbUrl,
      alternates,
      output: artistListOf(plan),
    },
    context,
  );
  const file = aliasesPathOf(plan);
  await makeDirectory(plan.csvDir);
  for (const { kind, path } of unusedDumps(plan))
    context.logger.warn(
      { dump: path },
      `the ${kind} dump is from another month than the releases, so it is not used`,
    );
  // Left by an earlier run with other inputs, in a folder that was kept.
  for (const name of [aliasesName, labelsName]) await rm(join(plan.csvDir, name), { force: true });
  if (aliases !== undefined) await copyFile(aliases, file);
  else if (namesDump(plan) !== undefined) {
    context.logger.info(
      { dump: plan.artistsDump },
      'reading other names of artists from the artists dump beside the releases',
    );
    const basis = await readMatchBasis({
      libraryDb: libraryDb!,
      libraryColumns,
      libraryEncoding,
      alternates: result.alternates.file,
    });
    const index = new LibraryIndex(basis.library, basis.alternates);
    const { result: found, fetch } = await readDumps(
      plan,
      ['artists'],
      ([dump]) => collectAliases(dump!, index, file, context),
      context,
    );
    fetched.push(...(fetch ?? []));
    context.logger.info(
      { ...found },
      'other names of artists, which count if the titles are equal',
    );
  }
  if (plan.labelsDump !== undefined) {
    context.logger.info(
      { dump: plan.labelsDump },
      'reading parents and sublabels from the labels dump beside the releases',
    );
    const labels = readLibrary(libraryDb!, readingOf({ libraryColumns, libraryEncoding })).flatMap(
      ({ label }) => label ?? [],
    );
    const { result: found, fetch } = await readDumps(
      plan,
      ['labels'],
      ([dump]) => collectLabels(dump!, labels, labelsOf(plan)!, context),
      context,
    );
    fetched.push(...(fetch ?? []));
    context.logger.info({ ...found }, 'related labels among those that the library names');
  }
  return { ...result, fetch: fetched, seconds: (performance.now() - started) / 1000 };
}
