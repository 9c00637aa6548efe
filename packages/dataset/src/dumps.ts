/**
 * The dump side: which CSV files each kind of dump becomes and their headers, as discogs-xml2db writes them
 * (release export of v2.1 and of its 2023 snapshot). convert writes headers from here; filter and the pipeline take their
 * file lists from here.
 */

import type { Profile } from './table.js';

/** A kind of dump, recognised by its root element. */
export type DumpKind = 'release' | 'artist' | 'label' | 'master';

/** One CSV file: its name without `.csv` and its columns in order. The first column is the record's id. */
export interface CsvFile {
  readonly name: string;
  readonly columns: readonly string[];
  /** The columns for the full profile, if they differ: these include what discogs-xml2db leaves out. */
  readonly full?: readonly string[] | undefined;
}

/** A kind of dump: root element, record element, and the files it becomes. The first file has one row per record. */
export interface Dump {
  readonly kind: DumpKind;
  readonly root: string;
  readonly record: string;
  readonly files: readonly CsvFile[];
}

const file = (name: string, columns: string, full?: string): CsvFile => ({
  name,
  columns: columns.split(','),
  full: full?.split(','),
});

export const dumps: Readonly<Record<DumpKind, Dump>> = {
  release: {
    kind: 'release',
    root: 'releases',
    record: 'release',
    files: [
      file('release', 'id,title,released,country,notes,data_quality,master_id,status'),
      file(
        'release_artist',
        'release_id,artist_id,artist_name,extra,anv,position,join_string,role,tracks',
      ),
      file('release_label', 'release_id,label_name,catno', 'release_id,label_id,label_name,catno'),
      file('release_genre', 'release_id,genre'),
      file('release_style', 'release_id,style'),
      file('release_format', 'release_id,name,qty,text_string,descriptions'),
      file(
        'release_company',
        'release_id,company_id,company_name,entity_type,entity_type_name,uri',
      ),
      file('release_identifier', 'release_id,description,type,value'),
      file(
        'release_video',
        'release_id,duration,title,description,uri',
        'release_id,duration,title,description,uri,embed',
      ),
      file('release_track', 'release_id,sequence,position,parent,title,duration,track_id'),
      file(
        'release_track_artist',
        'release_id,track_sequence,track_id,artist_id,artist_name,extra,anv,position,join_string,role,tracks',
      ),
      file('release_image', 'release_id,type,width,height'),
    ],
  },
  artist: {
    kind: 'artist',
    root: 'artists',
    record: 'artist',
    files: [
      file('artist', 'id,name,realname,profile,data_quality'),
      file('artist_alias', 'artist_id,alias_name', 'artist_id,alias_name,alias_id'),
      file('artist_namevariation', 'artist_id,name'),
      file('artist_url', 'artist_id,url'),
      file('artist_image', 'artist_id,type,width,height'),
      file('group_member', 'group_artist_id,member_artist_id,member_name'),
    ],
  },
  label: {
    kind: 'label',
    root: 'labels',
    record: 'label',
    files: [
      file('label', 'id,name,contact_info,profile,parent_name,data_quality'),
      file('label_url', 'label_id,url'),
      file('label_image', 'label_id,type,width,height'),
    ],
  },
  master: {
    kind: 'master',
    root: 'masters',
    record: 'master',
    files: [
      file('master', 'id,title,year,main_release,data_quality'),
      file('master_artist', 'master_id,artist_id,artist_name,anv,position,join_string,role'),
      file('master_video', 'master_id,duration,title,description,uri'),
      file('master_genre', 'master_id,genre'),
      file('master_style', 'master_id,style'),
      file('master_image', 'master_id,type,width,height'),
    ],
  },
};

/** A kind of dump with its files as they are for a profile. */
export function dumpFor(kind: DumpKind, profile: Profile): Dump {
  const dump = dumps[kind];
  return profile === 'lean'
    ? dump
    : {
        ...dump,
        files: dump.files.map(({ name, columns, full }) => ({ name, columns: full ?? columns })),
      };
}

/**
 * The CSV files of these kinds of dumps for a profile, in the order in which they are written and listed. The full profile has all
 * there are.
 */
export const filesOf = (profile: Profile, ...kinds: DumpKind[]): CsvFile[] =>
  kinds.flatMap((kind) => dumpFor(kind, profile).files);

/** Other names of artists, `artist_id,name`: convert writes them beside the CSV files of the releases, import looks for them there. */
export const aliasesName = 'library_aliases.csv';
