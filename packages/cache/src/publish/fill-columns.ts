/** Gives rows of a build's table other values in some columns: in place, or by rewriting the table, which leaves no dead rows behind. */
import { quoteIdentifier, type Client } from '@wxyc/postgres';

export interface Filling {
  /** The table, ready for SQL. */
  table: string;
  /** Its column that `id` is about. */
  key: string;
  columns: readonly { name: string; type: string }[];
  /** A query for `id`, each once, and the values of the columns: `value_0`, `value_1`, … */
  values: string;
  /** What a value of NULL means: keep the row's own, or be NULL. */
  ifNull: 'keep' | 'null';
}

/**
 * Fills the columns, in a transaction of the caller.
 *
 * @param shouldRewrite whether to rewrite the table for so many rows.
 * @returns how many values there were for the first column, and whether the table was rewritten.
 */
export async function fillColumns(
  client: Client,
  filling: Filling,
  shouldRewrite: (rows: number) => Promise<boolean>,
): Promise<{ filled: number; rewritten: boolean }> {
  const { table, key, columns } = filling;
  await client.query(`CREATE TEMPORARY TABLE carry_values ON COMMIT DROP AS ${filling.values}`);
  const counted = await client.query<{ rows: number; filled: number }>(
    'SELECT count(*)::int AS rows, count(value_0)::int AS filled FROM pg_temp.carry_values',
  );
  const { rows = 0, filled = 0 } = counted.rows[0] ?? {};
  const rewritten = rows > 0 && (await shouldRewrite(rows));
  if (rewritten) await rewrite(client, filling);
  else if (rows > 0) {
    const assigned = columns.map(
      ({ name }, at) =>
        `${quoteIdentifier(name)} = ${valueOf(filling, at, `b.${quoteIdentifier(name)}`)}`,
    );
    await client.query(
      `UPDATE ${table} b SET ${assigned.join(', ')} FROM pg_temp.carry_values v WHERE v.id = b.${quoteIdentifier(key)}`,
    );
  }
  await client.query('DROP TABLE pg_temp.carry_values');
  return { filled, rewritten };
}

const valueOf = ({ ifNull }: Filling, at: number, own: string): string =>
  ifNull === 'keep' ? `coalesce(v.value_${at}, ${own})` : `v.value_${at}`;

/**
 * ALTER COLUMN .. USING writes a new file of live rows only, and builds the indexes again, in the transaction and with
 * all keys in place. Its expression may not contain a subquery, but may call a function that looks the value up.
 */
async function rewrite(client: Client, filling: Filling): Promise<void> {
  const { table, key, columns } = filling;
  await client.query('ALTER TABLE pg_temp.carry_values ADD PRIMARY KEY (id)');
  await client.query('ANALYZE pg_temp.carry_values');
  for (const [at, { type }] of columns.entries())
    await client.query(
      `CREATE FUNCTION pg_temp.carried_${at}(wanted integer, own ${type}) RETURNS ${type} LANGUAGE plpgsql STABLE AS
       $$ DECLARE carried ${type}; BEGIN
         SELECT ${valueOf(filling, at, 'own')} INTO carried FROM pg_temp.carry_values v WHERE v.id = wanted;
         IF FOUND THEN RETURN carried; ELSE RETURN own; END IF; END $$`,
    );
  const changes = columns.map(
    ({ name, type }, at) =>
      `ALTER COLUMN ${quoteIdentifier(name)} TYPE ${type} USING pg_temp.carried_${at}(${quoteIdentifier(key)}, ${quoteIdentifier(name)})`,
  );
  await client.query(`ALTER TABLE ${table} ${changes.join(', ')}`);
  for (const [at, { type }] of columns.entries())
    await client.query(`DROP FUNCTION pg_temp.carried_${at}(integer, ${type})`);
}
