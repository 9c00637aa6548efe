/**
 * The process behind {@link BinHost}: runs the command lines that its parent sends, one after the other. After each it
 * writes a mark to both streams, so that the parent can tell their outputs apart.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './bins.js';

interface Frame {
  main(program: unknown, argv: readonly string[]): Promise<void>;
}

/** What the host asks for. */
export interface BinCall {
  name: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  mark: string;
}

// The frame would end a process that lingers after its work, and keeps its error handlers until then; here another
// command follows.
process.exit = (() => undefined) as never;
const faults = ['uncaughtException', 'unhandledRejection'] as const;
/** How long a bin's own process may live on after its work: see the frame. */
const lingerMs = 5000;

/** What would keep a process alive, the channel to the parent and its streams apart. */
const held = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => !['PipeWrap', 'TTYWrap', 'WriteWrap', 'Immediate'].includes(name));

async function run({ name, args, cwd, env, mark }: BinCall): Promise<void> {
  process.chdir(cwd);
  for (const variable of Object.keys(process.env)) delete process.env[variable];
  Object.assign(process.env, env);
  process.exitCode = undefined;
  const [{ main }, { program }] = (await Promise.all([
    import(`${root}packages/cli/dist/index.js`),
    import(`${root}packages/${name.replace(/^wxyc-/, '')}/dist/cli.js`),
  ])) as [Frame, { program: unknown }];
  await main(program, args);
  const until = performance.now() + lingerMs;
  while (held().length > 0) {
    if (performance.now() > until)
      throw new Error(`${name} ended but its process would not: ${held().join(', ')}`);
    await pause(5, undefined, { ref: false });
  }
  for (const fault of faults) process.removeAllListeners(fault);
  process.stdout.write(mark);
  process.stderr.write(mark);
  process.send!(process.exitCode ?? 0);
  // If the parent goes away, so does this process; nobody reads its exit code.
  process.exitCode = undefined;
}

process.on('message', (call: BinCall) => {
  run(call).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.abort();
  });
});
