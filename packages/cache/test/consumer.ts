/**
 * A consumer under test: searches, reads and upserts over a connection of its own, with named prepared statements as
 * drivers keep them, and notes everything that a consumer must never meet.
 */
import { openClient, type Client } from '@wxyc/postgres';

export interface Notes {
  statements: number;
  /** Errors of any statement. */
  errors: string[];
  /** Answers that no single cache could have given. */
  wrong: string[];
  /** Longest time for one statement, in milliseconds. */
  longest: number;
  /** Last finished fetch of each release, by id. */
  fetched: Map<number, string>;
  /** Last artwork URL set, by id, of releases that nobody fetches. */
  artwork: Map<number, string>;
}

export const newNotes = (): Notes => ({
  statements: 0,
  errors: [],
  wrong: [],
  longest: 0,
  fetched: new Map(),
  artwork: new Map(),
});

export type Kind = 'search' | 'read' | 'fetch' | 'fetch in a transaction' | 'artwork';

/** The names a generation's titles begin with: `g1 release 7`. */
const generationOf = (text: string): string => text.split(' ')[0] ?? '';

export class Consumer {
  private readonly prepared = new Map<string, string>();
  private turn = 0;

  constructor(
    private readonly client: Client,
    private readonly kind: Kind,
    /** The releases it reads and writes. */
    private readonly ids: readonly number[],
    private readonly notes: Notes,
    /** Releases that consumers write to: their rows have several origins. */
    private readonly written: ReadonlySet<number>,
  ) {}

  static async connect(
    url: string,
    kind: Kind,
    ids: readonly number[],
    notes: Notes,
    written: ReadonlySet<number>,
  ): Promise<Consumer> {
    return new Consumer(
      await openClient(url, { applicationName: `consumer (${kind})` }),
      kind,
      ids,
      notes,
      written,
    );
  }

