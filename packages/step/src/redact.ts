/**
 * Takes passwords out of a text, for logs, reports and error messages.
 *
 * Covers `scheme://user:password@host` and the query parameters `password=` and `pass=` of a URL,
 * and libpq's `password=` in a key/value string.
 */
export function redact(text: string): string {
  return text
    // Up to the last @: a password that should have been percent-encoded may hold any of / ? # @ and more.
    .replace(/((?:[a-z][a-z0-9+.-]*:\/\/|\b(?:postgres(?:ql)?|mysql):\/?)[^\s:/?#@"]*):[^\s"<>]*@/gi, '$1:***@')
    .replace(/\b(password|passwd|pass|sslpassword)=('(?:[^'\\]|\\.)*'|[^\s&;'"]+)/gi, '$1=***');
}
