/** Nx knows each package's targets, and what a change asks for. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runCommand } from '@wxyc/testing';

async function nx(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(`${root}node_modules/.bin/nx`, args, {
    cwd: root,
    env: { NX_DAEMON: 'false' },
  });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

interface Node {
  data: { tags: string[]; targets: Record<string, { cache?: boolean; inputs?: unknown[] }> };
}
interface Graph {
  nodes: Record<string, Node>;
  dependencies: Record<string, { target: string }[]>;
}

let graph: Graph;
beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'nx-')), 'graph.json');
  await nx('graph', '--file', file);
  graph = (JSON.parse(readFileSync(file, 'utf8')) as { graph: Graph }).graph;
});

it('shows the layers: every package has one, and each sees those below it only', () => {
  const order = ['contract', 'library', 'step', 'pipeline', 'tool'];
  const layer = (name: string): number =>
    order.indexOf(graph.nodes[name]!.data.tags.find((tag) => tag.startsWith('layer:'))!.slice(6));
  const wrong = Object.entries(graph.dependencies).flatMap(([name, below]) =>
    below
      .filter(({ target }) => target in graph.nodes)
      .filter(({ target }) => layer(target) > layer(name))
      .map(({ target }) => `${name} -> ${target}`),
  );
  expect(wrong).toEqual([]);
  expect(layer('@wxyc/pipeline')).toBeGreaterThan(layer('@wxyc/import'));
});

it('has build, lint, typecheck and test for every package, and caches them', () => {
  for (const [name, { data }] of Object.entries(graph.nodes)) {
    const wanted = data.tags.includes('npm:public')
      ? ['build', 'lint', 'test', 'typecheck']
      : ['lint', 'test'];
    expect({ name, targets: Object.keys(data.targets) }).toEqual({
      name,
      targets: expect.arrayContaining(wanted) as string[],
    });
    for (const target of ['build', 'lint', 'typecheck'])
      expect({ name, target, cache: data.targets[target]?.cache ?? true }).toEqual({
        name,
        target,
        cache: true,
      });
  }
});

it('keeps tests that need a server apart, and runs them again when the server changes', () => {
  const targets = (name: string): Node['data']['targets'] =>
    graph.nodes[`@wxyc/${name}`]!.data.targets;
  expect(targets('import')['test:pg']!.inputs).toContainEqual({ env: 'DATABASE_URL_TEST' });
  expect(targets('enrich')['test:mysql']!.inputs).toContainEqual({ env: 'MYSQL_URL_TEST' });
  expect(targets('text')).not.toHaveProperty('test:pg');
});

it('runs tests again when other files that they read change', () => {
  const inputs = (name: string, target: string) =>
    graph.nodes[`@wxyc/${name}`]!.data.targets[target]!.inputs;
  const sql = '{workspaceRoot}/{schema,migrations}/**/*';
  expect(inputs('cache', 'test')).toContain(sql);
  expect(inputs('cache', 'test:pg')).toContain(sql);
  expect(inputs('pipeline', 'test')).toContain('{workspaceRoot}/packages/library/test/**/*');
  expect(inputs('pipeline', 'test:pg')).toContain('{workspaceRoot}/packages/convert/test/**/*');
});

describe('a change asks for', () => {
  const affected = async (file: string): Promise<string[]> =>
    JSON.parse(await nx('show', 'projects', '--json', '--affected', '--files', file)) as string[];

  it('the packages above it, and none beside it', async () => {
    const found = await affected('packages/convert/src/convert.ts');
    expect(found).toEqual(expect.arrayContaining(['@wxyc/convert', '@wxyc/pipeline']));
    expect(found).not.toContain('@wxyc/filter');
    expect(found).not.toContain('@wxyc/text');
  });

  it('the tests of the image, if it is one of its files', async () => {
    expect(await affected('docker/compose.yaml')).toContain('@wxyc/image');
  });

  it('the packages whose tests use it without depending on it', async () => {
    expect(await affected('tools/testing/src/bins.ts')).toEqual(
      expect.arrayContaining(['@wxyc/import', '@wxyc/text', '@wxyc/pipeline']),
    );
  });
});
