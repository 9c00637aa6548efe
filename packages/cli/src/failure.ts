/** Turns whatever was thrown into an exit code and one sentence. */
import { exitCodes } from '@wxyc/step';
import { visible } from './visible.js';

export interface Failure {
  exitCode: number;
  message: string;
  /** Not the caller's mistake but a fault of the program, or of the machine below it. */
  unexpected: boolean;
}

const systemErrors: Record<string, (path: string) => [number, string]> = {
  ENOENT: (path) => [exitCodes.badInput, `${path} does not exist.`],
  EACCES: (path) => [
    exitCodes.badInput,
    `${path} may not be opened by this user; check its permissions.`,
  ],
  EPERM: (path) => [
    exitCodes.failed,
    `${path} may not be changed by this user; check its permissions.`,
  ],
  EROFS: (path) => [
    exitCodes.failed,
    `${path} is on a read-only file system; choose another place.`,
  ],
  EISDIR: (path) => [exitCodes.badInput, `${path} is a directory where a file is needed.`],
  ENOTDIR: (path) => [exitCodes.badInput, `${path} is not a directory.`],
  ENOSPC: (path) => [
    exitCodes.failed,
    `The disk is full${path === 'A file' ? '' : ` (writing ${path})`}; free some space or choose another place.`,
  ],
  EMFILE: () => [exitCodes.failed, 'Too many files are open; raise the limit with ulimit -n.'],
  ECONNREFUSED: () => [
    exitCodes.failed,
    'The server refused the connection; check that it is running and that host and port are right.',
  ],
};

const knownCodes = new Set<number>(Object.values(exitCodes));

/**
 * Describes a thrown value.
 *
 * Expected failures bring their own exit code and sentence; they are recognised by their shape, as a program may hold two
 * copies of the class. A system error becomes a sentence with its path. Everything else is exit 1.
 */
export function describeFailure(error: unknown, interrupted = false): Failure {
  const shape = (error ?? {}) as {
    exitCode?: unknown;
    code?: unknown;
    path?: unknown;
    name?: unknown;
    message?: unknown;
  };
  const text = visible(
    typeof shape.message === 'string' && shape.message ? shape.message : String(error),
  );
  if (interrupted) {
    const own = shape.exitCode === exitCodes.interrupted;
    return {
      exitCode: exitCodes.interrupted,
      message: own ? text : 'Interrupted',
      unexpected: false,
    };
  }
  if (typeof shape.exitCode === 'number' && knownCodes.has(shape.exitCode)) {
    return { exitCode: shape.exitCode, message: text, unexpected: false };
  }
  const system = typeof shape.code === 'string' ? systemErrors[shape.code] : undefined;
  if (system) {
    const [exitCode, message] = system(
      typeof shape.path === 'string' ? visible(shape.path) : 'A file',
    );
    return { exitCode, message, unexpected: false };
  }
  return { exitCode: exitCodes.failed, message: text, unexpected: true };
}
