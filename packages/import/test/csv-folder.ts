/** Small CSV directories for the tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@wxyc/testing';

export const headers = {
  release: 'id,title,released,country,notes,data_quality,master_id,status',
  release_artist: 'release_id,artist_id,artist_name,extra,anv,position,join_string,role,tracks',
  release_label: 'release_id,label_name,catno',
  release_track: 'release_id,sequence,position,parent,title,duration,track_id',
  release_track_artist:
    'release_id,track_sequence,track_id,artist_id,artist_name,extra,anv,position,join_string,role,tracks',
  release_image: 'release_id,type,width,height',
};

export type Files = Partial<Record<keyof typeof headers, string | Buffer | string[] | null>>;

/** Two releases with everything, unless a file is given: as rows below the usual header, as a whole text, or null for none. */
export function csvFolder(files: Files = {}): string {
  const folder = temporaryFolder('csv-');
  const rows: Record<keyof typeof headers, string | Buffer | string[] | null> = {
    release: [
      '1,Stockholm,1999-03-00,Sweden,,Correct,10,Accepted',
      '2,"Knockin\' Boots, Vol 2",1998,US,"two\r\nlines",Correct,0,Accepted',
    ],
    release_artist: [
      '1,5,The Persuader,0,,1,,,',
      '2,6,Mood II Swing,0,,1,,,',
      '2,7,An Engineer,1,,1,,Engineer,',
    ],
    release_label: ['1,Svek,SK032', '2,Groovilicious,GRV'],
    release_track: ['1,1,A,,Östermalm,4:45,1', '2,1,A1,,,3:00,2', '2,2,A2,,"Say ""yes"" \\ no",,3'],
    release_track_artist: ['2,2,3,8,A Singer,0,,1,,,', '2,2,3,9,A Remixer,1,,1,,Remix,'],
    release_image: ['1,primary,600,600'],
    ...files,
  };
  for (const [name, content] of Object.entries(rows)) {
    if (content === null) continue;
    const body = Array.isArray(content)
      ? [headers[name as keyof typeof headers], ...content].map((row) => `${row}\r\n`).join('')
      : content;
    writeFileSync(join(folder, `${name}.csv`), body);
  }
  return folder;
}
