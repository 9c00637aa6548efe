/** Settles REVIEW releases with a person: shows each with what it might be, takes the answer, and writes it to the files that decisions use. */

import { existsSync, readFileSync } from 'node:fs';
import { guardOutputs } from '@wxyc/csv';
import { publishedSchema } from '@wxyc/dataset';
import { decideForSession } from '@wxyc/decisions';
import {
  Classifier,
  mappingsKind,
  readMappings,
  writeMappings,
  type Decision,
  type Mappings,
  type Rule,
} from '@wxyc/matching';
import { readMatchBasis, type ReadBasis } from '@wxyc/library';
import { openClient, withClient } from '@wxyc/postgres';
import {
  BadInputError,
  checkOptions,
  option,
  required,
  stepContext,
  type OptionKinds,
  type StepContext,
} from '@wxyc/step';
import { closestArtists, type ArtistCandidate } from './candidates.js';
import { readDecisions, type StoredDecision } from './decisions-reader.js';
import { storedRelease } from './explain.js';
import { keepIdsKind, readKeepIds, writeKeepIds } from './keep-ids-file.js';
import { explainKinds, type VerifyOptions } from './options.js';
import { readDetails, type ReleaseDetails } from './release-details.js';
import { ReviewItems, type ReviewAlbum, type ReviewItem } from './review-items.js';

export interface ReviewOptions extends Omit<
  VerifyOptions,
  'mappingsFile' | 'keepIds' | 'coverage' | 'lock' | 'gentle'
> {
  /** Read and written; created if missing. */
  mappingsFile: string;
  /** Read and written; created if missing: releases of albums that are kept without their artist. */
  keepIds: string;
  /** Take the REVIEW releases from this decisions file instead of the database, which then only adds year and label. */
  decisions?: string | undefined;
}

/** One question to the person: an album of an artist in doubt. */
export interface ReviewQuestion {
  number: number;
  of: number;
  item: ReviewItem;
  /** The album asked about; 1-based place among the item's. */
  album: ReviewAlbum;
  albumNumber: number;
  /** What the database knows about the album's closest pressing. */
  details: ReleaseDetails | undefined;
  /** Best first; answer `{ keepAs: candidate.artist }` to take one. Empty if no artist decided. */
  candidates: ArtistCandidate[];
}

/**
 * `album`: keep this album's releases by their ids, say nothing about the artist. `keep`: keep everything by the artist. `keepAs`: the
 * artist is that library artist. `prune`: prune what the artist has in doubt. `skip`: decide on this album later. `back`: undo the
 * answer before and ask again. `quit`: stop.
 */
export type ReviewAnswer =
  'album' | 'keep' | { keepAs: string } | 'prune' | 'skip' | 'back' | 'quit';

export interface ReviewResult {
  /** Artists in doubt at the start, and titles that no artist decided. */
  items: number;
  /** Releases that were said to be owned. */
  kept: number;
  /** Releases that were said not to be owned. */
  pruned: number;
  /** Albums that were kept by their releases' ids. */
  albumsKept: number;
  /** Items with an album that is still in doubt. */
  left: number;
  /** Releases in doubt that were settled. */
  settledReleases: number;
}

interface Given {
  item: number;
  album: number;
  answer: Exclude<ReviewAnswer, 'back' | 'quit'>;
}

const optionKinds: OptionKinds<ReviewOptions> = {
  ...explainKinds,
  mappingsFile: required(option.text),
  keepIds: required(option.text),
};

/**
 * Asks about each album in doubt, artists with the most releases first. Mappings and keep-ids are written after every answer, so
 * that an interruption loses nothing; the next verify, dedup or pipeline that is given the files honours them.
 *
 * @param ask Puts one question to the person. Answers that settle an artist make no sense if no artist decided: they count as skip.
 */
