/** TLS settings, with the meaning that libpq gives to sslmode. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { UsageError } from '@wxyc/step';
import { homeOf } from './home.js';
import type { DatabaseAddress } from './url.js';

/**
 * What a connection to the address uses; false for none. Sockets have none. Certificates that neither URL nor environment
 * names are looked for in `~/.postgresql`, as libpq does.
 *
 * @throws UsageError for a certificate that cannot be read, or is missing though the server's is to be checked.
 */
export function tlsOptions(address: DatabaseAddress, home = homeOf()): ConnectionOptions | false {
  if (address.sslMode === 'disable' || address.host.startsWith('/')) return false;
  const own = (name: string): string | undefined => {
    const file = home === undefined ? undefined : join(home, '.postgresql', name);
    return file !== undefined && existsSync(file) ? file : undefined;
  };
  const system = address.sslRootCertificate === 'system';
  if (system && address.sslMode !== 'verify-full')
    throw new UsageError(
      `sslrootcert=system needs sslmode=verify-full: with ${address.sslMode}, any server with a certificate from any authority would be accepted`,
    );
  const root = system ? undefined : (address.sslRootCertificate ?? own('root.crt'));
  const verifies =
    address.sslMode.startsWith('verify') || (address.sslMode === 'require' && root !== undefined);
  if (verifies && root === undefined && !system) {
    throw new UsageError(
      `sslmode=${address.sslMode} checks the server's certificate, but no authority is given to check it against: give sslrootcert=FILE, sslrootcert=system, or put the authority's certificate into ~/.postgresql/root.crt`,
    );
  }
  const certificate = address.sslCertificate ?? own('postgresql.crt');
  return {
    rejectUnauthorized: verifies,
    // By the host that was asked for, even an IP address, which the driver would compare with "localhost".
    ...(verifies
      ? {
          checkServerIdentity:
            address.sslMode === 'verify-full'
              ? (_: string, found) => checkServerIdentity(address.host, found)
              : () => undefined,
        }
      : {}),
    ...read(root, 'ca'),
    ...read(certificate, 'cert'),
    ...read(
      certificate === undefined ? undefined : (address.sslKey ?? own('postgresql.key')),
      'key',
    ),
  };
}

function read(file: string | undefined, name: string): { [key: string]: Buffer } {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file) };
  } catch (error) {
    throw new UsageError(
      `The certificate file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      { cause: error },
    );
  }
}
