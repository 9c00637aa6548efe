/** What can go wrong with a request, as one sentence, and whether another try makes sense. */
import { redact, StepError } from '@wxyc/step';

/** A request that failed. Exit 1 if nobody tries again. */
export class NetworkError extends StepError {
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | undefined;
  /** The response's status, if there was one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & {
      retryable: boolean;
      retryAfter?: number | undefined;
      status?: number | undefined;
    },
  ) {
    super(message, { cause: options.cause, code: 'NETWORK' });
    this.retryable = options.retryable;
    this.retryAfter = options.retryAfter;
    this.status = options.status;
  }
}

/** Codes of certificate failures, for which trying again does not help. */
const certificates =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;

const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing answers there',
  ENOTFOUND: 'the host name is unknown; is there a network?',
  EAI_AGAIN: 'the host name cannot be looked up; is there a network?',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed in mid-transfer',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within ten seconds',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'there is no route to that host',
  ENETUNREACH: 'there is no route to that network',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body is not as long as announced',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; http:// instead of https://?',
};

/** Makes a NetworkError of what `fetch` or its body threw. `where` is the address, without secrets. */
export function networkError(error: unknown, where: string): NetworkError {
  if (error instanceof NetworkError) return error;
  const { code, message } = innermost(error);
  if (certificates.test(code)) {
    return new NetworkError(
      `${where}: its certificate is not trusted (${code}); to trust another authority, name the file of its certificate in NODE_EXTRA_CA_CERTS`,
      { retryable: false, cause: error },
    );
  }
  if (message === 'bad port')
    return new NetworkError(`${where}: requests to this port are not allowed; give another one`, {
      retryable: false,
      cause: error,
    });
  return new NetworkError(
    `${where}: ${reasons[code] ?? redact(message)}${reasons[code] && code ? ` (${code})` : ''}`,
    { retryable: true, cause: error },
  );
}

/** fetch wraps what happened: code and message come from the cause, or, with several addresses, from the first one. */
function innermost(error: unknown): { code: string; message: string } {
  let at = error as
    { code?: unknown; message?: unknown; cause?: unknown; errors?: unknown[] } | undefined;
  let code = '';
  let message = '';
  for (let depth = 0; at && typeof at === 'object' && depth < 6; depth++) {
    if (typeof at.code === 'string') code = at.code;
    if (typeof at.message === 'string' && at.message) message = at.message;
    at = (at.cause ?? at.errors?.[0]) as typeof at;
  }
  return { code, message: message || String(error) };
}

/** The meaning of a status other than success. `what` is what was asked for: `The index of https://…`. */
export function statusError(status: number, what: string, retryIn?: number): NetworkError {
  const later = status === 408 || status === 425 || status === 429 || status >= 500;
  const said: Record<number, string> = {
    401: 'log-in required',
    403: "access refused: it may keep out this machine's network, such as a data centre's; a missing file looks the same",
    404: 'not found',
    429: 'too many requests',
  };
  const words = said[status] ?? (status >= 500 ? 'server error' : 'unexpected');
  return new NetworkError(`${what}: the server answered with status ${status} (${words})`, {
    retryable: later,
    retryAfter: retryIn,
    status,
  });
}
