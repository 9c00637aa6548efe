/** The layers hold only as long as lint sees a breach: each rule is shown one. */
import { ESLint } from 'eslint';
import { root, runCommand } from '@wxyc/testing';

process.env['NX_DAEMON'] = 'false';
// If CI is set, the parser reads the files on disk instead of the text that it is given.
process.env['TSESTREE_SINGLE_RUN'] = 'false';
const eslint = new ESLint({ cwd: root });

async function messages(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: `${root}${file}` });
  return result!.messages.map((message) => message.message);
}

// The rule about layers reads the project graph that Nx has cached, and without one it lets everything pass.
beforeAll(async () => {
  const { code, stderr } = await runCommand(`${root}node_modules/.bin/nx`, ['show', 'projects'], {
    env: { NX_DAEMON: 'false' },
  });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});

describe('the lint refuses', () => {
  it.each([
    [
      'a step that imports a step',
      'packages/convert/src/index.ts',
      "export * from '@wxyc/filter';",
      'layer:step',
    ],
    [
      'a step that reaches into a step by path',
      'packages/convert/src/index.ts',
      "export * from '../../filter/src/index.js';",
      'relative',
    ],
    [
      'a step that imports the pipeline',
      'packages/verify/src/index.ts',
      "export * from '@wxyc/pipeline';",
      'Circular',
    ],
    [
      'a contract that imports a library',
      'packages/text/src/index.ts',
      "export * from '@wxyc/csv';",
      'layer:contract',
    ],
    [
      'a library that imports a step',
      'packages/csv/src/index.ts',
      "export * from '@wxyc/vacuum';",
      'layer:library',
    ],
    [
      'a package that imports test support',
      'packages/pipeline/src/index.ts',
      "export * from '@wxyc/testing';",
      'layer:pipeline',
    ],
    [
      'yargs outside the command frame',
      'packages/convert/src/index.ts',
      "export * from 'yargs';",
      'Only @wxyc/cli imports yargs',
    ],
    [
      'pino outside the command frame',
      'packages/pipeline/src/index.ts',
      "export * from 'pino';",
      'Only @wxyc/cli imports pino',
    ],
    [
      'pg outside its wrapper',
      'packages/dedup/src/index.ts',
      "export * from 'pg';",
      'Only @wxyc/postgres imports pg',
    ],
    ['an exit in the middle', 'packages/import/src/index.ts', 'process.exit(1);', 'command frame'],
    [
      'a promise nobody waits for',
      'packages/import/src/index.ts',
      'export const f = () => { Promise.resolve(1); };',
      'awaited',
    ],
    [
      'a promise where a condition is meant, in a test as well',
      'packages/import/test/csv-folder.ts',
      'export const f = async () => 1; if (f()) f;',
      'Expected non-Promise',
    ],
    [
      'a switch that forgets a case',
      'packages/import/src/index.ts',
      "export const f = (a: 'b' | 'c') => { switch (a) { case 'b': return 1; default: return 2; } };",
      'not exhaustive',
    ],
    ['any', 'packages/import/src/index.ts', 'export let a: any;', 'Unexpected any'],
  ])('%s', async (_what, file, code, expected) => {
    expect(await messages(file, code)).toEqual(
      expect.arrayContaining([expect.stringContaining(expected)]),
    );
  });

  it('nothing of what the layers allow', async () => {
    expect(
      await messages(
        'packages/pipeline/src/index.ts',
        "export * as convert from '@wxyc/convert';\nexport * as step from '@wxyc/step';\n",
      ),
    ).toEqual([]);
    expect(
      await messages('packages/cli/src/index.ts', "export { default as yargs } from 'yargs';\n"),
    ).toEqual([]);
  });
});
