/** The contract check as a step: succeeds in silence, fails with every difference named. */
import { checkContract } from '@wxyc/cache';
import { publishedSchema } from '@wxyc/dataset';
import { DifferencesError, stepContext, type StepContext, type StepResult } from '@wxyc/step';

export interface CheckSchemaOptions {
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
}

/** What a failed check throws: one sentence per difference beside the message. */
export class ContractBroken extends DifferencesError {
  readonly differences: readonly string[];
  constructor(schema: string, differences: readonly string[]) {
    super(`The schema ${schema} differs from the contract in ${differences.length === 1 ? 'one point' : `${differences.length} points`}:\n${differences.map((difference) => `  ${difference}`).join('\n')}`);
    this.differences = differences;
  }
}

/**
 * Compares tables, columns, keys, indexes, extensions and f_unaccent with the contract, runs each consumer statement in a
 * transaction that is rolled back, and asks whether the searches can use their indexes. Throws {@link ContractBroken} (exit 5).
 *
 * @example
 * await checkSchema({ databaseUrl: 'postgresql:///discogs', schema: 'discogs_next' });
 */
export async function checkSchema(options: CheckSchemaOptions, context?: Partial<StepContext>): Promise<StepResult> {
  const { databaseUrl, schema = publishedSchema } = options;
  const { logger } = stepContext(context);
  const began = performance.now();
  const { checks, differences, mute } = await checkContract({ databaseUrl, schema }, context);
  if (differences.length) throw new ContractBroken(schema, differences);
  if (mute) logger.warn(mute);
  logger.info({ schema, checks }, `${schema} keeps the contract in all ${checks} points`);
  return { step: 'check', unit: 'checks', read: checks, written: checks, dropped: {}, seconds: (performance.now() - began) / 1000 };
}
