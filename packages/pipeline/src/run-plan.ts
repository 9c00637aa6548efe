/** What a run is asked to do, once {@link makePlan} has checked it, and what follows from it. */
import type { Profile } from '@wxyc/dataset';
import type { LibraryGiven, WithLibrary } from '@wxyc/library';
import { besideKinds, type BesideKind, type OtherDump } from './dump-file.js';
import type { DumpFileKind, DumpMonth, SiteOptions } from '@wxyc/fetch';

export interface MonthlyDumps {
  /** The month as the site lists it, or as far as it is known without asking the site. */
  month: DumpMonth;
  site: SiteOptions;
  /** The directory that they go to. */
  directory: string;
  /** Checksums from the month's checksum file, as far as that was read. */
  sha256: Partial<Record<DumpFileKind, string>>;
}

export interface PipelineOptions extends LibraryGiven {
  /** A releases dump, or a directory that holds one. Give this, `month` or `csvDir`. */
  xml?: string | undefined;
  /** `YYYY-MM` or `latest`: fetch that month's releases dump and the other dumps that the run needs, and read them while they arrive. */
  month?: string | undefined;
  /** Fetch only the month's releases. */
  releasesOnly?: boolean | undefined;
  /** Directory where the dumps are put, and stay. */
  downloadDir?: string | undefined;
  /** Where the dumps are listed. Default: Discogs' site. */
  baseUrl?: string | undefined;
  /** The `fetch` to use. Default: Node's. */
  fetch?: typeof fetch | undefined;
  /** A directory of filtered CSV files. */
  csvDir?: string | undefined;
  /** A file of artists to keep, instead of those of the library. */
  libraryArtists?: string | undefined;
  /** MySQL database with other names of artists: `mysql://...`. */
  wxycDbUrl?: string | undefined;
  /** `postgresql://…` or `embedded:DIR`. */
  databaseUrl: string;
  /** Copy the owned releases to this database after publishing. */
  targetDbUrl?: string | undefined;
  /** Which tables. Default: those of the published cache, else lean. */
  profile?: Profile | undefined;
  /** Continue the run that the state file describes. */
  resume?: boolean | undefined;
  /** Default: `.pipeline_state.json`. */
  stateFile?: string | undefined;
  /** Keep the CSV files, in this directory. */
  keepCsv?: string | undefined;
  /** JSON file with what a person has settled about artists, once and for all. */
  mappingsFile?: string | undefined;
  /** Other names of library artists: with `xml` any export that enrich reads, else a CSV file `artist,name`. */
  alternates?: string | undefined;
  /** File with the ids of releases that are owned whatever their titles say, one per line. */
  keepIds?: string | undefined;
  /** Other names of artists on Discogs, `artist_id,name`, instead of those from an artists dump beside the releases. */
  aliases?: string | undefined;
  /** From which title score on a release is kept. Default: 0.9. */
  scoreCutoff?: number | undefined;
  /** Write the decisions to this CSV file. */
  decisions?: string | undefined;
  /** CSV file for every album of the library, found or not. */
  coverage?: string | undefined;
  /** The country whose pressing of a master is kept if the library does not decide. Default: US. */
  preferCountry?: string | undefined;
  /** Publish even if the cache becomes much smaller. */
  allowShrink?: boolean | undefined;
  /** By how many per cent the imported releases may become fewer. Default: 50. */
  maxShrink?: number | undefined;
  /** Keep the cache that is replaced in `discogs_previous`. Default: true. */
  keepPrevious?: boolean | undefined;
  /** Replace a cache of a newer month by this one. */
  allowOlder?: boolean | undefined;
  /** More rejected records than this are an error. Default 100. */
  maxRejects?: number | undefined;
  /** Default: true where it applies, that is with `xml` and `libraryDb` and without `targetDbUrl`. */
  matchedOnly?: boolean | undefined;
  /** Worker threads of convert; default: as many as it chooses. */
  jobs?: number | undefined;
  /** Leave the servers to those who use them: one process, little memory, COPY throttled. Slower. */
  gentle?: boolean | undefined;
  /** `FILE.json` or `FILE.html`. */
  report?: string | undefined;
}

