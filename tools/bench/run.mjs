// Measures the steps, each beside its yardstick in the same run: `npm run bench`.
//
//   npm run bench                          every bench on 10,000 releases
//   npm run bench -- convert match         only these
//   npm run bench -- --scale 100k          10k (default), 100k, 1m or month (19.4 million) releases
//   npm run bench -- --json FILE           also write the rows as JSON
//   npm run bench -- --data DIR            where inputs are made and kept (default bench-data/)
//
// A bench is a module beside this file; how to write one is in tools/bench/README.md.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeInputs, scales } from './frame/inputs.mjs';
import { machine } from './frame/machine.mjs';
import { measure, measureFunction } from './frame/measure.mjs';
import { printTable } from './frame/table.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(here)
  .filter((name) => name.endsWith('.mjs') && name !== 'run.mjs')
  .map((name) => name.slice(0, -4))
  .sort();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: '10k' },
    json: { type: 'string' },
    data: { type: 'string', default: 'bench-data' },
  },
});
const wrong = positionals.find((name) => !known.includes(name));
if (wrong || !scales[values.scale]) {
  console.error(
    wrong
      ? `No bench ${wrong}; there are ${known.join(', ')}.`
      : `--scale is one of ${Object.keys(scales).join(', ')}.`,
  );
  process.exit(2);
}

const data = resolve(values.data);
mkdirSync(data, { recursive: true });
const inputs = makeInputs(data, values.scale);
console.log(
  `${machine()}\n${scales[values.scale].toLocaleString('en')} releases; command: npm run bench -- ${process.argv.slice(2).join(' ')}`,
);

const all = [];
for (const name of positionals.length ? positionals : known) {
  const bench = await import(new URL(`${name}.mjs`, import.meta.url));
  console.log(`\n== ${name}: ${bench.about}\n`);
  const rows = [];
  const folder = mkdtempSync(join(data, `run-${name}-`));
  // Started by root, an embedded server runs as another user, who needs access.
  chmodSync(folder, 0o755);
  try {
    await bench.default({
      scale: values.scale,
      releases: scales[values.scale],
      inputs,
      folder,
      measure,
      measureFunction,
      row: (row) => rows.push({ bench: name, ...row }),
      note: (text) => console.log(text),
    });
  } catch (error) {
    process.exitCode = 1;
    console.error(`bench ${name} failed: ${error.stack}`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  printTable(rows);
  all.push(...rows);
}
if (values.json)
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine: machine(), scale: values.scale, rows: all }, null, 2)}\n`,
  );
const missed = all.filter(({ target, ok }) => target !== undefined && !ok);
if (missed.length > 0) {
  console.log(
    `\n${missed.length} of ${all.filter(({ target }) => target !== undefined).length} targets missed.`,
  );
  process.exitCode = 5;
}
