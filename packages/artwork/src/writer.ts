// Writes what was found, many releases at a time, without getting in anybody's way.
import { qualifiedName, type Client } from '@wxyc/postgres';
import type { CheckColumns } from './lacking.js';

/**
 * Rows that somebody holds are left for the next time: a consumer's transaction is never waited for, so that there can be
 * no deadlock with one. A replacement of the tables may fall between two statements of ours: each finds the new ones.
 */
export class Writer {
  readonly #client: Client;
  readonly #schema: string;
  readonly #columns: CheckColumns;
  /** URLs by release id; null if the release was looked up and has none. */
  readonly #pending = new Map<number, string | null>();

  constructor(client: Client, schema: string, columns: CheckColumns) {
    this.#client = client;
    this.#schema = schema;
    this.#columns = columns;
  }

  get pending(): ReadonlySet<number> {
    return new Set(this.#pending.keys());
  }

  add(id: number, url: string | null): void {
    this.#pending.set(id, url);
  }

  /** Writes what can be written now, in one transaction. Returns how many URLs are new in the table. */
  async flush(): Promise<number> {
    if (this.#pending.size === 0) return 0;
    const [release, metadata] = ['release', 'cache_metadata'].map((name) =>
      qualifiedName(this.#schema, name),
    );
    const client = this.#client;
    await client.query('BEGIN');
    try {
      const wanted = [...this.#pending.keys()];
      const { rows } = await client.query<{ id: number; held: boolean }>(
        `SELECT r.id, EXISTS (SELECT FROM ${metadata} m WHERE m.release_id = r.id) AS held FROM ${release} r WHERE r.id = ANY ($1::int[]) ORDER BY r.id`,
        [wanted],
      );
      const there = new Map(rows.map(({ id, held }) => [id, held]));
      const free = await this.#lock(`SELECT id FROM ${release} WHERE id = ANY ($1::int[])`, [
        ...there.keys(),
      ]);
      const freeMetadata = await this.#lock(
        `SELECT release_id AS id FROM ${metadata} WHERE release_id = ANY ($1::int[])`,
        [...free],
      );
      const ready = [...free].filter((id) => !there.get(id) || freeMetadata.has(id));
      const found = ready.filter((id) => this.#pending.get(id) !== null);
      const updated = await client.query(
        `UPDATE ${release} r SET artwork_url = f.url${this.#columns.checkedAt ? ', artwork_checked_at = now()' : ''}
           FROM unnest($1::int[], $2::text[]) AS f (id, url) WHERE r.id = f.id AND coalesce(r.artwork_url, '') = ''`,
        [found, found.map((id) => this.#pending.get(id))],
      );
      if (this.#columns.checkedAt) {
        await client.query(
          `UPDATE ${release} SET artwork_checked_at = now() WHERE id = ANY ($1::int[])`,
          [ready.filter((id) => this.#pending.get(id) === null)],
        );
      }
      await client.query(
        `UPDATE ${metadata} SET last_validated = now() WHERE release_id = ANY ($1::int[])`,
        [ready],
      );
      await client.query('COMMIT');
      // A release that has left the cache is done, too.
      for (const id of wanted) if (!there.has(id) || ready.includes(id)) this.#pending.delete(id);
      return updated.rowCount ?? 0;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async #lock(select: string, ids: number[]): Promise<Set<number>> {
    const { rows } = await this.#client.query<{ id: number }>(
      `${select} ORDER BY 1 FOR NO KEY UPDATE SKIP LOCKED`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
