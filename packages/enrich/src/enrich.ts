/** Step 2.5: the list of artists that the filter keeps, from everything that knows how the library names them. */
import { guardOutputs, nameListKind, PartialFile } from '@wxyc/csv';
import { readArtistFile, surveyLibrary } from '@wxyc/library';
import { BadInputError, stepContext, throwIfInterrupted, UsageError, type StepContext, type StepResult } from '@wxyc/step';
import { readAlternates } from './alternates-file.js';
import { readCatalogue } from './catalogue.js';
import { NameList } from './name-list.js';

export interface EnrichOptions {
  /** The library's SQLite file: the artists of its albums are the base of the list. */
  libraryDb?: string | undefined;
  /** The text file to write: one name a line, UTF-8, sorted by code point. */
  output: string;
  /** A file with further names, one a line. */
  libraryArtists?: string | undefined;
  /** The MySQL catalogue, `mysql://user:password@host:3306/database`: alternate names and cross-references. */
  wxycDbUrl?: string | undefined;
  /** A CSV or TSV export with alternate names, for catalogues that cannot be reached. */
  alternates?: string | undefined;
}

export interface EnrichResult extends StepResult {
  step: 'enrich';
  unit: 'artists';
  /** Names by source: how many it gave, and how many of them no source before it had. */
  sources: { source: string; names: number; added: number }[];
}

/**
 * Writes the union of the artists of all sources: trimmed, each once, compilations left out, sorted by code point.
 * The file appears when it is whole. Holds all names in memory (24,000 artists: a few MB).
 *
 * @throws UsageError if no source is given or the MySQL URL is not one.
 * @throws BadInputError if a file, the catalogue's tables or their columns are not what they should be, or no name is found.
 * @throws StepError if the MySQL server cannot be reached or refuses the login.
 * @example
 * const { written } = await enrich({ libraryDb: 'library.db', output: 'library_artists.txt' });
 */
export async function enrich(options: EnrichOptions, context?: Partial<StepContext>): Promise<EnrichResult> {
  const { signal, logger } = stepContext(context);
  const started = performance.now();
  if (!options.libraryDb && !options.libraryArtists && !options.wxycDbUrl && !options.alternates) {
    throw new UsageError('No source of artists: give --library-db FILE.');
  }
  await guardOutputs([{ flag: '--output', path: options.output, kind: nameListKind }], [options.libraryDb, options.libraryArtists, options.alternates]);
  logger.info('collecting artists');
  const list = new NameList();
  const sources: EnrichResult['sources'] = [];
  const collect = (source: string, names: Iterable<string | null>): void => {
    const before = { read: list.read, size: list.size };
    for (const name of names) list.add(name);
    const entry = { source, names: list.read - before.read, added: list.size - before.size };
    sources.push(entry);
    logger.info(entry, 'names collected');
  };

  if (options.libraryDb) {
    const { rows, skipped, remarks } = surveyLibrary(options.libraryDb);
    for (const remark of remarks) logger.warn(remark);
    if (skipped > 0) logger.warn({ file: options.libraryDb, rows: skipped }, 'library rows without an artist or a title were left out');
    collect('library', rows.map(({ artist }) => artist));
  }
  if (options.libraryArtists) {
    const { artists, ignoredCompilations } = readArtistFile(options.libraryArtists);
    list.countCompilations(ignoredCompilations);
    collect('artist file', artists);
  }
  if (options.alternates) collect('alternates file', await readAlternates(options.alternates, signal));
  if (options.wxycDbUrl) {
    const catalogue = await readCatalogue(options.wxycDbUrl, signal);
    for (const [source, names] of Object.entries(catalogue)) collect(source, names);
  }
  throwIfInterrupted(signal);
  if (list.size === 0) throw new BadInputError(`No artist found in ${sources.map(({ source }) => source).join(', ')}: nothing would be kept.`);

  const file = await PartialFile.create(options.output, nameListKind);
  try {
    await file.write(Buffer.from(list.sorted().map((name) => `${name}\n`).join('')));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
  const seconds = (performance.now() - started) / 1000;
  const result: EnrichResult = { step: 'enrich', unit: 'artists', read: list.read, written: list.size, dropped: list.dropped, seconds, sources };
  logger.info({ file: options.output, read: result.read, written: result.written, seconds: Number(seconds.toFixed(3)) }, 'artist list written');
  return result;
}
