// Which releases lack artwork, and in which order they are asked for.
import { existingColumns, queryable } from '@wxyc/cache';
import { decisionCodes } from '@wxyc/dataset';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { BadInputError } from '@wxyc/step';

/** A hundred years: as good as never, and a moment that the server can reckon with. */
export const longestDays = 36_500;

export interface LackingOptions {
  schema: string;
  /** SQL name of a table `release_id, decision`: KEEP comes first. */
  decisions?: string | undefined;
  /** After how many days a release without an image is asked for again. */
  againAfterDays: number;
}

export interface LackingCounts {
  releases: number;
  /** How many have a URL. */
  withArtwork: number;
  /** How many have none, and are known to have no image. */
  known: number;
  /** How many have none, and are to be asked for. */
  lacking: number;
  /** How many of those are certainly owned, if decisions are known. */
  keep: number;
}

/** The columns that say when a release was last looked up. */
export interface CheckColumns {
  /** Consumers of the wider tables have one of their own beside `cache_metadata.last_validated`. */
  checkedAt: boolean;
  /** Releases that no longer exist are marked rows there. */
  notFound: boolean;
}

export class Lacking {
  readonly #client: Client;
  readonly #options: LackingOptions;
  readonly columns: CheckColumns;

  private constructor(client: Client, options: LackingOptions, columns: CheckColumns) {
    this.#client = client;
    this.#options = options;
    this.columns = columns;
  }

  /** @throws BadInputError if the schema holds no cache. */
  static async of(client: Client, options: LackingOptions): Promise<Lacking> {
    const columns = await existingColumns(queryable(client), options.schema);
    const release = columns.get('release');
    if (
      !release?.includes('artwork_url') ||
      !columns.get('cache_metadata')?.includes('last_validated')
    ) {
      throw new BadInputError(
        `The schema ${options.schema} holds no cache (tables release and cache_metadata): run wxyc-pipeline first, or name another database`,
      );
    }
    return new Lacking(client, options, {
      checkedAt: release.includes('artwork_checked_at'),
      notFound: release.includes('not_found'),
    });
  }

  get #from(): string {
    const { schema, decisions } = this.#options;
    return `${qualifiedName(schema, 'release')} r LEFT JOIN ${qualifiedName(schema, 'cache_metadata')} m ON m.release_id = r.id
      ${decisions ? `LEFT JOIN ${decisions} d ON d.release_id = r.id` : ''}`;
  }

  get #without(): string {
    return `coalesce(r.artwork_url, '') = ''${this.columns.notFound ? ' AND NOT r.not_found' : ''}`;
  }

  /** SQL: looked up before, and recently. */
  get #known(): string {
    const last = this.columns.checkedAt
      ? 'greatest(m.last_validated, r.artwork_checked_at)'
      : 'm.last_validated';
    return `coalesce(${last} > now() - make_interval(days => ${Math.floor(Math.min(this.#options.againAfterDays, longestDays))}), false)`;
  }

  async count(): Promise<LackingCounts> {
    const keep = this.#options.decisions ? `AND d.decision = ${decisionCodes.KEEP}` : 'AND false';
    const { rows } = await this.#client.query<LackingCounts>(
      `SELECT count(*)::int AS releases,
              count(*) FILTER (WHERE r.artwork_url <> '')::int AS "withArtwork",
              count(*) FILTER (WHERE ${this.#without} AND ${this.#known})::int AS known,
              count(*) FILTER (WHERE ${this.#without} AND NOT ${this.#known})::int AS lacking,
              count(*) FILTER (WHERE ${this.#without} AND NOT ${this.#known} ${keep})::int AS keep
         FROM ${this.#from}`,
    );
    return rows[0]!;
  }

  /** The next ids to ask for, without those of `except`. Read from the table each time, since consumers and rebuilds change it. */
  async next(most: number, except: ReadonlySet<number>): Promise<number[]> {
    const { rows } = await this.#client.query<{ id: number }>(
      `SELECT r.id FROM ${this.#from} WHERE ${this.#without} AND NOT ${this.#known} AND r.id <> ALL ($1::int[])
        ORDER BY ${this.#options.decisions ? 'd.decision DESC NULLS LAST, ' : ''}r.release_year DESC NULLS LAST, r.id DESC LIMIT $2`,
      [[...except], most],
    );
    return rows.map(({ id }) => id);
  }
}
