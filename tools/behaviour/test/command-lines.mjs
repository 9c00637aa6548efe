// Runs many command lines in one process: reads [{bin, argv, cwd?}] as JSON, prints [{code, stdout, stderr}]. For command lines
// that are refused when they are read; one that is not would do its work.
import { text } from 'node:stream/consumers';
import { main } from '@wxyc/cli';

const real = {
  out: process.stdout.write.bind(process.stdout),
  err: process.stderr.write.bind(process.stderr),
};
// The frame ends a process that lingers after its work; here the next command follows.
const end = process.exit;
process.exit = () => undefined;
const results = [];
for (const { bin, argv, cwd } of JSON.parse(await text(process.stdin))) {
  const { program } = await import(`@wxyc/${bin.slice('wxyc-'.length)}/cli`);
  if (cwd) process.chdir(cwd);
  const result = { code: 0, stdout: '', stderr: '' };
  process.stdout.write = (chunk) => ((result.stdout += chunk), true);
  process.stderr.write = (chunk) => ((result.stderr += chunk), true);
  try {
    await main(program, argv);
  } finally {
    process.stdout.write = real.out;
    process.stderr.write = real.err;
  }
  result.code = process.exitCode ?? 0;
  process.exitCode = undefined;
  results.push(result);
}
await new Promise((settle) => process.stdout.write(JSON.stringify(results), settle));
end(0);
