/**
 * Takes passwords out of everything that leaves the process: those that look like one ({@link redact}), and those
 * that this call was given, wherever they turn up, also decoded and out of their URL.
 */
import { redact } from '@wxyc/step';

/** Variables that may hold a URL or a password. */
const urlVariables = /(?:_URL|_URI|_DSN)$|^DATABASE_URL/;
const passwordVariables = new Set(['PGPASSWORD', 'MYSQL_PWD', 'POSTGRES_PASSWORD', 'DISCOGS_TOKEN']);

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Raw and decoded passwords of one URL or libpq string, as far as they can be told from its other parts. */
function passwordsOf(text: string): string[] {
  const found: string[] = [];
  const url = /^([a-z][a-z0-9+.-]*):(?:\/\/)?([^:/?#@\s]*):(.*)@([^@]*)$/i;
  // A ? or # that should have been percent-encoded is part of the password.
  const parts = url.exec(text.replace(/[?#].*$/s, '')) ?? url.exec(text);
  if (parts) {
    const [, scheme = '', user = '', password = '', rest = ''] = parts;
    // "postgres" as user and password alike would blank every message; in its URL it is blanked all the same.
    const others = [scheme, user, ...rest.split(/[^\w]+/), 'postgresql', 'postgres', 'localhost', 'root'];
    if (!others.includes(password)) found.push(password);
  }
  for (const [, password = ''] of text.matchAll(/[?&\s](?:password|pass|passwd|sslpassword)=([^&\s#]+)/gi)) found.push(password);
  return found;
}

/** A function that blanks the passwords found in the call's arguments and environment. */
export function redactorFor(argv: readonly string[], environment: NodeJS.ProcessEnv): (text: string) => string {
  const raw = argv.flatMap((word) => passwordsOf(word.replace(/^--[\w-]+=/, '')));
  for (const [name, value] of Object.entries(environment)) {
    if (!value) continue;
    if (urlVariables.test(name)) raw.push(...passwordsOf(value));
    else if (passwordVariables.has(name)) raw.push(value);
  }
  const secrets = new Set<string>();
  for (const secret of raw) {
    secrets.add(secret);
    secrets.add(encodeURIComponent(secret));
    try {
      secrets.add(decodeURIComponent(secret));
    } catch {
      // not percent-encoded
    }
  }
  const long = [...secrets].filter((secret) => secret.length >= 3).sort((a, b) => b.length - a.length);
  if (long.length === 0) return redact;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${long.map(escape).join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
  return (text) => redact(text).replace(pattern, '***');
}
