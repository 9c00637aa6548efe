/** Finds the passwords that a call was given, so that they are blanked in everything that leaves the process. */
import { redact, rememberSecret } from '@wxyc/step';

/** Variables that may hold a URL or a password. */
const urlVariables = /(?:_URL|_URI|_DSN)$|^DATABASE_URL/;
const passwordVariables = new Set([
  'PGPASSWORD',
  'MYSQL_PWD',
  'POSTGRES_PASSWORD',
  'DISCOGS_TOKEN',
]);

/** Remembers the passwords in one URL or libpq string, as far as they can be distinguished from its other parts. */
function rememberPasswordsOf(text: string): void {
  const url = /^([a-z][a-z0-9+.-]*):(?:\/\/)?([^:/?#@\s]*):(.*)@([^@]*)$/i;
  // A ? or # that should have been percent-encoded is part of the password.
  const parts = url.exec(text.replace(/[?#].*$/s, '')) ?? url.exec(text);
  if (parts) {
    const [, scheme = '', user = '', password = '', rest = ''] = parts;
    rememberSecret(password, [scheme, user, ...rest.split(/[^\w]+/)]);
  }
  // user:password@host without a scheme.
  const bare = /^([^:/@\s]*):([^\s/]\S*)@([\w.-]+(?::\d+)?(?:\/\S*)?)$/.exec(text);
  if (bare) rememberSecret(bare[2], [bare[1]!, ...bare[3]!.split(/[^\w]+/)]);
  // As a parameter of a URL: everything up to the next one.
  for (const [, password = ''] of text.matchAll(
    /[?&](?:password|pass|passwd|sslpassword)=([^&#]+)/gi,
  ))
    rememberSecret(password);
  // As a word of a key/value string.
  for (const [, quoted, plain] of text.matchAll(
    /(?:^|\s)(?:password|pass|passwd|sslpassword)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/gi,
  )) {
    rememberSecret(plain ?? quoted?.replace(/\\(.)/g, '$1'));
  }
}

/** A function that blanks the passwords found in the call's arguments and environment, and all that look like one. */
export function redactorFor(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): (text: string) => string {
  for (const word of argv) rememberPasswordsOf(word.replace(/^--[\w-]+=/, ''));
  for (const [name, value] of Object.entries(environment)) {
    if (!value) continue;
    if (urlVariables.test(name)) rememberPasswordsOf(value);
    else if (passwordVariables.has(name)) rememberSecret(value);
  }
  return redact;
}
