/** Checks options of public functions at the start: programs without types, and unset environment variables, get an error at once. */

import { UsageError } from './failures.js';

/** What a value may be, and a word for it. */
export interface OptionKind {
  /** For sentences: `a number from 0 to 1`. */
  readonly what: string;
  readonly accepts: (value: unknown) => boolean;
  readonly required?: boolean;
}

/** A kind for every option of a function; one too few or too many does not compile. */
export type OptionKinds<T> = { readonly [K in keyof Required<T>]: OptionKind };

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= least && value <= most;
const isWhole =
  (least: number) =>
  (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least;

export const option = {
  text: { what: 'a non-empty string', accepts: isText },
  /** May be empty: for what the function itself has a better sentence for. */
  anyText: { what: 'a string', accepts: (value) => typeof value === 'string' },
  texts: {
    what: 'a list of at least one string',
    accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  },
  flag: { what: 'true or false', accepts: (value) => typeof value === 'boolean' },
  share: { what: 'a number from 0 to 1', accepts: isNumber(0, 1) },
  percent: { what: 'a number from 0 to 100', accepts: isNumber(0, 100) },
  amount: { what: 'a number of at least 0', accepts: isNumber(0) },
  count: { what: 'a whole number of at least 1', accepts: isWhole(1) },
  countOrNone: { what: 'a whole number of at least 0', accepts: isWhole(0) },
  call: { what: 'a function', accepts: (value) => typeof value === 'function' },
  object: { what: 'an object', accepts: (value) => typeof value === 'object' && value !== null },
} satisfies Record<string, OptionKind>;

/** One of these. */
export function oneOf(...values: readonly (string | number | boolean)[]): OptionKind {
  return {
    what: values.map((value) => JSON.stringify(value)).join(' or '),
    accepts: (value) => values.includes(value as string),
  };
}

/** Either of two. */
export function either(a: OptionKind, b: OptionKind): OptionKind {
  return {
    what: `${a.what}, or ${b.what}`,
    accepts: (value) => a.accepts(value) || b.accepts(value),
  };
}

/** A list of such values, at least one. */
export function listOf(kind: OptionKind): OptionKind {
  return {
    what: `a non-empty list, each entry ${kind.what}`,
    accepts: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((item) => kind.accepts(item)),
  };
}

/** Such a value, which has to be given. */
export function required(kind: OptionKind): OptionKind {
  return { ...kind, required: true };
}

/**
 * Checks the options that a function was given; undefined counts as not given.
 *
 * @param name The function's name.
 * @throws UsageError for an option that the function does not have, one that is missing, and one of another kind.
 * @example
 * checkOptions('vacuum', options, { databaseUrl: required(option.text), schema: option.text, lock: option.object });
 */
export function checkOptions<T extends object>(
  name: string,
  options: T,
  kinds: OptionKinds<T>,
): void {
  if (typeof options !== 'object' || options === null)
    throw new UsageError(`${name} takes an object of options, but was given ${shown(options)}`);
  const known = Object.entries<OptionKind>(kinds);
  for (const given of Object.keys(options)) {
    if (Object.hasOwn(kinds, given)) continue;
    const meant = known.find(
      ([key]) => key.toLowerCase() === given.toLowerCase().replace(/[-_]/g, ''),
    )?.[0];
    throw new UsageError(
      `${name} has no option ${given}${meant ? `; did you mean ${meant}?` : `; it has ${known.map(([key]) => key).join(', ')}`}`,
    );
  }
  for (const [key, kind] of known) {
    const value: unknown = options[key as keyof T];
    if (value === undefined ? kind.required : !kind.accepts(value)) {
      throw new UsageError(
        value === undefined
          ? `${name} needs the option ${key}: ${kind.what}`
          : `${name}: the option ${key} must be ${kind.what}, but is ${shown(value)}`,
      );
    }
  }
}

/** A value in a sentence. A text may be a secret, so nothing of it is shown. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.trim() === '' ? 'empty' : 'a string';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null)
    return String(value);
  return Array.isArray(value)
    ? value.length === 0
      ? 'an empty list'
      : 'a list'
    : `of type ${typeof value}`;
}
