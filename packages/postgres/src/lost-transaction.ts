/** Transactions of `postgres` whose connection is lost in the middle. */
import type postgres from 'postgres';

type AnySql = postgres.Sql<{ [name: string]: unknown }>;
type Transaction = postgres.TransactionSql<{ [name: string]: unknown }>;
type Work = (transaction: Transaction) => unknown;

/** A promise that nothing settles. */
const never = (): Promise<never> => new Promise(() => undefined);

/**
 * Keeps the transactions of a pool with one connection from writing to a connection that is gone: the driver has no socket then, and
 * says so outside of all promises, which ends the process. After the close each statement is refused. The work itself never ends, because
 * the driver would follow it with a COMMIT or ROLLBACK; `begin` has failed by then, since the driver informs it of the close.
 *
 * @param closes how many of the pool's connections were closed so far.
 */
export function guardTransactions(sql: AnySql, closes: () => number): void {
  const begin = sql.begin.bind(sql) as (options: string, work: Work) => Promise<unknown>;
  const guarded = (...given: [string, Work] | [Work]): Promise<unknown> => {
    const work = given.at(-1) as Work;
    return begin(given.length === 2 ? given[0] : '', (transaction) => {
      const before = closes();
      return whileOpen(transaction, work, () => closes() !== before);
    });
  };
  sql.begin = guarded as AnySql['begin'];
}

async function whileOpen(
  transaction: Transaction,
  work: Work,
  isLost: () => boolean,
): Promise<unknown> {
  try {
    const done = await work(guardedTransaction(transaction, isLost));
    return isLost() ? await never() : done;
  } catch (error) {
    if (isLost()) return never();
    throw error;
  }
}

function guardedTransaction(transaction: Transaction, isLost: () => boolean): Transaction {
  const refused = (): Promise<never> =>
    Promise.reject(
      Object.assign(new Error('The connection was lost'), { code: 'CONNECTION_CLOSED' }),
    );
  return new Proxy(transaction, {
    apply: (target, self, given: unknown[]) =>
      // A tagged template is a statement; other calls only make part of one.
      isLost() && Array.isArray((given[0] as { raw?: unknown } | undefined)?.raw)
        ? refused()
        : (Reflect.apply(target as unknown as () => unknown, self, given) as unknown),
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (key === 'unsafe' || key === 'file')
        return (...given: unknown[]) =>
          isLost() ? refused() : (Reflect.apply(value as () => unknown, target, given) as unknown);
      if (key === 'savepoint')
        return (...given: [string, Work] | [Work]) =>
          isLost()
            ? refused()
            : (Reflect.apply(value as () => unknown, target, [
                ...given.slice(0, -1),
                (nested: Transaction) => whileOpen(nested, given.at(-1) as Work, isLost),
              ]) as unknown);
      return value;
    },
  });
}
