import { parseDatabaseUrl, redactUrl, withDatabaseName } from '@wxyc/postgres';

const parse = (url: string, env: NodeJS.ProcessEnv = {}) => parseDatabaseUrl(url, env);

describe('parseDatabaseUrl', () => {
  it('reads all parts and decodes them', () => {
    expect(
      parse('postgresql://dj%40wxyc:p%40ss%2Fw%25rd@db.example:6543/my%20cache?sslmode=require'),
    ).toMatchObject({
      user: 'dj@wxyc',
      password: 'p@ss/w%rd',
      host: 'db.example',
      port: 6543,
      database: 'my cache',
      sslMode: 'require',
    });
  });

  it('trap 24: ?sslmode=require is not part of the database name', () => {
    expect(parse('postgres://localhost/discogs?sslmode=require').database).toBe('discogs');
    expect(withDatabaseName('postgresql://u@h:1/old?sslmode=require&dbname=x', 'a"b c')).toBe(
      'postgresql://u@h:1/a%22b%20c?sslmode=require',
    );
  });

  it('knows sockets in all three spellings', () => {
    expect(parse('postgresql:///discogs')).toMatchObject({
      host: '/var/run/postgresql',
      database: 'discogs',
      port: 5432,
    });
    expect(parse('postgresql://%2Ftmp%2Fpg/discogs')).toMatchObject({ host: '/tmp/pg' });
    expect(parse('postgresql:///discogs?host=/tmp/pg&port=5444')).toMatchObject({
      host: '/tmp/pg',
      port: 5444,
    });
  });

  it('takes what the URL leaves out from the environment, as libpq does', () => {
    const env = { PGHOST: 'h', PGPORT: '77', PGUSER: 'u', PGPASSWORD: 'w', PGSSLMODE: 'disable' };
    expect(parse('postgresql://', env)).toMatchObject({
      host: 'h',
      port: 77,
      user: 'u',
      password: 'w',
      database: 'u',
      sslMode: 'disable',
    });
    expect(parse('postgresql://x:y@z:1/d', env)).toMatchObject({
      host: 'z',
      port: 1,
      user: 'x',
      password: 'y',
      database: 'd',
    });
  });

  it('reads IPv6 addresses and a password with an @', () => {
    expect(parse('postgresql://u:a@b@[::1]:5433/d')).toMatchObject({
      host: '::1',
      port: 5433,
      password: 'a@b',
    });
  });

  it.each([
    ['mysql://localhost/x', /must look like/],
    ['embedded:./cache', /withDatabase\(url, context.*of @wxyc\/postgres/],
    ['discogs', /must look like/],
    ['postgresql://a,b/x', /several hosts/],
    ['postgresql:///x?host=a,b', /several hosts/],
    ['postgresql://h/x?port=5432,5433', /several hosts/],
    ['postgresql://h/x?channel_binding=require', /channel_binding=require is not supported/],
    ['postgresql://h/x?passfile=/p', /passfile=\/p is not supported: name the file in PGPASSFILE/],
    ['postgresql://h/x?service=s', /service=s is not supported/],
    ['postgresql://h/x?target_session_attrs=standby', /a cache is built on a primary/],
    ['postgresql://h/x?sslnegotiation=direct', /sslnegotiation=direct is not supported/],
    ['postgresql://h:70000/x', /not a port/],
    ['postgresql://h/x?sslmod=require', /"sslmod" is unknown/],
    ['postgresql://h/x?sslmode=requir', /sslmode=requir/],
    ['postgresql://u:a%zz@h/x', /%25/],
  ])('refuses %s', (url, message) => {
    expect(() => parse(url)).toThrow(message);
  });

  it.each([
    ['PGSERVICE', 'production'],
    ['PGHOSTADDR', '10.0.0.1'],
    ['PGCHANNELBINDING', 'require'],
    ['PGGSSENCMODE', 'require'],
    ['PGREQUIREAUTH', 'scram-sha-256'],
    ['PGHOST', 'a,b'],
  ])('%s in the environment is not ignored', (variable, value) => {
    expect(() => parse('postgresql:///x', { [variable]: value })).toThrow(
      variable === 'PGHOST' ? /several hosts/ : new RegExp(`${variable}=${value} is not supported`),
    );
  });

  it('accepts such settings if their value asks for nothing', () => {
    expect(
      parse(
        'postgresql://h/x?channel_binding=prefer&target_session_attrs=read-write&gssencmode=prefer',
      ),
    ).toMatchObject({ host: 'h' });
  });

  it('trap 27: a refusal never shows the password', () => {
    expect(() => parse('postgresql://u:s3cret@h:99999999/x?password=s3cret')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('s3cret') }),
    );
    expect(redactUrl('postgresql://u:s3cret@h/x?password=s3cret&sslmode=require')).not.toContain(
      's3cret',
    );
  });
});
