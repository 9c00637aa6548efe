/** No password is shown by a call that fails, whatever the URL looks like, at any log level and in any format. */
import { inspect } from 'node:util';
import { connect, openClient, parseDatabaseUrl } from '@wxyc/postgres';
import { enrich } from '@wxyc/enrich';
import { runPipeline } from '@wxyc/pipeline';
import { runBin, type RunResult, runWords, temporaryFolder } from '@wxyc/testing';
import { databaseCalls, makeInputs, type Inputs } from './commands.js';

/** Two marks, so that half a password is found too. */
const marks = /Xq7|SEKRET/;

const forms: [form: string, url: string][] = [
  ['plain', 'postgresql://me:Xq7SEKRET@127.0.0.1:1/none'],
  ['percent-encoded', 'postgresql://me:Xq7%2FSEKRET%40z@127.0.0.1:1/none'],
  ['query parameter', 'postgresql://127.0.0.1:1/none?user=me&password=Xq7SEKRET'],
  [
    'query parameter, percent-encoded',
    'postgresql://127.0.0.1:1/none?user=me&password=Xq7%20%26SEKRET',
  ],
  ['certificate password', 'postgresql://127.0.0.1:1/none?user=me&sslpassword=Xq7SEKRET'],
  ['without a user', 'postgresql://:Xq7SEKRET@127.0.0.1:1/none'],
  ['socket', 'postgresql:///none?host=/nowhere&user=me&password=Xq7SEKRET'],
  ['socket in the host', 'postgresql://me:Xq7SEKRET@%2Fnowhere/none'],
  ['upper case', 'POSTGRESQL://me:Xq7SEKRET@127.0.0.1:1/none'],
  ['wrong port', 'postgresql://me:Xq7SEKRET@127.0.0.1:abc/none'],
  ['wrong scheme', 'postgre://me:Xq7SEKRET@127.0.0.1/none'],
  ['no slashes', 'postgresql:me:Xq7SEKRET@127.0.0.1/none'],
  ['unknown parameter', 'postgresql://me:Xq7SEKRET@h/none?passwort=Xq7SEKRET'],
  ['wrong parameter name', 'postgresql://me@h/none?PASSWORD=Xq7SEKRET'],
  ['/ not encoded', 'postgresql://me:Xq7/SEKRET@127.0.0.1:1/none'],
  ['digits and / not encoded', 'postgresql://me:77/SEKRET@127.0.0.1:1/none'],
  ['? not encoded', 'postgresql://me:Xq7?SEKRET@127.0.0.1:1/none'],
  ['# not encoded', 'postgresql://me:Xq7#SEKRET@127.0.0.1:1/none'],
  ['@ not encoded', 'postgresql://me:Xq7@SEKRET@127.0.0.1:1/none'],
  [': not encoded', 'postgresql://me:Xq7:SEKRET@127.0.0.1:1/none'],
  ['% not encoded', 'postgresql://me:Xq7%SEKRET@127.0.0.1:1/none'],
  ['a blank in it', 'postgresql://me:Xq7 SEKRET@127.0.0.1:1/none'],
  [
    'query parameter with ; and quotes',
    'postgresql://127.0.0.1:1/none?user=me&password=Xq7;a\'SEKRET"z',
  ],
  ['without a scheme', 'me:Xq7SEKRET@127.0.0.1/none'],
  ['key and value, blanks round =', 'host=127.0.0.1 port=1 password = Xq7SEKRET'],
  ['key and value, blanks and quotes', "host=127.0.0.1 password = 'Xq7 \\' SEKRET'"],
  ['key and value', "host=127.0.0.1 port=1 password='Xq7 SEKRET'"],
];

let inputs: Inputs;
let cwd: string;

beforeAll(async () => {
  inputs = await makeInputs(40);
  cwd = temporaryFolder();
}, 60_000);

function silent({ code, stdout, stderr }: RunResult): void {
  expect(code).not.toBe(0);
  expect(`${stdout}${stderr}`).not.toMatch(marks);
}

test.each(forms)(
  '%s',
  async (_, url) => {
    // The deepest level prints errors with their causes; JSON prints every field.
    silent(
      await runBin('wxyc-vacuum', [url, '--log-level', 'debug', '--log-format', 'json'], { cwd }),
    );
    silent(
      await runBin('wxyc-pipeline', ['--csv-dir', inputs.csv, '--log-level', 'debug'], {
        cwd,
        env: { DATABASE_URL: url },
      }),
    );
    silent(
      await runBin(
        'wxyc-pipeline',
        [...runWords(inputs, 'postgresql://127.0.0.1:1/x'), '--target-db-url', url],
        { cwd },
      ),
    );
  },
  60_000,
);

test('every command that takes a database URL', async () => {
  for (const [bin, words] of databaseCalls(inputs)) {
    silent(
      await runBin(bin, [...words(forms[1]![1]), '--log-level', 'debug', '--log-format', 'json'], {
        cwd,
        env: { PGPASSWORD: 'Xq7SEKRET' },
      }),
    );
  }
}, 120_000);

test.each([
  ['plain', 'mysql://me:Xq7SEKRET@127.0.0.1:1/wxyc'],
  ['percent-encoded', 'mysql://me:Xq7%2FSEKRET@127.0.0.1:1/wxyc'],
  ['/ not encoded', 'mysql://me:Xq7/SEKRET@127.0.0.1:1/wxyc'],
  ['# not encoded', 'mysql://me:Xq7#SEKRET@127.0.0.1:1/wxyc'],
  ['? not encoded', 'mysql://me:Xq7?SEKRET@127.0.0.1:1/wxyc'],
  ['no slashes', 'mysql:me:Xq7SEKRET@127.0.0.1/wxyc'],
  ['unknown parameter', 'mysql://me:Xq7SEKRET@127.0.0.1:1/wxyc?pasword=Xq7SEKRET'],
  ['wrong scheme', 'postgresql://me:Xq7SEKRET@127.0.0.1:1/wxyc'],
])(
  'the MySQL catalogue: %s',
  async (_, url) => {
    for (const level of ['info', 'debug']) {
      silent(
        await runBin(
          'wxyc-enrich',
          [
            '--library-db',
            inputs.libraryDb,
            '--output',
            'artists.txt',
            '--wxyc-db-url',
            url,
            '--log-level',
            level,
            '--log-format',
            'json',
          ],
          { cwd },
        ),
      );
    }
  },
  60_000,
);

test('errors of the functions contain none, at any depth', async () => {
  const url = forms[0]![1];
  const errors = await Promise.all(
    [
      () => openClient(url),
      () => connect(url),
      async () => parseDatabaseUrl(forms.find(([form]) => form === '? not encoded')![1]),
      () => runPipeline({ csvDir: inputs.csv, databaseUrl: url, stateFile: `${cwd}/state.json` }),
      () =>
        enrich({
          libraryDb: inputs.libraryDb,
          output: `${cwd}/artists.txt`,
          wxycDbUrl: 'mysql://me:Xq7SEKRET@127.0.0.1:1/wxyc',
        }),
    ].map((call) =>
      call().then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  for (const error of errors) {
    expect(error).toBeInstanceOf(Error);
    expect(
      inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity }),
    ).not.toMatch(marks);
  }
});
