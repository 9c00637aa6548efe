/** TLS as libpq's sslmode means it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import { parseDatabaseUrl } from '@wxyc/postgres';
import { temporaryFolder } from '@wxyc/testing';
import { tlsOptions } from '../dist/tls.js';

const empty = temporaryFolder();
const home = temporaryFolder();
mkdirSync(join(home, '.postgresql'));
for (const name of ['root.crt', 'postgresql.crt', 'postgresql.key'])
  writeFileSync(join(home, '.postgresql', name), name);

const options = (url: string, folder = home): ConnectionOptions =>
  tlsOptions(parseDatabaseUrl(url, {}), folder) as ConnectionOptions;
const certificate = (subjectaltname: string): PeerCertificate =>
  ({ subject: { CN: 'localhost' }, subjectaltname }) as PeerCertificate;

test('verify-full compares an IP address with the addresses of the certificate, not with "localhost"', () => {
  const { checkServerIdentity } = options('postgresql://127.0.0.1/x?sslmode=verify-full');
  expect(checkServerIdentity!('localhost', certificate('IP Address:127.0.0.1'))).toBeUndefined();
  expect(checkServerIdentity!('localhost', certificate('DNS:localhost'))?.message).toMatch(
    /127.0.0.1 is not in the cert/,
  );
});

test('verify-full compares a name with the names of the certificate; verify-ca compares none', () => {
  expect(
    options('postgresql://db.example/x?sslmode=verify-full').checkServerIdentity!(
      '',
      certificate('DNS:db.example'),
    ),
  ).toBeUndefined();
  expect(
    options('postgresql://db.example/x?sslmode=verify-full').checkServerIdentity!(
      '',
      certificate('DNS:other'),
    )?.message,
  ).toMatch(/db.example. is not in the cert/);
  expect(
    options('postgresql://db.example/x?sslmode=verify-ca').checkServerIdentity!(
      '',
      certificate('DNS:other'),
    ),
  ).toBeUndefined();
});

test('certificates in ~/.postgresql are used where nothing else is named', () => {
  expect(options('postgresql://h/x?sslmode=verify-ca')).toMatchObject({
    rejectUnauthorized: true,
    ca: Buffer.from('root.crt'),
    cert: Buffer.from('postgresql.crt'),
    key: Buffer.from('postgresql.key'),
  });
  // With an authority at hand, require is as strict as verify-ca.
  expect(options('postgresql://h/x?sslmode=require').rejectUnauthorized).toBe(true);
  expect(options('postgresql://h/x?sslmode=require', empty).rejectUnauthorized).toBe(false);
});

test('a certificate cannot be checked without an authority', () => {
  expect(() => options('postgresql://h/x?sslmode=verify-full', empty)).toThrow(
    /sslrootcert=FILE, sslrootcert=system, or/,
  );
  expect(options('postgresql://h/x?sslmode=verify-full&sslrootcert=system', empty)).toMatchObject({
    rejectUnauthorized: true,
  });
  expect(() => options('postgresql://h/x?sslmode=require&sslrootcert=system', empty)).toThrow(
    /needs sslmode=verify-full/,
  );
});
