import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '@wxyc/testing';
import { markdownFiles, readText } from './markdown.ts';

/** As the usual hosts turn headings into anchors. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
const anchors = (file: string): string[] =>
  [
    ...readText(file)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#+\s+(.*)$/gm),
  ].map(([, heading]) => anchorOf(heading!));

describe.each(markdownFiles())('%s', (file) => {
  test('links only to what exists', () => {
    const text = readText(file)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .replace(/`[^`\n]*`/g, '');
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const to = path === '' ? file : relative(root, join(root, dirname(file), path));
        if (!existsSync(join(root, to))) return true;
        return (
          anchor !== undefined &&
          !(statSync(join(root, to)).isFile() && anchors(to).includes(anchor))
        );
      });
    expect(broken).toEqual([]);
  });
});
