/** A clock that is set back while a run is at work, as on a machine that finds a time server late: nothing waits for it to catch up. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runBin, runWords, succeeded, temporaryFolder } from '@wxyc/testing';
import { makeInputs } from './commands.js';

const env = {
  NODE_OPTIONS: `--import=${new URL('clock-set-back.mjs', `file://${root}tools/behaviour/test/`).href}`,
};

test('a run, its embedded server, its report and the next run', async () => {
  const inputs = await makeInputs();
  const cwd = temporaryFolder();
  const words = [...runWords(inputs, 'embedded:cache'), '--report', 'run.json'];
  for (const more of [[], ['--resume'], []])
    succeeded(await runBin('wxyc-pipeline', [...words, ...more], { cwd, env }));
  const report = JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as {
    seconds: number;
    steps: { step: string; seconds: number }[];
  };
  for (const { step, seconds } of [...report.steps, { step: 'total', seconds: report.seconds }])
    expect({ step, positive: seconds >= 0 }).toEqual({ step, positive: true });
}, 60_000);
