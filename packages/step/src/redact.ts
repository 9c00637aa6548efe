/**
 * Takes passwords out of a text, for logs, reports and error messages.
 *
 * Covers `scheme://user:password@host` and the query parameters `password=` and `pass=` of a URL,
 * and libpq's `password=` in a key/value string.
 */
export function redact(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s/?#]*@/gi, '$1:***@')
    .replace(/\b(password|passwd|pass|sslpassword)=('(?:[^'\\]|\\.)*'|[^\s&;'"]+)/gi, '$1=***');
}
