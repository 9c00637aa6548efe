/** The contract check: the catalogue, the consumers' statements and their plans, compared with what the product promises. */
import {
  quoteIdentifier,
  quoteLiteral,
  type Sql,
  type TransactionSql,
  withSql,
} from '@wxyc/postgres';
import { publishedSchema, type Profile } from '@wxyc/dataset';
import { inParts, stepContext, type StepContext } from '@wxyc/step';
import { catalogueDifferences } from './catalogue.js';
import { foreignCode } from './publish/foreign-code.js';
import { consumerStatements, functionCalls, type ConsumerStatement } from './consumers.js';
import { queryable } from './queryable.js';
import { readFunctions } from './functions.js';
import { readProfile } from './profile.js';
import { formDifferences, muteTrigrams, searchDifferences } from './search.js';
import { unaccentFault } from './unaccent-probe.js';
import type { ContractReport } from './contract-report.js';

export interface CheckContractOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
}

/**
 * Compares one schema with the contract. Writes only inside a transaction that is rolled back.
 *
 * @example
 * const { differences } = await checkContract({ databaseUrl, schema: 'discogs_next' });
 */
export async function checkContract(
  options: CheckContractOptions,
  context?: Partial<StepContext>,
): Promise<ContractReport> {
  const { databaseUrl, schema = publishedSchema } = options;
  const { signal, progress } = stepContext(context);
  return withSql(
    databaseUrl,
    { schema, applicationName: 'wxyc-check', signal, doing: 'Checking the contract' },
    async (sql) => {
      const profile = await readProfile(queryable(sql), schema);
      return inParts(progress, 'check', parts, (begin) => checkOn(sql, schema, profile, begin));
    },
  );
}

class Undo extends Error {}

const parts = ['functions', 'catalogue', "consumers' statements", 'plans'] as const;

async function checkOn(
  sql: Sql,
  schema: string,
  profile: Profile,
  begin: (part: (typeof parts)[number]) => void,
): Promise<ContractReport> {
  begin('functions');
  const report: ContractReport = { profile, checks: 0, differences: [] };
  await checkFunctions(sql, report);
  await checkSearches(sql, schema, report);
  report.mute = await muteTrigrams(queryable(sql)).catch(() => undefined);
  await sql
    .begin(async (transaction) => {
      begin('catalogue');
      // With an empty search path, the server prints every name with its schema.
      await transaction.unsafe("SELECT set_config('search_path', '', true)");
      await catalogueDifferences(transaction as unknown as Sql, schema, profile, report);
      // Planning a statement can be enough to compute what an index holds.
      report.checks++;
      const foreign = await foreignCode(queryable(transaction as unknown as Sql), {
        schema,
        written: true,
      });
      report.differences.push(
        ...foreign.map((sentence) => `${sentence}: no consumer statement was tried`),
      );
      if (foreign.length > 0) throw new Undo();
      await transaction.unsafe(
        `SELECT set_config('search_path', ${quoteLiteral(`${quoteIdentifier(schema)}, public`)}, true)`,
      );
      begin("consumers' statements");
      const calls = schema === publishedSchema ? functionCalls : [];
      const { searches, rungs, reads, writes } = consumerStatements(profile);
      for (const statement of [...searches, ...calls, ...reads, ...writes])
        await runStatement(transaction, statement, report);
      begin('plans');
      await explainLookUps(transaction, reads, report);
      await explainSearches(transaction, [...searches, ...rungs], report);
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  return report;
}

async function checkFunctions(sql: Sql, report: ContractReport): Promise<void> {
  const { extensions, unaccent } = await readFunctions(sql);
  report.checks += 3;
  for (const name of ['pg_trgm', 'unaccent']) {
    const schema = extensions.get(name);
    if (!schema) report.differences.push(`The extension ${name} is missing`);
    else if (schema !== 'public')
      report.differences.push(`The extension ${name} is in the schema ${schema}, not in public`);
  }
  if (!unaccent) report.differences.push('The function public.f_unaccent(text) is missing');
  else if (
    unaccent.volatility !== 'i' ||
    unaccent.parallel !== 's' ||
    !unaccent.strict ||
    unaccent.result !== 'text'
  ) {
    report.differences.push(
      'The function public.f_unaccent(text) is not IMMUTABLE, PARALLEL SAFE and STRICT with a text result',
    );
  } else if (report.differences.length === 0) {
    const fault = await unaccentFault(sql);
    if (fault !== undefined)
      report.differences.push(`The function is not the contract's: ${fault}`);
  }
}

/** Every build's indexes rest on the forms; the searches read only `public`, and come with its first cache. */
async function checkSearches(sql: Sql, schema: string, report: ContractReport): Promise<void> {
  report.checks += 1;
  report.differences.push(...(await formDifferences(queryable(sql))));
  if (schema !== publishedSchema) return;
  report.checks += 1;
  report.differences.push(...(await searchDifferences(queryable(sql))));
}

async function runStatement(
  transaction: TransactionSql,
  { name, sql }: ConsumerStatement,
  report: ContractReport,
): Promise<void> {
  report.checks++;
  try {
    await transaction.savepoint((nested) => nested.unsafe(sql));
  } catch (error) {
    report.differences.push(`Consumers cannot ${name}: ${(error as Error).message}`);
  }
}

/** Whether a plan uses one of the indexes that the statement is meant to use. */
const uses = ({ usesIndex = [] }: ConsumerStatement, plan: string): boolean =>
  usesIndex.some((index) => plan.includes(`"${index}"`) || plan.includes(`\\"${index}\\"`));

/**
 * Whether a plan can take the index when it may not read the whole table, nor walk along an unrelated btree. Where a table is
 * so small that older servers would rather go through a join's rows, they are asked again without nested loops.
 */
async function explainSearches(
  transaction: TransactionSql,
  statements: readonly ConsumerStatement[],
  report: ContractReport,
): Promise<void> {
  await transaction.unsafe(
    'SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off',
  );
  for (const statement of statements) {
    await explain(
      statement,
      report,
      async (plan) =>
        uses(statement, await plan('SET LOCAL enable_nestloop = on')) ||
        uses(statement, await plan('SET LOCAL enable_nestloop = off')),
      transaction,
    );
  }
}

/** Checks that look-ups by a key can use their index. */
async function explainLookUps(
  transaction: TransactionSql,
  statements: readonly ConsumerStatement[],
  report: ContractReport,
): Promise<void> {
  await transaction.unsafe('SET LOCAL enable_seqscan = off');
  for (const statement of statements.filter(({ usesIndex }) => usesIndex !== undefined)) {
    await explain(
      statement,
      report,
      async (plan) => uses(statement, await plan('SET LOCAL enable_nestloop = on')),
      transaction,
    );
  }
}

async function explain(
  statement: ConsumerStatement,
  report: ContractReport,
  canUse: (plan: (setting: string) => Promise<string>) => Promise<boolean>,
  transaction: TransactionSql,
): Promise<void> {
  report.checks++;
  const plan = async (setting: string): Promise<string> =>
    JSON.stringify(
      await transaction.savepoint((nested) =>
        nested.unsafe(setting).then(() => nested.unsafe(`EXPLAIN (FORMAT JSON) ${statement.sql}`)),
      ),
    );
  try {
    if (!(await canUse(plan)))
      report.differences.push(
        `The ${/^read/.test(statement.name) ? `statement to ${statement.name}` : statement.name} cannot use ${statement.usesIndex?.join(' or ')}`,
      );
  } catch {
    // The statement itself failed, and is reported already.
  }
}
