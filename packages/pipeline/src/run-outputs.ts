/** Checks everything that a run writes outside the database against everything that it reads. */
import { join } from 'node:path';
import {
  aliasesKind,
  aliasesName,
  labelsKind,
  labelsName,
  outputFiles,
  rejectsKind,
} from '@wxyc/convert';
import { guardOutputs, nameListKind, type OutputFile } from '@wxyc/csv';
import { dumpFor, filesOf } from '@wxyc/dataset';
import { alternatesKind, alternatesPathOf } from '@wxyc/enrich';
import { rejectedRowsKind } from '@wxyc/import';
import { coverageKind, decisionsKind } from '@wxyc/matching';
import { artistListOf } from './match-files.js';
import type { Plan } from './run-plan.js';
import { reportKind } from './report.js';
import { stateKind } from './state.js';
import { rejectedRowsFile, unreadableFile } from './workspace.js';

/**
 * Refuses a run whose outputs would destroy an input or a file of another kind.
 *
 * @throws UsageError that names the flag.
 */
export async function guardRunOutputs(plan: Plan): Promise<void> {
  const { options, dump, csvDir, stateFile, temporaryCsv } = plan;
  const csvFlag = options.keepCsv === undefined ? '--state-file' : '--keep-csv';
  const names: OutputFile[] = [
    { flag: csvFlag, path: artistListOf(plan), kind: nameListKind },
    { flag: csvFlag, path: alternatesPathOf(artistListOf(plan)), kind: alternatesKind },
    { flag: csvFlag, path: join(csvDir, aliasesName), kind: aliasesKind },
    { flag: csvFlag, path: join(csvDir, labelsName), kind: labelsKind },
  ];
  const mayBeFull = options.profile !== 'lean';
  const converted: OutputFile[] =
    dump === undefined
      ? []
      : [
          ...outputFiles(csvDir, [
            dumpFor('release', 'full'),
            // The full profile removes those of an earlier run if it has no dump of them.
            ...(plan.artistsDump || mayBeFull ? [dumpFor('artist', 'full')] : []),
            ...(plan.mastersDump || mayBeFull ? [dumpFor('master', 'full')] : []),
          ]),
          ...names,
        ];
  const rejects: OutputFile[] = [
    ...(temporaryCsv
      ? [
          {
            flag: '--state-file',
            path: unreadableFile(plan),
            kind: rejectsKind,
          },
        ]
      : []),
    ...[
      ...new Set(
        (['base', 'tracks', 'artists'] as const).map((pass) => rejectedRowsFile(plan, pass)),
      ),
    ].map((path) => ({ flag: csvFlag, path, kind: rejectedRowsKind })),
  ];
  const inputs = [
    dump,
    plan.artistsDump,
    plan.mastersDump,
    plan.labelsDump,
    options.libraryDb,
    options.libraryArtists,
    options.mappingsFile,
    options.alternates,
    options.keepIds,
    options.aliases,
    ...(options.csvDir === undefined
      ? []
      : filesOf('full', 'release').map(({ name }) => join(csvDir, `${name}.csv`))),
  ];
  await guardOutputs(
    [
      { flag: '--state-file', path: options.stateFile ?? stateFile, kind: stateKind },
      { flag: '--decisions', path: options.decisions, kind: decisionsKind },
      { flag: '--coverage', path: options.coverage, kind: coverageKind },
      ...(options.report === undefined
        ? []
        : [{ flag: '--report', path: options.report, kind: reportKind(options.report) }]),
      ...converted.map((output) => ({ ...output, flag: csvFlag })),
      ...rejects,
    ],
    inputs,
  );
}