  /** Works until told to stop; a failing statement is noted, and ends only its round. */
  async work(stop: () => boolean): Promise<void> {
    while (!stop()) {
      this.turn++;
      const id = this.ids[this.turn % this.ids.length] ?? 1;
      try {
        await this.round(id);
      } catch (error) {
        this.notes.errors.push(`${this.kind}, release ${id}: ${(error as Error).message}`);
        await this.client.query('ROLLBACK').catch(() => undefined);
      }
      // A consumer is not a load generator: others on the machine have work to do as well.
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await this.client.end();
  }

  private async round(id: number): Promise<void> {
    switch (this.kind) {
      case 'search':
        return this.search(id);
      case 'read':
        return this.read(id);
      case 'artwork': {
        const url = `https://art/${id}/${this.turn}`;
        await this.query('UPDATE release SET artwork_url = $2 WHERE id = $1', [id, url]);
        this.notes.artwork.set(id, url);
        const [found] = (await this.query('SELECT artwork_url AS url FROM release WHERE id = $1', [
          id,
        ])) as { url: string }[];
        if (found?.url !== url)
          this.notes.wrong.push(`set the artwork of release ${id} to ${url}, found ${found?.url}`);
        return;
      }
      case 'fetch':
        await this.fetch(id);
        return;
      case 'fetch in a transaction':
        await this.client.query('BEGIN');
        await this.fetch(id, 'COMMIT');
        return;
    }
  }

  private async search(id: number): Promise<void> {
    // Similar enough to those of every generation.
    const generation = 'g0';
    const rank = (column: string): string =>
      `similarity(lower(f_unaccent(${column})), lower(f_unaccent($1)))`;
    const like = (column: string): string => `lower(f_unaccent(${column})) % lower(f_unaccent($1))`;
    const found = [
      await this.query(
        `SELECT r.id, r.title AS one, a.artist_name AS two FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0 WHERE ${like('r.title')} ORDER BY ${rank('r.title')} DESC LIMIT 5`,
        [`${generation} release ${id}`],
      ),
      await this.query(
        `SELECT release_id AS id, artist_name AS one, artist_name AS two FROM release_artist WHERE ${like('artist_name')} AND extra = 0 ORDER BY ${rank('artist_name')} DESC LIMIT 5`,
        [`${generation} artist ${id}`],
      ),
      await this.query(
        `SELECT r.id, t.title AS one, a.artist_name AS two FROM release_track t JOIN release r ON r.id = t.release_id JOIN release_artist a ON a.release_id = r.id AND a.extra = 0 WHERE ${like('t.title')} ORDER BY ${rank('t.title')} DESC LIMIT 5`,
        [`${generation} track 1 of ${id}`],
      ),
      await this.query(
        `SELECT release_id AS id, artist_name AS one, artist_name AS two FROM release_track_artist WHERE ${like('artist_name')} ORDER BY ${rank('artist_name')} DESC LIMIT 5`,
        [`${generation} performer ${id}`],
      ),
    ];
    for (const [at, rows] of found.entries()) {
      if (rows.length === 0) this.notes.wrong.push(`search ${at} for release ${id} found nothing`);
      for (const row of rows as { id: number; one: string; two: string }[]) {
        if (!this.written.has(row.id) && generationOf(row.one) !== generationOf(row.two))
          this.notes.wrong.push(`search ${at} mixed ${row.one} with ${row.two}`);
      }
    }
  }

  private async read(id: number): Promise<void> {
    const release = await this.query(
      'SELECT id, title, release_year, artwork_url FROM release WHERE id = $1',
      [id],
    );
    const artists = await this.query(
      'SELECT artist_name, extra FROM release_artist WHERE release_id = $1 ORDER BY extra',
      [id],
    );
    const tracks = await this.query(
      'SELECT sequence, position, title, duration FROM release_track WHERE release_id = $1 ORDER BY sequence',
      [id],
    );
    const performers = await this.query(
      'SELECT track_sequence, artist_name FROM release_track_artist WHERE release_id = $1 ORDER BY track_sequence',
      [id],
    );
    if (
      release.length !== 1 ||
      artists.length !== 1 ||
      tracks.length !== 3 ||
      performers.length !== 1
    ) {
      this.notes.wrong.push(
        `release ${id} was read with ${release.length} rows, ${artists.length} artists, ${tracks.length} tracks, ${performers.length} performers`,
      );
    }
    const counted = await this.query('SELECT count(*)::int AS n FROM release');
    if ((counted[0] as { n: number }).n < 100)
      this.notes.wrong.push(`only ${(counted[0] as { n: number }).n} releases were there`);
    const joined = await this.query(
      'SELECT r.title AS release, t.title AS track FROM release r JOIN release_track t ON t.release_id = r.id WHERE r.id = $1',
      [id],
    );
    for (const row of joined as { release: string; track: string }[]) {
      if (generationOf(row.release) !== generationOf(row.track))
        this.notes.wrong.push(`one statement saw ${row.release} with ${row.track}`);
    }
  }

  private async fetch(id: number, end?: string): Promise<void> {
    const mark = `mine${this.turn}`;
    await this.query(
      'INSERT INTO release (id, title, release_year, artwork_url) VALUES ($1, $2, 2001, $3) ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, release_year = EXCLUDED.release_year, artwork_url = EXCLUDED.artwork_url',
      [id, `${mark} title`, `https://art/${mark}`],
    );
    await this.query(
      'INSERT INTO release_artist (release_id, artist_name, extra) VALUES ($1, $2, 0) ON CONFLICT (release_id, artist_name) DO NOTHING',
      [id, 'fetched artist'],
    );
    await this.query('DELETE FROM release_track WHERE release_id = $1', [id]);
    for (const n of [1, 2])
      await this.query(
        "INSERT INTO release_track (release_id, sequence, position, title, duration) VALUES ($1, $2, 'A', $3, '1:00')",
        [id, n, `${mark} track ${n}`],
      );
    await this.query(
      'INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING',
      [id, 'fetched performer'],
    );
    await this.query(
      "INSERT INTO cache_metadata (release_id, source) VALUES ($1, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'",
      [id],
    );
    if (end) await this.client.query(end);
    this.notes.fetched.set(id, mark);
    await this.verify(id, mark);
  }

  /** It sees its own writes as soon as they are done. */
  private async verify(id: number, mark: string): Promise<void> {
    const found = await this.query(
      'SELECT r.title, count(t.*)::int AS tracks, min(t.title) AS track FROM release r LEFT JOIN release_track t ON t.release_id = r.id WHERE r.id = $1 GROUP BY r.id, r.title',
      [id],
    );
    const row = found[0] as { title: string; tracks: number; track: string } | undefined;
    if (row?.title !== `${mark} title` || row.tracks !== 2 || row.track !== `${mark} track 1`)
      this.notes.wrong.push(`fetched release ${id} as ${mark}, found ${JSON.stringify(row)}`);
  }

  private async query(text: string, values: unknown[] = []): Promise<unknown[]> {
    const name = this.prepared.get(text) ?? `statement ${this.prepared.size}`;
    this.prepared.set(text, name);
    const began = performance.now();
    const { rows } = await this.client.query({ name, text, values });
    this.notes.longest = Math.max(this.notes.longest, performance.now() - began);
    this.notes.statements++;
    return rows;
  }
}