export async function review(
  options: ReviewOptions,
  ask: (question: ReviewQuestion) => Promise<ReviewAnswer>,
  context?: Partial<StepContext>,
): Promise<ReviewResult> {
  checkOptions('review', options, optionKinds);
  const { libraryDb, decisions, alternates, aliases, keepIds } = options;
  const outputs = [
    { flag: '--mappings-file', path: options.mappingsFile, kind: mappingsKind },
    { flag: '--keep-ids', path: keepIds, kind: keepIdsKind },
  ];
  await guardOutputs(outputs, [libraryDb, decisions, alternates, aliases]);
  const files = new ReviewFiles(options);
  const basis: ReadBasis = {
    ...(await readMatchBasis({ ...options, mappingsFile: undefined, keepIds: undefined })),
    mappings: files.mappings,
    keepIds: files.keepIds,
  };
  const { items, details } =
    options.decisions === undefined
      ? await fromDatabase(options, basis, context)
      : await fromFile(options, options.decisions, basis, context);
  const classifier = new Classifier(basis);
  const given: Given[] = [];
  let item = 0;
  let album = 0;
  while (item < items.length) {
    const asked = items[item]!;
    const pressings = asked.albums[album]!;
    const answer = await ask({
      number: item + 1,
      of: items.length,
      item: asked,
      album: pressings,
      albumNumber: album + 1,
      details: details.get(pressings.releaseIds[0]!),
      candidates:
        asked.artist === null ? [] : closestArtists(classifier, asked.artist, pressings.title),
    });
    if (answer === 'quit') break;
    if (answer === 'back') {
      const last = given.pop();
      if (last) ({ item, album } = last);
      await files.write(items, given);
      continue;
    }
    const settled = asked.artist === null && answer !== 'album' ? 'skip' : answer;
    given.push({ item, album, answer: settled });
    await files.write(items, given);
    const isAboutArtist = settled !== 'skip' && settled !== 'album';
    album += 1;
    if (isAboutArtist || album === asked.albums.length) [item, album] = [item + 1, 0];
  }
  return resultOf(items, given);
}

/** The two files as they were, and as they are with the answers so far. */
class ReviewFiles {
  readonly mappings: Mappings;
  readonly keepIds: number[];
  private written = 0;
  private wroteMappings = false;
  private wroteIds = false;
  /** What each file holds, as far as is known here; undefined if there is none. */
  private readonly known = new Map<string, string | undefined>();

  constructor(private readonly options: Pick<ReviewOptions, 'mappingsFile' | 'keepIds'>) {
    for (const file of [options.mappingsFile, options.keepIds])
      this.known.set(file, contentOf(file));
    this.mappings = readMappings(options.mappingsFile, { missing: 'empty' });
    this.keepIds = readKeepIds(options.keepIds);
  }

  /** @throws BadInputError if somebody else has changed the file meanwhile: that would be lost. */
  private async replace(file: string, write: () => Promise<void>): Promise<void> {
    if (contentOf(file) !== this.known.get(file))
      throw new BadInputError(
        `${file}: changed during the review, so the last answer was not written; start the review again`,
      );
    await write();
    this.known.set(file, contentOf(file));
  }

  /** A file is created only if an answer has something to put in it. */
  async write(items: readonly ReviewItem[], given: readonly Given[]): Promise<void> {
    const telling = given.filter(({ answer }) => answer !== 'skip');
    if (telling.length === this.written) return;
    this.written = telling.length;
    const mappings: Mappings = {
      keep: new Map(this.mappings.keep),
      prune: new Set(this.mappings.prune),
    };
    const ids = new Set(this.keepIds);
    for (const { item, album, answer } of telling) {
      const { artist, albums } = items[item]!;
      if (answer === 'album') for (const id of albums[album]!.releaseIds) ids.add(id);
      else if (answer === 'prune') mappings.prune.add(artist!);
      else
        mappings.keep.set(
          artist!,
          answer === 'keep' ? null : (answer as { keepAs: string }).keepAs,
        );
    }
    const { mappingsFile, keepIds } = this.options;
    const aboutArtists = telling.some(({ answer }) => answer !== 'album');
    if (aboutArtists || this.wroteMappings)
      await this.replace(mappingsFile, () => writeMappings(mappingsFile, mappings));
    this.wroteMappings ||= aboutArtists;
    if (ids.size > this.keepIds.length || this.wroteIds)
      await this.replace(keepIds, () => writeKeepIds(keepIds, [...ids]));
    this.wroteIds ||= ids.size > this.keepIds.length;
  }
}

