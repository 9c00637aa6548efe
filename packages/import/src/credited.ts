/** Which artists and masters a cache needs: those that its releases and their tracks name. */
import { findCsv, openCsv, IdSet } from '@wxyc/csv';
import { copyOut, qualifiedName, type Client, withClient } from '@wxyc/postgres';
import { integerAt } from './fields.js';

export interface CreditedIds {
  artists: IdSet;
  masters: IdSet;
}

/**
 * Reads the artists of all credits and the masters of the releases that a schema of the full profile holds. Only the CSV
 * files name the artists of tracks. Memory: one bit per id.
 */
export async function creditedIds(
  options: {
    databaseUrl: string;
    schema: string;
    csvDir: string;
    applicationName?: string | undefined;
  },
  signal?: AbortSignal,
): Promise<CreditedIds> {
  const { databaseUrl, schema, csvDir, applicationName = 'wxyc-import' } = options;
  return withClient(
    databaseUrl,
    { applicationName, signal, doing: 'Reading which artists are credited' },
    async (client) => {
      const artists = await idsOf(
        client,
        `SELECT DISTINCT artist_id FROM ${qualifiedName(schema, 'release_artist')} WHERE artist_id IS NOT NULL`,
        signal,
      );
      const masters = await idsOf(
        client,
        `SELECT DISTINCT master_id FROM ${qualifiedName(schema, 'release')} WHERE master_id IS NOT NULL`,
        signal,
      );
      await addTrackArtists(
        csvDir,
        await idsOf(client, `SELECT id FROM ${qualifiedName(schema, 'release')}`, signal),
        artists,
        signal,
      );
      return { artists, masters };
    },
  );
}

async function addTrackArtists(
  csvDir: string,
  releases: IdSet,
  artists: IdSet,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = findCsv(csvDir, 'release_track_artist');
  if (path === undefined) return;
  const reader = await openCsv(path, { signal });
  const [release, artist] = [reader.find('release_id'), reader.find('artist_id')];
  if (release < 0 || artist < 0) return reader.close();
  for await (const batch of reader.batches()) {
    const { bytes, table } = batch;
    for (let row = 0; row < batch.rows; row++) {
      const first = table.rowFields[row]!;
      const id = integerAt(bytes, table, first + artist);
      if (id > 0 && releases.has(integerAt(bytes, table, first + release))) artists.add(id);
    }
  }
}

/** The numbers that a query yields. */
export async function idsOf(client: Client, query: string, signal?: AbortSignal): Promise<IdSet> {
  const ids = new IdSet();
  let rest = '';
  await copyOut(
    client,
    `COPY (${query}) TO STDOUT`,
    async (chunks) => {
      for await (const chunk of chunks) {
        const lines = (rest + chunk.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) ids.add(Number(line));
      }
    },
    signal,
  );
  return ids;
}
