/** What the commands declare about their flags. */
import type { Program } from '@wxyc/cli';

export interface Declared {
  type?: string;
  array?: boolean;
  choices?: readonly string[];
  demandOption?: boolean;
}

/** The flags that a command declares: an object that takes every call of yargs' and remembers those about options. */
export function flagsOf(command: Program['commands'][number]): Record<string, Declared> {
  const flags: Record<string, Declared> = {};
  const recorder: unknown = new Proxy(
    {},
    {
      get:
        (_, method) =>
        (...words: unknown[]): unknown => {
          const [name, declared] = words as [string | Record<string, Declared>, Declared];
          if (method === 'options' || method === 'option')
            Object.assign(flags, typeof name === 'string' ? { [name]: declared } : name);
          if (method === 'demandOption')
            flags[name as string] = { ...flags[name as string], demandOption: true };
          return recorder;
        },
    },
  );
  command.options(recorder as never);
  return flags;
}
