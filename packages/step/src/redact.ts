/** Passwords that this process was given, in every spelling in which they may turn up. Longest first when used. */
const secrets = new Set<string>();
let pattern: RegExp | undefined;

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** "postgres" as both user and password would blank every message; in its URL it is blanked nevertheless. */
const everydayWords = new Set(['postgresql', 'postgres', 'localhost', 'root', 'mysql']);

/**
 * Has {@link redact} blank this password wherever it occurs from now on, also percent-encoded or decoded. For code that takes
 * a URL apart. A password of one or two characters is blanked only in its URL.
 *
 * @param others the other parts of its URL: a password that is the same as one of them would blank that too.
 */
export function rememberSecret(secret: string | undefined, others: readonly string[] = []): void {
  if (!secret || everydayWords.has(secret) || others.includes(secret)) return;
  const spellings = [secret, encodeURIComponent(secret)];
  try {
    spellings.push(decodeURIComponent(secret));
  } catch {
    // not percent-encoded
  }
  const before = secrets.size;
  for (const spelling of spellings) if (spelling.length >= 3) secrets.add(spelling);
  if (secrets.size === before) return;
  const words = [...secrets].sort((a, b) => b.length - a.length).map(escape);
  pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
}

/**
 * Takes passwords out of a text, for logs, reports and error messages.
 *
 * Covers `scheme://user:password@host`, the query parameters `password=` and `pass=` of a URL, libpq's `password = ` in a
 * key/value string, and every password that {@link rememberSecret} was given.
 */
export function redact(text: string): string {
  const shapes = text
    // Up to the next parameter or blank: ; and ' may be part of the password. A " ends a quoted URL.
    .replace(
      /\b(password|passwd|pass|sslpassword)\s*=\s*(?:'(?:[^'\\]|\\.)*'(?=\s|$)|(?!\*\*\*)[^\s&"]+)/gi,
      '$1=***',
    )
    // Up to the last @: a password that should have been percent-encoded may contain / ? # @ and more.
    .replace(
      /((?:[a-z][a-z0-9+.-]*:\/\/|\b(?:postgres(?:ql)?|mysql):\/?)[^\s:/?#@"]*):[^\s"<>]*@/gi,
      '$1:***@',
    );
  return pattern ? shapes.replace(pattern, '***') : shapes;
}

/** Does the same for a text that was meant to be a URL: without a scheme, `user:password@host` is one too. */
export function redactUrl(url: string): string {
  return redact(url.replace(/^([^:/@\s]*):(?!\/\/)(?!.*:\/\/)(.+)@/s, '$1:***@'));
}
