import { isCompilationArtist, pythonStrip } from '@wxyc/text';

test.each([
  'Various',
  'various artists',
  'Various Artist',
  'V/A',
  'v.a.',
  'VA',
  'Soundtrack',
  'Soundtracks',
  'Original Soundtrack',
  'OST',
  'Compilation',
  'Compilations',
])('%s is one', (name) => {
  expect(isCompilationArtist(name)).toBe(true);
  expect(isCompilationArtist(`\u00a0${name.toUpperCase()}\u0085`)).toBe(true);
  expect(isCompilationArtist(`${name} - Rock`)).toBe(true);
  expect(isCompilationArtist(`${name}: Jazz`)).toBe(true);
  expect(isCompilationArtist(`${name} (2)`)).toBe(true);
});

test.each([
  'The Soundtrack of Our Lives',
  'Various Production',
  'Variousness',
  'Soundtrack of My Life',
  'Compilation 3',
  'various_x',
  'Vast',
  'Ostrich',
  'Original Sin',
  '',
  'Various é',
  'The Various',
])('%s is a band', (name) => {
  expect(isCompilationArtist(name)).toBe(false);
});

test('pythonStrip strips what Python strips and nothing else', () => {
  const white =
    '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
  expect(pythonStrip(`${white}a${white}b${white}`)).toBe(`a${white}b`);
  for (const other of ['\ufeff', '\u200b', '\u180e', '\x1b', '\x00'])
    expect(pythonStrip(`${other}a${other}`)).toBe(`${other}a${other}`);
  expect(pythonStrip(white)).toBe('');
});
