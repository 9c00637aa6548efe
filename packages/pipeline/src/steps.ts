/** The steps of a run: which there are, in which order, and how each is called. */
import { carryOver } from '@wxyc/cache';
import { formatCount } from '@wxyc/cli';
import { convert, type ArrivingFile } from '@wxyc/convert';
import { buildSchema, publishedSchema } from '@wxyc/dataset';
import { dedup } from '@wxyc/dedup';
import { creditedIds, importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { createSchema } from '@wxyc/schema';
import type { StepResult } from '@wxyc/step';
import { vacuum } from '@wxyc/vacuum';
import { copyTo, match, prune } from '@wxyc/verify';
import { publishCompared } from './changes.js';
import { artistListOf, collectNames, labelsOf, matchFilesOf } from './match-files.js';
import { readDumps } from './monthly-dump.js';
import { originOf } from './origin.js';
import { furtherDumps, readsDump, type Plan } from './run-plan.js';
import type { StepName } from './step-names.js';
import { rejectedRowsFile, removeEarlierFiles, type ImportPass } from './workspace.js';
import type { RunEnvironment } from './run-environment.js';

export interface PipelineStep {
  /** The step's name in log, closing table, plan and report. */
  name: string;
  /** Its names in the state file: one, or two if earlier tools ran it as two steps. */
  names: readonly [StepName, ...StepName[]];
  title: string;
  /** Its work is in the build's schema, and the build itself records that it is done. */
  inBuild?: boolean;
  run(environment: RunEnvironment): Promise<StepResult>;
}

/** Where a step works, how it decides and how it publishes. */
const build = ({ url, lock }: RunEnvironment) => ({ databaseUrl: url, schema: buildSchema, lock });
const publication = ({ options: { allowShrink, maxShrink, allowOlder, keepPrevious } }: Plan) => ({
  allowShrink,
  maxShrink,
  allowOlder,
  keepPrevious,
});
const library = ({ plan }: RunEnvironment) => matchFilesOf(plan);

/** Where rejected rows go. If the CSV files stay, the import itself puts them beside those. */
const rejectsOf = ({ plan }: RunEnvironment, pass: ImportPass) =>
  plan.temporaryCsv ? { rejectsFile: rejectedRowsFile(plan, pass) } : {};

const steps: Record<
  | 'enrich'
  | 'convert'
  | 'schema'
  | 'import'
  | 'match'
  | 'dedup'
  | 'tracks'
  | 'prune'
  | 'artists'
  | 'copy'
  | 'index'
  | 'vacuum'
  | 'publish',
  PipelineStep
> = {
  enrich: {
    name: 'enrich',
    names: ['enrich'],
    title: 'collect the names of artists',
    run: ({ plan, context }) => collectNames(plan, context),
  },
  convert: {
    name: 'convert',
    names: ['convert'],
    title: 'convert the dump, deciding and cleaning while it streams',
    run: async ({ plan, context }) => {
      const { options, matchedOnly } = plan;
      await removeEarlierFiles(plan);
      const read = (inputs: (string | ArrivingFile)[]) =>
        convert(
          {
            inputs,
            output: plan.csvDir,
            exports: ['release'],
            profile: plan.profile,
            cleanNewlines: true,
            matchedOnly,
            ...(options.libraryDb
              ? { ...matchFilesOf(plan), coverage: options.coverage ?? true }
              : { libraryArtists: artistListOf(plan) }),
            ...(matchedOnly && options.decisions ? { decisions: options.decisions } : {}),
            maxRejects: options.maxRejects,
            jobs: options.jobs,
          },
          context,
        );
      const { result, fetch } = await readDumps(plan, ['releases'], read, context);
      return { ...result, fetch };
    },
  },
  schema: {
    name: 'schema',
    names: ['create_schema'],
    inBuild: true,
    title: 'create the build schema',
    run: (run) =>
      createSchema(
        { ...build(run), replace: true, runId: run.state.run_id, origin: originOf(run.plan) },
        run.context,
      ),
  },
  import: {
    name: 'import',
    names: ['import_csv'],
    inBuild: true,
    title: 'import releases, artists and labels',
    run: (run) =>
      importCsv(
        { ...build(run), csvDir: run.plan.csvDir, mode: 'base', ...rejectsOf(run, 'base') },
        run.context,
      ),
  },
  match: {
    name: 'match',
    names: ['match'],
    inBuild: true,
    title: 'decide which releases the library owns',
    run: (run) => {
      const { options, matchedOnly, dump } = run.plan;
      // Convert's file covers the whole dump, so it says more than the database can.
      return match(
        {
          ...build(run),
          ...library(run),
          decisions: matchedOnly ? undefined : options.decisions,
          coverage: dump === undefined ? options.coverage : undefined,
        },
        run.context,
      );
    },
  },
  dedup: {
    name: 'dedup',
    names: ['dedup'],
    inBuild: true,
    title: 'keep one pressing per master',
    run: (run) =>
      dedup(
        {
          ...build(run),
          ...(run.plan.options.libraryDb ? library(run) : {}),
          labels: labelsOf(run.plan),
          preferCountry: run.plan.options.preferCountry,
        },
        run.context,
      ),
  },
  tracks: {
    name: 'import tracks',
    names: ['import_tracks'],
    inBuild: true,
    title: 'import the tracks of the remaining releases',
    run: async (run) => {
      const result = await importCsv(
        { ...build(run), csvDir: run.plan.csvDir, mode: 'tracks', ...rejectsOf(run, 'tracks') },
        run.context,
      );
      return { ...result, step: 'import tracks' };
    },
  },
  prune: {
    name: 'prune',
    names: ['prune'],
    inBuild: true,
    title: 'remove what the library does not own',
    run: (run) => prune({ ...build(run), ...library(run) }, run.context),
  },
  artists: {
    name: 'import artists',
    names: ['import_artists'],
    inBuild: true,
    title: 'read the artists and masters that the releases name',
    run: importArtists,
  },
  copy: {
    name: 'copy',
    names: ['prune'],
    title: 'copy what the library owns to the target database',
    run: (run) =>
      copyTo(
        {
          ...build(run),
          schema: publishedSchema,
          ...library(run),
          targetUrl: run.targetUrl!,
          profile: run.plan.options.profile,
          ...publication(run.plan),
          runId: run.state.run_id,
        },
        run.context,
      ),
  },
  index: {
    name: 'index',
    names: ['create_indexes', 'create_track_indexes'],
    inBuild: true,
    title: "carry over consumers' data and build keys and indexes",
    run: async (run) => {
      await carryOver({ ...build(run), runStartedAt: run.state.started_at }, run.context);
      return buildIndexes(build(run), run.context);
    },
  },
  vacuum: {
    name: 'vacuum',
    names: ['vacuum'],
    inBuild: true,
    title: 'vacuum and analyze',
    run: (run) => vacuum(build(run), run.context),
  },
  publish: {
    name: 'publish',
    names: ['publish'],
    title: 'replace the published cache',
    run: (run) =>
      publishCompared(run, {
        ...build(run),
        profile: run.plan.profile,
        ...publication(run.plan),
        runId: run.state.run_id,
        runStartedAt: run.state.started_at,
      }),
  },
};

/** Only now is it certain which records are wanted; the dumps are read once, and records that the releases do not name are skipped. */
async function importArtists(run: RunEnvironment): Promise<StepResult> {
  const { plan, url, lock, context } = run;
  const began = performance.now();
  const kinds = furtherDumps(plan);
  let read: StepResult | undefined;
  let fetch: StepResult[] | undefined;
  if (kinds.length > 0) {
    const { artists, masters } = await creditedIds(
      {
        databaseUrl: url,
        schema: buildSchema,
        csvDir: plan.csvDir,
        applicationName: lock.applicationName('wxyc-import'),
      },
      context.signal,
    );
    context.logger.info(
      { artists: artists.size, masters: masters.size },
      `the releases name ${formatCount(artists.size)} artists and ${formatCount(masters.size)} masters`,
    );
    const { maxRejects, jobs } = plan.options;
    ({ result: read, fetch } = await readDumps(
      plan,
      kinds,
      (inputs) =>
        convert(
          {
            inputs,
            output: plan.csvDir,
            profile: 'full',
            wanted: { artist: artists, master: masters },
            cleanNewlines: true,
            maxRejects,
            jobs,
          },
          context,
        ),
      context,
    ));
  }
  const missing = [
    ...(plan.artistsDump || plan.dump === undefined ? [] : ['artists']),
    ...(plan.mastersDump || plan.dump === undefined ? [] : ['masters']),
  ];
  const note =
    missing.length > 0
      ? `no ${missing.join(' and no ')} dump beside the releases: the tables for ${missing.join(' and ')} stay empty`
      : undefined;
  if (note) context.logger.info(note);
  const result = await importCsv(
    { ...build(run), csvDir: plan.csvDir, mode: 'artists', ...rejectsOf(run, 'artists') },
    context,
  );
  const rows = { ...result, step: 'import artists', seconds: (performance.now() - began) / 1000 };
  // Counts of the dumps' records, if there were any.
  const counted = read
    ? { ...rows, unit: read.unit, read: read.read, written: read.written, dropped: read.dropped }
    : rows;
  return {
    ...counted,
    ...(fetch ? { fetch } : {}),
    ...((note ?? result.note) ? { note: [note, result.note].filter(Boolean).join('; ') } : {}),
  };
}

/** The steps of a plan in order. */
export function stepsOf({ options, mode, profile }: Plan): PipelineStep[] {
  const fromDump = !readsDump(options) ? [] : [steps.enrich, steps.convert];
  const decide = mode === 'all' ? [] : [steps.match];
  const rest = mode === 'prune' ? [steps.prune] : [];
  const further = profile === 'full' ? [steps.artists] : [];
  const after = mode === 'copy' ? [steps.copy] : [];
  return [
    ...fromDump,
    steps.schema,
    steps.import,
    ...decide,
    steps.dedup,
    steps.tracks,
    ...rest,
    ...further,
    steps.index,
    steps.vacuum,
    steps.publish,
    ...after,
  ];
}
