/** The repository's Markdown files and their code blocks. */
import { readdirSync, readFileSync } from 'node:fs';
import { root } from '@wxyc/testing';

export interface Block {
  /** Path below the root. */
  file: string;
  language: string;
  code: string;
  /** Text of an HTML comment on the line before. */
  note: string;
}

/** Root, docs, examples, packages and tools. */
export function markdownFiles(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}`);
  const readmes = [...below('packages'), ...below('tools')].flatMap((folder) => {
    try {
      return readdirSync(`${root}${folder}`)
        .filter((name) => name === 'README.md')
        .map((name) => `${folder}/${name}`);
    } catch {
      return [];
    }
  });
  return [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    ...below('docs').filter((name) => name.endsWith('.md')),
    'examples/README.md',
    ...readmes,
  ];
}

export const readText = (file: string): string => readFileSync(`${root}${file}`, 'utf8');

/** The fenced blocks of one file. */
export function blocks(file: string): Block[] {
  const found = readText(file).matchAll(/(?:^<!-- ?(.*?) ?-->\n)?^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, note = '', language = '', code = '']) => ({
    file,
    language,
    code,
    note,
  }));
}
