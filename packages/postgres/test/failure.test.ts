import { databaseFailure, isConnectionLost } from '@wxyc/postgres';
import { BadInputError, InterruptedError, StepError } from '@wxyc/step';

const url = 'postgresql://dj:s3cret@db.example:5432/discogs';
const coded = (code: string, message = 'the driver said this') =>
  Object.assign(new Error(message), { code });

describe('databaseFailure', () => {
  it.each([
    [
      'ECONNREFUSED',
      /No PostgreSQL server answers at db\.example:5432\/discogs .*--database-url embedded:/,
    ],
    ['28P01', /the password is wrong or missing.*percent-encoded/],
    ['3D000', /create it with createdb/],
    ['53100', /disk is full.*--resume/],
    ['53300', /max_connections/],
    ['57P01', /the connection to db\.example:5432\/discogs was lost/],
    ['ECONNRESET', /the connection to .* was lost/],
    ['42501', /connect as the owner/],
    ['22P02', /the driver said this \[22P02\]/],
  ])('%s becomes one sentence with place and advice', (code, expected) => {
    const failure = databaseFailure(coded(code), url, 'Loading release');
    expect(failure).toBeInstanceOf(StepError);
    expect(failure.message).toMatch(expected);
    expect(failure.message).not.toMatch(/s3cret|\n/);
  });

  it('leaves expected failures and bugs as they are', () => {
    const known = new BadInputError('release.csv is empty');
    expect(databaseFailure(known, url, 'Loading')).toBe(known);
    const fault = new TypeError('x is not a function');
    expect(databaseFailure(fault, url, 'Loading')).toBe(fault);
  });

  it("takes the server's farewell for the interruption that caused it", () => {
    const abort = new AbortController();
    abort.abort();
    expect(databaseFailure(coded('57P01'), url, 'Loading', abort.signal)).toBeInstanceOf(
      InterruptedError,
    );
  });

  it('finds the code below the failures of several addresses', () => {
    const joined = Object.assign(
      new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
      {},
    );
    expect(databaseFailure(joined, url, 'Connecting').message).toMatch(
      /No PostgreSQL server answers/,
    );
  });

  it('tells a lost connection from a refused statement', () => {
    expect(isConnectionLost(coded('57P01'))).toBe(true);
    expect(isConnectionLost(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isConnectionLost(coded('23505'))).toBe(false);
  });
});
