/** Turns what drivers throw into one sentence that says what is wrong, where, and what to do. */
import { InterruptedError, redact, redactUrl, StepError } from '@wxyc/step';
import { describeAddress, parseDatabaseUrl } from './url.js';

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EACCES',
  'CONNECT_TIMEOUT',
]);
const broken = new Set([
  'ECONNRESET',
  'EPIPE',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  '57P01',
  '57P02',
  '57P05',
  '08006',
  '08003',
]);

/** What to do, by SQLSTATE. */
const advice: Record<string, string> = {
  '28P01':
    'the password is wrong or missing; give it in the URL (percent-encoded), in PGPASSWORD or in ~/.pgpass',
  '28000': 'the server does not admit this user; see its pg_hba.conf',
  '3D000': 'create it with createdb, or name another one',
  '53100': "the server's disk is full; make room and run again (with --resume in the pipeline)",
  '53200': 'the server is out of memory',
  '53300': 'the server accepts no more connections; raise max_connections or end other sessions',
  '57P03': 'the server is starting or stopping; try again in a moment',
  '42501': 'this role lacks a right; connect as the owner of the database',
};

/** The driver's code of an error: an SQLSTATE, or a network code such as ECONNREFUSED. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  // Node joins the failures of several addresses of one host name.
  return Array.isArray(errors) ? errorCode(errors[0]) : undefined;
}

/** True when the connection is gone, as opposed to a refused statement. */
export function isConnectionLost(error: unknown): boolean {
  return (
    broken.has(errorCode(error) ?? '') ||
    /Connection terminated|connection is closed|not queryable/i.test(
      String((error as Error | null)?.message),
    )
  );
}

/**
 * Makes a StepError of a driver's error; what is already a StepError passes through. An aborted signal takes precedence: the
 * server's "terminating connection" is then only the echo of the interruption.
 *
 * @param doing what was being done, as in `Loading release_artist`
 */
export function databaseFailure(
  error: unknown,
  url: string,
  doing: string,
  signal?: AbortSignal,
): Error {
  if (signal?.aborted)
    return signal.reason instanceof InterruptedError
      ? signal.reason
      : new InterruptedError(undefined, { cause: error });
  if (error instanceof StepError) return error;
  const code = errorCode(error);
  const place = placeOf(url);
  const raw = redact((error instanceof Error && error.message) || String(code ?? error));
  const lost = { cause: error, code: 'CONNECTION' } as const;
  const options = { cause: error, code: 'DATABASE' } as const;
  if (code && unreachable.has(code)) {
    return new StepError(
      `No PostgreSQL server answers at ${place} (${code}): start it, give another one with --database-url, or use --database-url embedded:./discogs-cache for a server that needs no installation`,
      lost,
    );
  }
  if (isConnectionLost(error))
    return new StepError(
      `${doing}: the connection to ${place} was lost (${raw}); see the server's log, then run again`,
      lost,
    );
  const known = code ? advice[code] : undefined;
  if (known) return new StepError(`${doing}: ${place}: ${raw}: ${known}`, options);
  if (!code) return error instanceof Error ? error : new StepError(raw);
  const { detail, where } = error as { detail?: string; where?: string };
  const more = [detail, where].filter(Boolean).join('; ').slice(0, 400);
  return new StepError(
    `${doing}: ${place}: ${raw}${more ? ` (${redact(more)})` : ''} [${code}]`,
    options,
  );
}

function placeOf(url: string): string {
  try {
    return describeAddress(parseDatabaseUrl(url));
  } catch {
    return redactUrl(url);
  }
}
