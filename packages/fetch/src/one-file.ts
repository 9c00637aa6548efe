// Fetches one dump: what is already there, what still has to come, and what a reader can see of it meanwhile.
import { open, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '@wxyc/cli';
import { lockOutput, partialPathOf } from '@wxyc/csv';
import { formatSeconds, stepContext, StepError, type StepContext } from '@wxyc/step';
import type { ArrivingFile } from '@wxyc/step';
import { GrowingFile } from './arriving-file.js';
import { download, hashBytes, WrongChecksumError, type Downloaded } from './download.js';
import { addressOf, type RemoteFile, type SiteOptions } from './site.js';

export interface FetchOneOptions extends SiteOptions {
  /** The file, as the site lists it. */
  remote: RemoteFile;
  /** In lower-case hexadecimal. */
  sha256: string;
  /** Directory for the file. */
  output: string;
}

/** What became of a file. */
export interface FetchedFile {
  path: string;
  bytes: number;
  sha256: string;
  /** Bytes that came over the network. None if it was there already, and was verified again. */
  fetched: number;
  /** Connections that broke on the way. */
  broken: number;
}

/** A fetch that was begun. */
export interface FetchUnderWay {
  /** For a reader that follows: it ends as the fetch does. */
  arriving: ArrivingFile;
  /** Settles when the file has its name, or never will. */
  finished: Promise<FetchedFile>;
}

/** Free disk space that is required beyond the file itself. */
const spare = 50e6;

/**
 * Begins to fetch a file: returns as soon as a reader may follow it. A file that has its name is only verified.
 *
 * Takes the directory's lock until it has finished. Throws LockedError, or StepError if there is no room.
 */
export async function beginFetch(
  options: FetchOneOptions,
  context?: Partial<StepContext>,
): Promise<FetchUnderWay> {
  const full = stepContext(context);
  const name = join(options.output, options.remote.name);
  const lock = await lockOutput(options.output, '.wxyc-fetch.lock');
  try {
    const there = await WholeFile.open(name);
    if (there)
      return {
        arriving: there,
        finished: verifyWhole(there, options, full).finally(() => lock.release()),
      };
    await refuseFullDisk(options, name);
    const notes = await readNotes(name);
    // What is left of another version of the file is of no use.
    if (notes.sha256 !== options.sha256) await rm(partialPathOf(name), { force: true });
    const file = await GrowingFile.open(name);
    file.size = notes.size ?? undefined;
    return {
      arriving: file,
      finished: fetchWhole(
        file,
        notes.sha256 === options.sha256 ? notes : {},
        options,
        full,
      ).finally(() => lock.release()),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function fetchWhole(
  file: GrowingFile,
  notes: Notes,
  options: FetchOneOptions,
  context: StepContext,
): Promise<FetchedFile> {
  const { logger } = context;
  const { sha256, remote } = options;
  const began = performance.now();
  const write = (validator: string | undefined): Promise<void> =>
    writeNotes(file.name, { sha256, validator, size: file.size });
  let result: Downloaded;
  try {
    await write(notes.validator);
    const url = addressOf(options, { download: remote.key });
    result = await download(
      { site: options, url, sha256, file, validator: notes.validator, onValidator: write },
      context,
    );
    file.size = file.length;
    await file.finish();
    await rm(notesOf(file.name), { force: true });
  } catch (error) {
    if (error instanceof WrongChecksumError) {
      await file.discard(error);
      await rm(notesOf(file.name), { force: true });
    } else await file.leave(error as Error);
    throw error;
  }
  const seconds = (performance.now() - began) / 1000;
  logger.info(
    { bytes: file.length, fetched: result.fetched, broken: result.broken },
    `${file.name}: complete and verified, in ${formatSeconds(seconds)}`,
  );
  return { path: file.name, bytes: file.length, sha256, ...result };
}

/** A file that already has its name. */
class WholeFile implements ArrivingFile {
  readonly path: string;
  #failure: Error | undefined;

  private constructor(
    readonly name: string,
    readonly size: number,
  ) {
    this.path = name;
  }

  static async open(name: string): Promise<WholeFile | undefined> {
    const found = await stat(name).catch(() => undefined);
    if (found && !found.isFile())
      throw new StepError(
        `${name} is in the way and not a file; remove it or choose another directory`,
      );
    return found && new WholeFile(name, found.size);
  }

  waitBeyond(): Promise<number> {
    return this.#failure ? Promise.reject(this.#failure) : Promise.resolve(this.size);
  }

  fail(reason: Error): void {
    this.#failure = reason;
  }
}

async function verifyWhole(
  there: WholeFile,
  { sha256 }: FetchOneOptions,
  context: StepContext,
): Promise<FetchedFile> {
  const { name, size } = there;
  const file = await open(name, 'r');
  try {
    const read = async (position: number, length: number): Promise<Buffer> => {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(buffer, 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const hash = (await hashBytes({ name, length: size, read }, context)).digest('hex');
    if (hash !== sha256) {
      throw new StepError(
        `${name} exists, but its SHA-256 is ${hash}, not ${sha256}: either it is not a complete dump of that month, or the month was published again; remove the file and run again`,
      );
    }
    context.logger.info({ bytes: size }, `${name}: already complete, and verified`);
    return { path: name, bytes: size, sha256, fetched: 0, broken: 0 };
  } catch (error) {
    there.fail(error as Error);
    throw error;
  } finally {
    await file.close();
  }
}

async function refuseFullDisk({ remote, output }: FetchOneOptions, name: string): Promise<void> {
  const there = (await stat(partialPathOf(name)).catch(() => undefined))?.size ?? 0;
  const { bavail, bsize } = await statfs(output);
  const [needed, free] = [(remote.listedBytes ?? 0) - there + spare, bavail * bsize];
  if (free < needed)
    throw new StepError(
      `${remote.name} needs ${formatBytes(needed)} more, and ${output} has ${formatBytes(free)} free; choose another directory or make room`,
    );
}

/** What has to be known about a partial file to continue it. */
interface Notes {
  sha256?: string;
  validator?: string | undefined;
  size?: number | undefined;
}

const notesOf = (name: string): string => `${partialPathOf(name)}.json`;

async function readNotes(name: string): Promise<Notes> {
  try {
    return JSON.parse(await readFile(notesOf(name), 'utf8')) as Notes;
  } catch {
    return {};
  }
}

/** A half-written note counts as none: then the file is fetched from its beginning. */
async function writeNotes(name: string, notes: Notes): Promise<void> {
  await writeFile(notesOf(name), `${JSON.stringify(notes)}\n`);
}