const contentOf = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;

function resultOf(items: readonly ReviewItem[], given: readonly Given[]): ReviewResult {
  const result: ReviewResult = {
    items: items.length,
    kept: 0,
    pruned: 0,
    albumsKept: 0,
    left: 0,
    settledReleases: 0,
  };
  const open = new Map(
    items.map((item, at) => [at, { releases: item.releases, albums: item.albums.length }]),
  );
  for (const { item, album, answer } of given) {
    const rest = open.get(item)!;
    if (answer === 'skip') continue;
    if (answer === 'album') {
      const releases = items[item]!.albums[album]!.releaseIds.length;
      result.albumsKept += 1;
      result.settledReleases += releases;
      rest.releases -= releases;
      rest.albums -= 1;
      continue;
    }
    if (answer === 'prune') result.pruned += 1;
    else result.kept += 1;
    result.settledReleases += rest.releases;
    rest.albums = 0;
  }
  result.left = [...open.values()].filter(({ albums }) => albums > 0).length;
  return result;
}

interface Found {
  items: ReviewItem[];
  details: Map<number, ReleaseDetails>;
}

async function fromDatabase(
  options: ReviewOptions,
  basis: ReadBasis,
  context?: Partial<StepContext>,
): Promise<Found> {
  const { databaseUrl, schema = publishedSchema } = options;
  const { signal } = stepContext(context);
  return withClient(
    databaseUrl,
    { applicationName: 'wxyc-verify', signal, doing: 'Reading the releases' },
    async (client) => {
      const collected = new ReviewItems();
      await decideForSession(
        client,
        {
          databaseUrl,
          schema,
          basis,
          applicationName: 'wxyc-verify',
          onDecision: (release, decision) => collected.add(release, decision),
        },
        context,
      );
      const items = collected.list();
      return { items, details: await readDetails(client, schema, shownIds(items)) };
    },
  );
}

/** Only rows that were REVIEW are looked at, and decided again: library or mappings may have changed since. */
async function fromFile(
  options: ReviewOptions,
  file: string,
  basis: ReadBasis,
  context?: Partial<StepContext>,
): Promise<Found> {
  const { signal, logger } = stepContext(context);
  const { databaseUrl, schema = publishedSchema } = options;
  const classifier = new Classifier(basis);
  const collected = new ReviewItems();
  for await (const row of readDecisions(file, signal)) {
    if (row.decision !== 'REVIEW') continue;
    const release = storedRelease(row);
    const decision = classifier.decide(release);
    // The file does not say which names were joined or had this alias, and a credit's own name counts for more than these.
    const isOther =
      row.rule === '3 artist of a joint album' || row.rule === '4 same title, alias of the artist';
    const stays = isOther && decision.decision === 'KEEP' && !decision.rule.startsWith('0');
    collected.add(
      isOther || row.spelling.includes(' / ') ? { ...release, credits: [] } : release,
      stays ? storedOutcome(row, decision) : decision,
    );
  }
  const items = collected.list();
  try {
    const client = await openClient(databaseUrl, { applicationName: 'wxyc-verify', signal });
    try {
      return { items, details: await readDetails(client, schema, shownIds(items)) };
    } finally {
      await client.end().catch(() => undefined);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    logger.debug(
      { error: (error as Error).message },
      'year and label are not shown: no database to read them from',
    );
    return { items, details: new Map() };
  }
}

/** What a decisions file says about a release, where deciding again would say less. */
function storedOutcome(row: StoredDecision, again: Decision): Decision {
  return {
    ...again,
    decision: 'REVIEW',
    rule: row.rule as Rule,
    libraryArtist: row.library_artist,
    libraryTitle: row.library_title,
    score: Number(row.score),
  };
}

/** The closest pressing of each album. */
function shownIds(items: readonly ReviewItem[]): number[] {
  return items.flatMap(({ albums }) => albums.map(({ releaseIds }) => releaseIds[0]!));
}
