/** Reads a command line with yargs: strict, with suggestions, and without yargs printing or exiting on its own. */
import { readFileSync } from 'node:fs';
import { UsageError } from '@wxyc/step';
import yargs, { type ArgumentsCamelCase, type Argv } from 'yargs';
import type { Command, Program } from './command.js';
import { layOut, usageText } from './help.js';
import { logLevels } from './logger.js';
import { closest } from './suggest.js';

/** The options that every command has. */
export interface FrameArguments {
  logLevel: (typeof logLevels)[number];
  logFormat: 'pretty' | 'json';
  progress: 'auto' | 'always' | 'never';
}

const frameOptions = <T>(y: Argv<T>) =>
  y.options({
    'log-level': {
      requiresArg: true,
      choices: logLevels,
      default: 'info' as const,
      group: 'Output:',
      describe: 'Lowest level logged to stderr',
    },
    'log-format': {
      requiresArg: true,
      choices: ['pretty', 'json'] as const,
      default: 'pretty' as const,
      group: 'Output:',
      describe: 'Text or JSON lines',
    },
    progress: {
      requiresArg: true,
      choices: ['auto', 'always', 'never'] as const,
      default: 'auto' as const,
      group: 'Output:',
      describe: 'Live progress line',
    },
  });

export type Parsed =
  | { text: string; command?: never; args?: never }
  | { command: Command<unknown>; args: ArgumentsCamelCase<FrameArguments>; text?: never };

/** The version in the package.json beside the `dist` directory of a program's cli module. */
function versionOf(packageUrl: string): string {
  return (
    JSON.parse(readFileSync(new URL('../package.json', packageUrl), 'utf8')) as { version: string }
  ).version;
}

const commandNames = (program: Program): string[] =>
  program.commands
    .flatMap(({ command }) => (typeof command === 'string' ? [command] : command))
    .map((text) => text.split(' ')[0]!)
    .filter((name) => name !== '$0');

/** yargs' messages name every spelling of an unknown word; the first is the one that was typed. */
function sentence(message: string, flags: readonly string[], argv: readonly string[]): string {
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1]?.split(', ')[0];
  if (unknown !== undefined) {
    // Only flags are worth guessing at: any other unknown word is one argument too many.
    const flag = closest(unknown.replace(/^no-/, ''), flags);
    const typedAsFlag = argv.some(
      (word) => word.startsWith(`--${unknown}`) || word === `-${unknown}`,
    );
    if (!typedAsFlag)
      return `Unexpected argument "${unknown}".${flag ? ` Did you mean the option --${flag}?` : ''}`;
    return `Unknown option --${unknown}.${flag ? ` Did you mean --${flag}?` : ''}`;
  }
  const missing = /^Missing required arguments?: (.*)$/s.exec(message)?.[1];
  // yargs looks for what is missing first, but if a required flag is mistyped, it is better to say so.
  const mistyped = missing === undefined ? undefined : unknownFlag(argv, flags);
  if (mistyped !== undefined) return sentence(`Unknown argument: ${mistyped}`, flags, argv);
  if (missing !== undefined)
    return `Missing: ${missing
      .split(', ')
      .map((name) => `--${name}`)
      .join(', ')}.`;
  const positional = /^Not enough non-option arguments: got (\d+), need at least (\d+)$/.exec(
    message,
  );
  if (positional)
    return `${positional[2]} argument${positional[2] === '1' ? ' is' : 's are'} needed, ${positional[1] === '0' ? 'none' : positional[1]} given.`;
  const empty = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (empty !== undefined) return `--${empty.replace(/^-+/, '')} needs a value.`;
  const flat = message
    .replace(/^Invalid values:\s*/, '')
    .replace(/\s+/g, ' ')
    .trim();
  const choice = /^Argument: ([\w-]+), Given: (.*), Choices: (.*)$/.exec(flat);
  if (choice) return `--${choice[1]} takes one of ${choice[3]}, not ${choice[2]}.`;
  return flat;
}

/** yargs loses an argument `-`, so it is given this instead, which no command line can contain. */
const dash = '\0-';