/** `prune`: only what the library owns stays. `copy`: that goes to another database. `all`: no library, all stays. */
export type Mode = 'prune' | 'copy' | 'all';

export interface Plan {
  options: WithLibrary<PipelineOptions>;
  mode: Mode;
  /** Convert writes only releases that the library owns or that are in doubt. */
  matchedOnly: boolean;
  /** The releases dump itself; with {@link monthly} it may not have arrived yet. */
  dump: string | undefined;
  /** Which tables are built. Until the database has been asked: what the options say, or else lean. */
  profile: Profile;
  /** The artists dump of the same month beside it, whose other names count if there is a library. */
  artistsDump: string | undefined;
  mastersDump: string | undefined;
  /** The labels dump of the same month beside it, if the library names labels: parents and sublabels then count as one. */
  labelsDump: string | undefined;
  /** Dumps beside it that do not count because they are of another month. */
  dumpsOfOtherMonths: readonly OtherDump[];
  /** The month whose dumps are fetched; the dumps' paths say where they will be. */
  monthly: MonthlyDumps | undefined;
  stateFile: string;
  /** Where the CSV files are or will be, absolute. */
  csvDir: string;
  /** The CSV files are this run's own and are removed when it ends. */
  temporaryCsv: boolean;
}

/** The artists dump, if the other names in it count: without a library, nobody's would matter. */
export const namesDump = ({ artistsDump, options }: Plan): string | undefined =>
  options.libraryDb === undefined || options.aliases !== undefined ? undefined : artistsDump;

/** The dumps of another month that the run could otherwise use. */
export const unusedDumps = ({ dumpsOfOtherMonths, options, profile }: Plan): OtherDump[] =>
  dumpsOfOtherMonths.filter(
    ({ kind }) =>
      (profile === 'full' && kind !== 'labels') ||
      (kind !== 'masters' && options.libraryDb !== undefined),
  );

/** The dumps beside the releases that a full cache has tables for. */
export const furtherDumps = ({
  artistsDump,
  mastersDump,
  profile,
}: Plan): ('artists' | 'masters')[] =>
  profile === 'lean'
    ? []
    : [
        ...(artistsDump === undefined ? [] : (['artists'] as const)),
        ...(mastersDump === undefined ? [] : (['masters'] as const)),
      ];

/** What a run needs dumps other than the releases for. */
function usesOf(
  { options, profile }: Pick<Plan, 'options' | 'profile'>,
  namesLabels: boolean,
): Record<BesideKind, string[]> {
  const names = options.libraryDb !== undefined && options.aliases === undefined;
  return {
    artists: [
      ...(names ? ['other names of artists'] : []),
      ...(profile === 'full' ? ['the tables of artists'] : []),
    ],
    labels: namesLabels ? ['parents and sublabels'] : [],
    masters: profile === 'full' ? ['the tables of masters'] : [],
  };
}

/** Kinds of dumps that such a run needs besides the releases. */
export function wantedBeside(
  plan: Pick<Plan, 'options' | 'profile'>,
  namesLabels: boolean,
): BesideKind[] {
  const uses = usesOf(plan, namesLabels);
  return besideKinds.filter((kind) => uses[kind].length > 0);
}

/** The dumps other than the releases that the run reads, and what for. */
export function dumpsBeside(plan: Plan): { kind: BesideKind; path: string; uses: string[] }[] {
  const uses = usesOf(plan, plan.labelsDump !== undefined);
  return besideKinds.flatMap((kind) => {
    const path = plan[`${kind}Dump`];
    return path !== undefined && uses[kind].length > 0 ? [{ kind, path, uses: uses[kind] }] : [];
  });
}

/** Whether the run begins with a dump, rather than with CSV files. */
export const readsDump = ({ xml, month }: Pick<PipelineOptions, 'xml' | 'month'>): boolean =>
  xml !== undefined || month !== undefined;
