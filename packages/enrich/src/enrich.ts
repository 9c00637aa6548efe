/** Step 2.5: the list of artists that the filter keeps, from everything that knows how the library names them. */
import { resolve } from 'node:path';
import { csvKind, guardOutputs, nameListKind, PartialFile, type OutputKind } from '@wxyc/csv';
import {
  libraryKinds,
  type LibraryGiven,
  libraryName,
  readArtistList,
  readingOf,
  surveyLibrary,
  withLibrary,
  type WithLibrary,
} from '@wxyc/library';
import {
  BadInputError,
  checkOptions,
  option,
  type OptionKinds,
  type ProgressTask,
  required,
  stepContext,
  type StepContext,
  type StepResult,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import { readAlternatesExport } from './alternates-export.js';
import { readCatalogue } from './catalogue.js';
import { alternatesPathOf, Alternates, type SourceName } from './alternates.js';
import { NameList } from './name-list.js';

export interface EnrichOptions extends LibraryGiven {
  /** The text file to write: one name per line, UTF-8, sorted by code point. */
  output: string;
  /** The CSV file `artist,name` to write, with the names that belong to an artist. Default: {@link output} with the ending `.alternates.csv`. */
  alternatesOutput?: string | undefined;
  /** An artist list: further names, one per line. */
  libraryArtists?: string | undefined;
  /** The MySQL catalogue, `mysql://user:password@host:3306/database`: alternate names and cross-references. */
  wxycDbUrl?: string | undefined;
  /** A CSV or TSV export with alternate names, for catalogues that cannot be reached, or one that a person keeps. */
  alternates?: string | undefined;
}

export interface EnrichResult extends StepResult {
  /** The step’s name. */
  step: 'enrich';
  /** What is counted. */
  unit: 'artists';
  /** Names by source: how many it gave, and how many of them no earlier source had. */
  sources: { source: string; names: number; added: number }[];
  /** How many alternates there are, and the file that has them. */
  alternates: { file: string; names: number };
}

const optionKinds: OptionKinds<EnrichOptions> = {
  ...libraryKinds,
  output: required(option.text),
  alternatesOutput: option.text,
  libraryArtists: option.text,
  wxycDbUrl: option.text,
  alternates: option.text,
};

/**
 * Writes the union of the artists of all sources: trimmed, each once, compilations left out, sorted by code point.
 * Beside it, the names that are another name of an artist (a row's alternate name, the catalogue's alternates and cross-references, an
 * export with a column for the artist), for decisions. The files appear only when they are whole. Holds all names in memory (24,000 artists:
 * a few MB).
 *
 * @throws UsageError if no source is given or the MySQL URL is not one.
 * @throws BadInputError if a file, the catalogue's tables or their columns are not what they should be, or no name is found.
 * @throws StepError if the MySQL server cannot be reached or refuses the login.
 * @example
 * const { written } = await enrich({ libraryDb: 'library.db', output: 'library_artists.txt' });
 */
export async function enrich(
  given: EnrichOptions,
  context?: Partial<StepContext>,
): Promise<EnrichResult> {
  checkOptions('enrich', given, optionKinds);
  const options = await withLibrary(given, context?.signal);
  const { signal, logger, progress } = stepContext(context);
  if (!options.libraryDb && !options.libraryArtists && !options.wxycDbUrl && !options.alternates) {
    throw new UsageError('There is no source of artists: give --library-db FILE.');
  }
  const alternatesFile = options.alternatesOutput ?? alternatesPathOf(options.output);
  if (resolve(alternatesFile) === resolve(options.output))
    throw new UsageError('--alternates-output is the same file as --output; give another one.');
  const outputs = [
    { flag: '--output', path: options.output, kind: nameListKind },
    { flag: '--alternates-output', path: alternatesFile, kind: alternatesKind },
  ];
  await guardOutputs(outputs, [options.libraryDb, options.libraryArtists, options.alternates]);
  logger.info('collecting artists');
  const task = progress.start('enrich', { unit: 'names' });
  try {
    return await collectAndWrite(options, alternatesFile, { signal, logger, task });
  } finally {
    task.end();
  }
}

async function collectAndWrite(
  options: WithLibrary<EnrichOptions>,
  alternatesFile: string,
  { signal, logger, task }: Pick<StepContext, 'signal' | 'logger'> & { task: ProgressTask },
): Promise<EnrichResult> {
  const started = performance.now();
  const list = new NameList();
  const alternates = new Alternates();
  const sources: EnrichResult['sources'] = [];
  const collect = (source: string, names: Iterable<SourceName>): void => {
    const before = { read: list.read, size: list.size };
    for (const name of names) {
      list.add(name.name);
      alternates.add(name);
    }
    const entry = { source, names: list.read - before.read, added: list.size - before.size };
    sources.push(entry);
    task.update(list.read, source);
    logger.info(entry, 'names collected');
  };

  if (options.libraryDb) {
    const { rows, skipped, remarks } = surveyLibrary(options.libraryDb, readingOf(options));
    for (const remark of remarks) logger.warn(remark);
    if (skipped > 0)
      logger.warn(
        { library: libraryName(options.libraryDb), rows: skipped },
        'library rows without an artist or a title were left out',
      );
    collect(
      'library',
      rows.map(({ artist }) => ({ name: artist })),
    );
    const ofRows = rows.flatMap(({ artist, alternates: names = [] }) =>
      names.map((name) => ({ name, artist })),
    );
    if (ofRows.length > 0) collect('library alternates', ofRows);
  }
  if (options.libraryArtists) {
    const { artists, ignoredCompilations } = readArtistList(options.libraryArtists);
    list.countCompilations(ignoredCompilations);
    collect(
      'artist file',
      artists.map((name) => ({ name })),
    );
  }
  if (options.alternates)
    collect('alternates file', await readAlternatesExport(options.alternates, signal));
  if (options.wxycDbUrl) {
    for (const { source, names, untied } of await readCatalogue(options.wxycDbUrl, signal)) {
      collect(source, names);
      if (untied && names.length > 0)
        logger.warn(
          { source, names: names.length },
          'the catalogue does not say which artists these names belong to, so they are only added to the list',
        );
    }
  }
  throwIfInterrupted(signal);
  if (list.size === 0)
    throw new BadInputError(
      `No artists found in ${sources.map(({ source }) => source).join(', ')}: no release would be kept.`,
    );

  await writeWhole([
    [
      options.output,
      nameListKind,
      list
        .sorted()
        .map((name) => `${name}\n`)
        .join(''),
    ],
    [alternatesFile, alternatesKind, alternates.toCsv()],
  ]);
  const seconds = (performance.now() - started) / 1000;
  const result: EnrichResult = {
    step: 'enrich',
    unit: 'artists',
    read: list.read,
    written: list.size,
    dropped: list.dropped,
    seconds,
    sources,
    alternates: { file: alternatesFile, names: alternates.size },
  };
  logger.info(
    {
      file: options.output,
      read: result.read,
      written: result.written,
      seconds: Number(seconds.toFixed(3)),
    },
    'artist list written',
  );
  logger.info(result.alternates, 'other names of library artists written');
  return result;
}

/** How a file of alternates is recognised. */
export const alternatesKind = csvKind('a file of alternates', ['artist', 'name']);

/** Writes files that appear only when all of them are whole. */
async function writeWhole(
  contents: readonly (readonly [path: string, kind: OutputKind, text: string])[],
): Promise<void> {
  const files: PartialFile[] = [];
  try {
    for (const [path, kind, text] of contents) {
      const file = await PartialFile.create(path, kind);
      files.push(file);
      await file.write(Buffer.from(text));
    }
    for (const file of files) await file.finish();
  } catch (error) {
    for (const file of files) await file.discard();
    throw error;
  }
}