/** Restores `-` wherever it was. */
function withDashes<T extends object>(args: T): T {
  const back = (value: unknown): unknown =>
    value === dash ? '-' : Array.isArray(value) ? value.map(back) : value;
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, back(value)])) as T;
}

function unknownFlag(argv: readonly string[], flags: readonly string[]): string | undefined {
  const names = argv
    .map((word) => /^--([A-Za-z][\w-]*)/.exec(word)?.[1])
    .filter((name) => name !== undefined);
  const plain = (name: string): string =>
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^no-/, '');
  return names.find((name) => !flags.includes(plain(name)));
}

/** What yargs lets through: repeated or negated single values, words where a number belongs, empty values. */
function checkValues(
  args: Record<string, unknown>,
  options: {
    array: string[];
    boolean: string[];
    number: string[];
    string: string[];
    count: string[];
  },
  mayBeEmpty: readonly string[],
): void {
  for (const name of [...options.string, ...options.number, ...options.boolean]) {
    const value = args[name];
    if (value === undefined) continue;
    const flag = `--${name}`;
    if (Array.isArray(value) && !options.array.includes(name))
      throw new UsageError(`${flag} is given ${value.length} times; give it once.`);
    const single = Array.isArray(value) ? value : [value];
    for (const item of single) {
      if (item === false && !options.boolean.includes(name))
        throw new UsageError(`${flag} takes a value and cannot be negated.`);
      if (options.number.includes(name) && !Number.isFinite(item))
        throw new UsageError(`${flag} takes a number.`);
      if (item === '' && !mayBeEmpty.includes(name))
        throw new UsageError(`${flag} is empty; give a value or leave it out.`);
    }
  }
}

/** yargs reads `--resume=maybe` as false. */
function checkBooleans(argv: readonly string[], booleans: readonly string[]): void {
  for (const word of argv) {
    const [, name = '', value] = /^--([\w-]+)=(.*)$/s.exec(word) ?? [];
    if (booleans.includes(name) && value !== 'true' && value !== 'false')
      throw new UsageError(`--${name} takes no value: give --${name} or --no-${name}.`);
  }
}

/**
 * What is no longer visible of a value flag once yargs has applied its default or its `coerce`: that it was empty
 * (`--limit=$UNSET`), negated or repeated.
 */
function checkWords(
  argv: readonly string[],
  valued: readonly string[],
  arrays: readonly string[],
  numbers: readonly string[],
): void {
  const given = new Map<string, number>();
  for (const [at, word] of argv.entries()) {
    const [, typed = '', value] = /^--([A-Za-z][\w-]*)(=.*)?$/s.exec(word) ?? [];
    const name = typed.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const negated = name.replace(/^no-/, '');
    if (negated !== name && valued.includes(negated))
      throw new UsageError(`--${negated} takes a value and cannot be negated.`);
    if (!valued.includes(name)) continue;
    // A number's is 0 by then. A text may be blank, and of some options empty: those are checked with their values.
    const text = value === undefined ? argv[at + 1] : value.slice(1);
    if (value === '=' || (numbers.includes(name) && text?.trim() === ''))
      throw new UsageError(`--${name} is empty; give a value or leave it out.`);
    // yargs takes the default of a list that is given without a value.
    if (arrays.includes(name) && value === undefined && (argv[at + 1] ?? '--').startsWith('--'))
      throw new UsageError(`--${name} needs a value.`);
    given.set(name, (given.get(name) ?? 0) + 1);
  }
  for (const [name, times] of given) {
    if (times > 1 && !arrays.includes(name))
      throw new UsageError(`--${name} is given ${times} times; give it once.`);
  }
}

/** yargs sets aside what follows `--`: it is included here, and anything that would then be a flag is refused. */
function withoutSeparator(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  if (end < 0) return argv;
  const behind = argv.slice(end + 1);
  const flag = behind.find((word) => word.startsWith('-') && word !== '-');
  if (flag !== undefined)
    throw new UsageError(`"${flag}" after -- looks like a flag: give it as ./${flag}.`);
  return [...argv.slice(0, end), ...behind];
}

