/** The contract check as a step: succeeds silently, or fails and names every difference. */
import { checkContract } from '@wxyc/cache';
import { publishedSchema } from '@wxyc/dataset';
import {
  checkOptions,
  DifferencesError,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  type StepResult,
} from '@wxyc/step';

export interface CheckSchemaOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
}

/** Which command mends which differences, in the order in which the commands have to run. */
const mending: readonly { of: RegExp; what: string; command: string }[] = [
  {
    of: /^The (?:table|column) \S+ is missing/,
    what: 'missing tables',
    command: 'wxyc-schema create',
  },
  {
    of: /^The extension|f_unaccent/,
    what: 'missing extensions and f_unaccent',
    command: 'wxyc-schema create',
  },
  {
    of: /^The index \S+ (?:on \S+ is missing|is not valid)|lacks (?:UNIQUE|PRIMARY KEY|FOREIGN KEY)|is not validated|cannot use|function discogs\.|^Consumers cannot/,
    what: 'missing indexes, keys and search functions',
    command: 'wxyc-index',
  },
];

/** Sentences that name the commands; a rebuild mends whatever they do not. */
function remedies(schema: string, differences: readonly string[]): string[] {
  const where = schema === publishedSchema ? '' : ` --schema ${schema}`;
  const mendable = differences.filter((difference) => !/whose code would run/.test(difference));
  if (mendable.length === 0) return ['Until that has changed, no command here will work'];
  const told = mending
    .filter(({ of }) => mendable.some((difference) => of.test(difference)))
    .map(({ what, command }) => `${command}${where} adds ${what}`);
  const rest = mendable.some((difference) => !mending.some(({ of }) => of.test(difference)));
  return [
    ...told,
    ...(rest || told.length === 0 ? ['A rebuild with wxyc-pipeline replaces all of it'] : []),
  ];
}

/** What a failed check throws: the message, and one sentence per difference. */
export class ContractBroken extends DifferencesError {
  readonly differences: readonly string[];
  constructor(schema: string, differences: readonly string[]) {
    super(
      `The schema ${schema} differs from the contract in ${differences.length === 1 ? 'one point' : `${differences.length} points`}. ${remedies(schema, differences).join('. ')}`,
    );
    this.differences = differences;
  }
}

const optionKinds: OptionKinds<CheckSchemaOptions> = {
  databaseUrl: required(option.text),
  schema: option.text,
};

/**
 * Compares tables, columns, keys, indexes, extensions and f_unaccent with the contract, runs each consumer statement in a
 * transaction that is rolled back, and asks whether the searches can use their indexes. Throws {@link ContractBroken} (exit 5).
 *
 * @example
 * await checkSchema({ databaseUrl: 'postgresql:///discogs', schema: 'discogs_next' });
 */
export async function checkSchema(
  options: CheckSchemaOptions,
  context?: Partial<StepContext>,
): Promise<StepResult> {
  checkOptions('checkSchema', options, optionKinds);
  const { databaseUrl, schema = publishedSchema } = options;
  const { logger } = stepContext(context);
  const began = performance.now();
  const { profile, checks, differences, mute } = await checkContract(
    { databaseUrl, schema },
    context,
  );
  if (differences.length) throw new ContractBroken(schema, differences);
  if (mute) logger.warn(mute);
  logger.info(
    { schema, profile, checks },
    `${schema} is as a ${profile} cache should be: ${checks} points compared, no difference`,
  );
  return {
    step: 'check',
    unit: 'checks',
    read: checks,
    written: checks,
    dropped: {},
    seconds: (performance.now() - began) / 1000,
  };
}
