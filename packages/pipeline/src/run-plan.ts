/** What a run is asked to do, once {@link makePlan} has checked it, and what follows from it. */
import type { Profile } from '@wxyc/dataset';
import type { LibraryGiven, WithLibrary } from '@wxyc/library';
import { besideKinds, type BesideKind, type OtherDump } from './dump-file.js';
import type { DumpFileKind, DumpMonth, SiteOptions } from '@wxyc/fetch';

export interface MonthlyDumps {
  /** As the site lists it, or as far as it is known without asking the site. */
  month: DumpMonth;
  site: SiteOptions;
  /** The directory that they go to. */
  directory: string;
  /** By the month's checksum file, as far as that was read. */
  sha256: Partial<Record<DumpFileKind, string>>;
}

export interface PipelineOptions extends LibraryGiven {
  /** A releases dump, or a directory that holds one. This, `month` or `csvDir`. */
  xml?: string | undefined;
  /** `YYYY-MM` or `latest`: fetch that month's releases dump and those others that the run has a use for, and read them while they arrive. */
  month?: string | undefined;
  /** Of the month, fetch the releases alone. */
  releasesOnly?: boolean | undefined;
  /** Where the dumps go, and stay. */
  downloadDir?: string | undefined;
  /** Where the dumps are listed. Default: Discogs' site. */
  baseUrl?: string | undefined;
  /** The `fetch` to use. Default: Node's. */
  fetch?: typeof fetch | undefined;
  /** A directory of filtered CSV files. */
  csvDir?: string | undefined;
  /** A file of artists to keep, instead of those of the library. */
  libraryArtists?: string | undefined;
  /** MySQL database with further names of artists: `mysql://...`. */
  wxycDbUrl?: string | undefined;
  /** `postgresql://…` or `embedded:DIR`. */
  databaseUrl: string;
  /** Copy the owned releases to this database after publishing. */
  targetDbUrl?: string | undefined;
  /** Which tables. Default: those of the published cache, else lean. */
  profile?: Profile | undefined;
  /** Go on with the run that the state file tells of. */
  resume?: boolean | undefined;
  /** Default: `.pipeline_state.json`. */
  stateFile?: string | undefined;
  /** Keep the CSV files, in this directory. */
  keepCsv?: string | undefined;
  /** JSON file with what a person said of artists, once and for all. */
  mappingsFile?: string | undefined;
  /** Further names of library artists: with `xml` any export that enrich reads, else a CSV file `artist,name`. */
  alternates?: string | undefined;
  /** Ids of releases that are owned whatever their titles say, one a line. */
  keepIds?: string | undefined;
  /** Other names of artists on Discogs, `artist_id,name`, instead of those from an artists dump beside the releases. */
  aliases?: string | undefined;
  /** From which title score on a release is kept. Default: 0.9. */
  scoreCutoff?: number | undefined;
  /** Write the decisions to this CSV file. */
  decisions?: string | undefined;
  /** CSV file for every album of the library, found or not. */
  coverage?: string | undefined;
  /** Whose pressing of a master is kept, where the library does not say. Default: US. */
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
  /** The releases dump itself; with {@link monthly} it may still have to come. */
  dump: string | undefined;
  /** Which tables are built. Until the database was asked: what the options say, else lean. */
  profile: Profile;
  /** Artists of the same month beside it, whose other names count where there is a library. */
  artistsDump: string | undefined;
  mastersDump: string | undefined;
  /** Labels of the same month beside it, if the library names labels: parents and sublabels then count as one. */
  labelsDump: string | undefined;
  /** Dumps beside it that are of another month and do not count. */
  dumpsOfOtherMonths: readonly OtherDump[];
  /** The month whose dumps are fetched; their paths are where they will lie. */
  monthly: MonthlyDumps | undefined;
  stateFile: string;
  /** Where the CSV files are or will be, absolute. */
  csvDir: string;
  /** The CSV files are this run's own and go when it has ended. */
  temporaryCsv: boolean;
}

/** The artists dump, if other names count that are in it: without a library there is nobody whose other names would matter. */
export const namesDump = ({ artistsDump, options }: Plan): string | undefined =>
  options.libraryDb === undefined || options.aliases !== undefined ? undefined : artistsDump;

/** Those of another month that the run would have a use for. */
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

/** What a run has dumps beside the releases for. */
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

/** Kinds of dumps that such a run has a use for, beside the releases. */
export function wantedBeside(
  plan: Pick<Plan, 'options' | 'profile'>,
  namesLabels: boolean,
): BesideKind[] {
  const uses = usesOf(plan, namesLabels);
  return besideKinds.filter((kind) => uses[kind].length > 0);
}

/** The dumps beside the releases that the run reads, and for what. */
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
