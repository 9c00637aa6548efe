/** What a bin declares: its commands, their options, and the function that each of them runs. */
import type { StepContext, StepResult } from '@wxyc/step';
import type { ArgumentsCamelCase, Argv } from 'yargs';

/** What a command's `run` gets in addition to its arguments. */
export interface CommandContext extends StepContext {
  /** One per process, in every JSON log line: `20260901-031502-9f3c`. */
  runId: string;
  /** Whether results on stdout may be coloured. */
  color: boolean;
}

/** One command of a bin. */
export interface Command<A> {
  /** yargs' command string. `'$0 <input..>'` is the command without a name; an array holds aliases. */
  command: string | readonly string[];
  describe: string;
  options: (y: Argv) => Argv<A>;
  /** Arguments for which `""` means something; any other empty argument is refused, since it is most often an unset variable. */
  mayBeEmpty?: readonly string[];
  /** Does the work. Results it returns are printed as the closing table on stdout. */
  run(
    args: ArgumentsCamelCase<A>,
    context: CommandContext,
  ): Promise<void | StepResult | StepResult[]>;
}

/** A bin. */
export interface Program {
  /** The bin's name: `wxyc-import`. */
  name: string;
  /** One sentence, the first line of `--help`. */
  describe: string;
  /** `import.meta.url` of the package's cli module, which is in `dist/`; it leads to the package's version. */
  packageUrl: string;
  /** Command line and what it does. Two of them fit the help screen. */
  examples: readonly (readonly [string, string])[];
  // The argument types differ from command to command; each was checked where it was defined.
  commands: readonly Command<unknown>[];
}

/**
 * Returns its argument; it is there so that the type of `args` follows from `options`.
 *
 * @example
 * defineCommand({
 *   command: '$0 <input>',
 *   describe: 'Count the rows',
 *   options: (y) => y.positional('input', { type: 'string', demandOption: true }),
 *   run: async ({ input }) => out(`${await countRows(input)}\n`),
 * });
 */
export function defineCommand<A>(command: Command<A>): Command<A> {
  return command;
}
