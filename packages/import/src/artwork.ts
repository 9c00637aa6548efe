/** release_image.csv: the first `primary` image with a URI of each release, else its first with one. */
import type { CsvReader } from '@wxyc/csv';
import { copyIn, type Client } from '@wxyc/postgres';
import { CopyText } from './copy-text.js';
import { integerAt } from './fields.js';
import { chunkBytes, writeText } from './release-rows.js';

/** A temporary table of candidates: `release_id, uri, is_primary, ordinal`. */
export const artworkTable = 'import_artwork';

/**
 * Loads the candidates into a temporary table on this connection and returns their number. Dumps since 2015 bring no URIs:
 * then there is nothing to load, and the releases go the direct way.
 */
export async function loadArtworkCandidates(client: Client, reader: CsvReader, onBatch: (bytes: number) => void, signal: AbortSignal): Promise<number> {
  const uri = reader.find('uri');
  if (uri < 0) {
    await reader.close();
    return 0;
  }
  await client.query(`CREATE TEMP TABLE ${artworkTable} (release_id integer, uri text, is_primary boolean, ordinal bigint)`);
  return copyIn(client, `COPY ${artworkTable} FROM STDIN`, candidateRows(reader, uri, onBatch), signal);
}

async function* candidateRows(reader: CsvReader, uri: number, onBatch: (bytes: number) => void): AsyncGenerator<Buffer> {
  const release = reader.column('release_id');
  const type = reader.find('type');
  const text = new CopyText(chunkBytes + 65_536);
  let ordinal = 0;
  for await (const batch of reader.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const { bytes, table } = batch;
      if (batch.isEmpty(row, uri)) continue;
      const id = integerAt(bytes, table, table.rowFields[row]! + release);
      if (id < 0) continue;
      text.reserve(table.rowEnds[row]! - table.rowStarts[row]!);
      text.integer(id);
      text.tab();
      writeText(batch, row, uri, text);
      text.tab();
      text.text(Buffer.from(type >= 0 && batch.text(row, type) === 'primary' ? 't' : 'f'), 0, 1);
      text.tab();
      text.integer(ordinal++);
      text.endRow();
      if (text.position >= chunkBytes) yield text.take(text.position, chunkBytes + 65_536);
    }
    onBatch(reader.bytesRead);
  }
  if (text.position > 0) yield text.take(text.position, 0);
}

/** Fills the release table from staged rows and the chosen artwork. Returns how many releases got one. */
export async function insertWithArtwork(client: Client, staged: string, release: string): Promise<number> {
  await client.query(`ANALYZE ${artworkTable}`);
  await client.query(
    `INSERT INTO ${release} (id, title, release_year, country, master_id, artwork_url)
     SELECT s.id, s.title, s.release_year, s.country, s.master_id, a.uri
       FROM ${staged} s
       LEFT JOIN (SELECT DISTINCT ON (release_id) release_id, uri FROM ${artworkTable} ORDER BY release_id, is_primary DESC, ordinal) a ON a.release_id = s.id`,
  );
  const chosen = await client.query<{ count: string }>(`SELECT count(*) FROM ${release} WHERE artwork_url IS NOT NULL`);
  return Number(chosen.rows[0]?.count ?? 0);
}
