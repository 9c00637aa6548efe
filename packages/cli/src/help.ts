/** Sets the help text that yargs gathers: sections in reading order, no more room per option than it needs. */
import type { Program } from './command.js';

/** Words for a command line, `$0` being the bin's own name. */
const usageOf = (program: Program, command: string): string =>
  `${program.name} ${command.replace(/^\$0\s*/, '')}`.trimEnd();

/** Breaks a text at spaces into lines of at most `width`; every line but the first is indented. */
function wrap(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** The usage lines of all commands, each with what it does. */
export function usageText(program: Program): string {
  const lines = program.commands.map((command) => {
    const words = typeof command.command === 'string' ? [command.command] : command.command;
    // An alias of `$0` only says that the word may be left out.
    const named = words.find((word) => !word.startsWith('$0')) ?? words[0]!;
    return `${usageOf(program, named)}\n      ${command.describe}${words.length > 1 ? ' (the default)' : ''}`;
  });
  return `Usage:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** One option's line: type tags are dropped (the text says it), choices and defaults are shortened. */
function optionLine(flags: string, words: string, indent: number, width: number): string {
  const text = words
    .replace(/\s*\[(?:string|boolean|number|array|count)\]/g, '')
    .replace(
      /\s*\[choices: ([^\]]*)\]/,
      (_, list: string) => ` (${list.replaceAll('"', '').replaceAll(', ', '|')})`,
    )
    .replace(/\[default: \["([^"\]]*)"\]\]/, '[default: $1]')
    .replace(/\s*\[default: "?([^\]]*?)"?\]/, (_, value: string) =>
      value === 'false' ? '' : ` [default:\u00a0${value}]`,
    )
    .replace(/\s*\[required\]/, '')
    .trim();
  return `${`  ${flags}`.padEnd(indent - 2)}  ${wrap(text, indent, width - indent)}`
    .replaceAll('\u00a0', ' ')
    .trimEnd();
}

/**
 * Lays out a help text that yargs made with `wrap(null)`.
 *
 * @param width columns of the terminal.
 */
export function layOut(help: string, width: number): string {
  const sections = help
    .trim()
    .split(/\n\n+/)
    .filter((section) => !section.startsWith('Commands:'));
  const rank = (section: string): number =>
    /^(?:Positionals|Arguments):/.test(section)
      ? 1
      : section.startsWith('Output:')
        ? 8
        : section.startsWith('Examples:')
          ? 9
          : /^\S[^\n]*:\n/.test(section) && !section.startsWith('Usage:')
            ? 2
            : 0;
  const ranked = sections
    .map((section, i) => ({ section, order: rank(section) * 100 + i }))
    .sort((a, b) => a.order - b.order);
  // The text mentions further long names.
  const options = /^ {2,}((?:-\w, )?-{1,2}[\w-]+|[\w-]+)(?:, --[\w-]+)* {2,}(.*)$/;
  let indent = 0;
  for (const { section, order } of ranked) {
    if (order < 100 || order >= 900) continue;
    for (const line of section.split('\n').slice(1))
      indent = Math.max(indent, (options.exec(line)?.[1]?.length ?? 0) + 4);
  }
  const text = ranked.map(({ section, order }) => {
    if (order < 100 || order >= 900) return section;
    const [title = '', ...lines] = section.split('\n');
    const set = lines.map((line) => {
      const found = options.exec(line);
      return found ? optionLine(found[1]!, found[2]!, indent, width) : line;
    });
    return [title.replace('Positionals:', 'Arguments:'), ...set].join('\n');
  });
  return text.join('\n\n') + '\n';
}
