/** Where requests go, and by which name they introduce themselves. */
import { readFileSync } from 'node:fs';
import { redact, UsageError } from '@wxyc/step';

/**
 * Checks the address of a server.
 *
 * @param flag the option by which it was given, for the error.
 * @throws UsageError for anything but an http or https URL, and for one with a user name or a password, which `fetch` refuses.
 */
export function baseUrl(text: string, flag = '--base-url'): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(
      `${flag} takes a URL that begins with https:// or http://, not ${redact(text)}.`,
    );
  if (url.username || url.password)
    throw new UsageError(
      `${flag} takes no user name or password: give the address of ${url.host} without them.`,
    );
  return url;
}

/**
 * The User-Agent of a package: servers want to know who asks.
 *
 * @param moduleUrl `import.meta.url` of a module in the package's `dist/`.
 */
export function userAgent(moduleUrl: string): string {
  const { name, version } = JSON.parse(
    readFileSync(new URL('../package.json', moduleUrl), 'utf8'),
  ) as { name: string; version: string };
  return `${name.replace('@', '').replace('/', '-')}/${version} (discogs-cache)`;
}
