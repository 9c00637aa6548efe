/** What is blanked in logs and messages. Passwords stay remembered, so each test has its own. */
import { redact, redactUrl, rememberSecret } from '@wxyc/step';

test('a remembered password is blanked wherever it occurs, plain, encoded and decoded', () => {
  rememberSecret('one&only');
  expect(redact('with one&only, or one%26only')).toBe('with ***, or ***');
  rememberSecret('two%2Fthree');
  expect(redact('two%2Fthree is two/three')).toBe('*** is ***');
  rememberSecret('100%sure');
  expect(redact('100%sure is no encoding, 100%25sure is')).toBe('*** is no encoding, *** is');
});

test('only whole words are, so that a short one does not swallow others; the longest first', () => {
  rememberSecret('abc');
  rememberSecret('abc-def');
  expect(redact('abc abcd xabc _abc abc1 (abc) abc-def')).toBe('*** abcd xabc _abc abc1 (***) ***');
  rememberSecret('xy');
  expect(redact('xy')).toBe('xy');
});

test('everyday words, and the other parts of a URL, stay', () => {
  rememberSecret('postgres');
  rememberSecret('station', ['station', 'db']);
  rememberSecret(undefined);
  rememberSecret('');
  expect(redact('postgres at station')).toBe('postgres at station');
});

test.each([
  ['mysql://me:p1@host/db', 'mysql://me:***@host/db'],
  ['postgresql://:p2@host/db', 'postgresql://:***@host/db'],
  ['postgres:me:p3@host', 'postgres:me:***@host'],
  ['postgresql://me:p/4@x@host/db', 'postgresql://me:***@host/db'],
  ['postgresql://host/db?password=p5&user=me', 'postgresql://host/db?password=***&user=me'],
  ['postgresql://host/db?sslpassword=p6', 'postgresql://host/db?sslpassword=***'],
  ["host=h password = 'p 7' dbname=d", 'host=h password=*** dbname=d'],
  ["password='p\\' 8'", 'password=***'],
  ['host=h PASSWD=p9 dbname=d', 'host=h PASSWD=*** dbname=d'],
  ['postgresql://me@host/db', 'postgresql://me@host/db'],
  ['compass=north', 'compass=north'],
])('%s is shown as %s', (text, shown) => {
  expect(redact(text)).toBe(shown);
  expect(redact(shown)).toBe(shown);
});

test('what was meant to be a URL needs no scheme', () => {
  expect(redactUrl('me:p10@host/db')).toBe('me:***@host/db');
  expect(redactUrl('postgresql://me:p11@host/db')).toBe('postgresql://me:***@host/db');
  expect(redactUrl('library.db')).toBe('library.db');
});