/**
 * Reads the words of a command line. Returns text to print (help, version), or the command that was called and its arguments.
 *
 * @throws UsageError for anything wrong with the words.
 */
export async function parse(program: Program, given: readonly string[]): Promise<Parsed> {
  const argv = given.includes('--get-yargs-completions') ? given : withoutSeparator(given);
  let called: Command<unknown> | undefined;
  let args: ArgumentsCamelCase<FrameArguments> | undefined;
  let known: string[] = [];
  const words = yargs()
    .scriptName(program.name)
    .locale('en')
    .usage(`${program.describe}\n\n${usageText(program)}`)
    .parserConfiguration({ 'parse-positional-numbers': false, 'duplicate-arguments-array': true })
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .version(versionOf(program.packageUrl))
    .help()
    .alias('help', 'h')
    .completion(
      'completion',
      'Print a completion script for the shell: add it to ~/.bashrc or ~/.zshrc',
    )
    .wrap(null)
    .group(['help', 'version'], 'Output:')
    .fail((message, error) => {
      if (error instanceof UsageError) throw error;
      throw new UsageError(
        `${sentence((message || error?.message || 'The command line cannot be read.').replaceAll(dash, '-'), known, argv)} See ${program.name} --help.`,
        { cause: error },
      );
    });
  for (const example of program.examples) words.example(example[0], example[1]);
  for (const command of program.commands) {
    words.command(
      command.command,
      command.describe,
      (y) => {
        const own = frameOptions(command.options(y));
        const options = (own as unknown as { getOptions(): Record<string, string[]> }).getOptions();
        const positionals = new Set(
          [...String(command.command).matchAll(/[<[]([\w-]+)/g)].map((found) => found[1]!),
        );
        known = Object.keys(options['key'] ?? {}).filter(
          (name) => !positionals.has(name) && name.length > 1 && !/[A-Z]/.test(name),
        );
        own.check((values: Record<string, unknown>) => {
          checkBooleans(argv, options['boolean'] ?? []);
          checkWords(
            argv,
            known.filter((name) => !options['boolean']?.includes(name)),
            options['array'] ?? [],
            options['number'] ?? [],
          );
          // yargs does not list a variadic positional (`<input..>`) among the arrays.
          const variadic = [...String(command.command).matchAll(/[<[]([\w-]+)\.\./g)].map(
            (found) => found[1]!,
          );
          checkValues(
            values,
            {
              ...(options as never as Parameters<typeof checkValues>[1]),
              array: [...(options['array'] ?? []), ...variadic],
            },
            command.mayBeEmpty ?? [],
          );
          return true;
        }, false);
        return own;
      },
      (values) => {
        called = command;
        args = withDashes(values as ArgumentsCamelCase<FrameArguments>);
      },
    );
  }
  if (argv.includes('--get-yargs-completions')) {
    // yargs completes only the options of named commands.
    const unnamed = program.commands.find(({ command }) => String(command).includes('$0'));
    if (unnamed && !commandNames(program).some((name) => argv.includes(name)))
      frameOptions(unnamed.options(words));
  }
  if (argv[0] === 'completion' && argv.length === 1) {
    words.showCompletionScript();
    return { text: '' };
  }
  const named = commandNames(program);
  const first = argv.find((word) => !word.startsWith('-'));
  if (
    first !== undefined &&
    first === argv[0] &&
    /^[a-z-]+$/.test(first) &&
    ![...named, 'completion'].includes(first)
  ) {
    const meant = closest(first, named);
    if (meant)
      throw new UsageError(
        `Unknown command "${first}". Did you mean "${meant}"? See ${program.name} --help.`,
      );
  }
  let text = '';
  await words.parseAsync(
    argv.map((word) => (word === '-' ? dash : word)),
    {},
    (_error, _args, output) => {
      text = output;
    },
  );
  if (called && args) return { command: called, args };
  return { text: text && layOut(text, Math.min(100, process.stdout.columns || 80)) };
}
