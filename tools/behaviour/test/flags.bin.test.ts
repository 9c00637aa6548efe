/** Every flag of every command, given wrongly: exit 2, one sentence that names it, nothing on stdout. */
import type { Program } from '@wxyc/cli';
import { runBin, temporaryFolder } from '@wxyc/testing';
import { bins } from './commands.js';
import { flagsOf } from './declared-flags.js';

interface Call {
  bin: string;
  argv: string[];
  what: string;
  /** What the sentence must name. */
  names: string;
}

/** Every wrong call of one command's flags. */
function wrongCalls(bin: string, program: Program): Call[] {
  return program.commands.flatMap((command) => {
    const words = [command.command].flat();
    const name = words.find((word) => !word.startsWith('$0'))?.split(' ')[0];
    const positionals = [...(words[0] ?? '').matchAll(/<([\w.]+)>/g)].map(() => '1');
    const flags = flagsOf(command);
    const demanded = Object.keys(flags).filter((flag) => flags[flag]!.demandOption);
    /** Everything required except the flag under test. */
    const before = (flag?: string): string[] => [
      ...(name ? [name] : []),
      ...positionals,
      ...demanded.filter((other) => other !== flag).flatMap((other) => [`--${other}`, 'x']),
    ];
    const calls: Call[] = [
      { bin, argv: [...before(), '--zzyzx'], what: 'unknown', names: 'zzyzx' },
      {
        bin,
        argv: [...before(), '--log-level', 'loud'],
        what: 'no such choice',
        names: 'log-level',
      },
      { bin, argv: [...before(), '--log-format'], what: 'no value', names: 'log-format' },
    ];
    if (positionals.length > 0)
      calls.push({
        bin,
        argv: name ? [name] : [],
        what: 'positionals missing',
        names: 'See wxyc-',
      });
    for (const [flag, { type, array, choices }] of Object.entries(flags)) {
      const add = (what: string, ...argv: string[]): void =>
        void calls.push({ bin, argv: [...before(flag), ...argv], what, names: flag });
      if (type === 'boolean') {
        add('a value for a switch', `--${flag}=maybe`);
        continue;
      }
      add('no value', `--${flag}`);
      add('an empty value', `--${flag}=`);
      add('negated', `--no-${flag}`);
      if (!array) add('given twice', `--${flag}`, '1', `--${flag}`, '1');
      if (type === 'number')
        for (const text of ['many', '-1', '1e999', 'NaN'])
          add(`${text} for a number`, `--${flag}=${text}`);
      if (choices) add('no such choice', `--${flag}`, 'nonsense');
    }
    return calls;
  });
}

test.each(bins)(
  '%s',
  async (bin) => {
    const { program } = (await import(`@wxyc/${bin.slice('wxyc-'.length)}/cli`)) as {
      program: Program;
    };
    const calls = wrongCalls(bin, program);
    expect(calls.length).toBeGreaterThan(3);
    const cwd = temporaryFolder();
    const wrong = [];
    for (const { argv, what, names } of calls) {
      const result = await runBin(bin, argv, { cwd });
      const lines = result.stderr.trim().split('\n');
      const fine =
        result.code === 2 &&
        result.stdout === '' &&
        lines.length === 1 &&
        result.stderr.includes(names) &&
        !result.stderr.includes('    at ');
      if (!fine)
        wrong.push({ what, argv: argv.join(' '), code: result.code, stderr: result.stderr });
    }
    expect(wrong).toEqual([]);
  },
  60_000,
);
