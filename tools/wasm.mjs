// Assembles the WebAssembly text of packages into TypeScript modules that hold the bytes: `npm run wasm`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

/** Text, and the module that holds its bytes. */
export const modules = [
  {
    text: 'packages/convert/src/list-walk.wat',
    module: 'packages/convert/src/list-walk-wasm.ts',
    name: 'listWalkWasm',
  },
];

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** The module's source. */
export async function assembled({ text, name }) {
  const { parseWat } = await wabt();
  const parsed = parseWat(text, readFileSync(path(text), 'utf8'), { simd: true });
  const { buffer } = parsed.toBinary({});
  return `// Made from ${text.split('/').at(-1)} by \`npm run wasm\`: the module's bytes in base64.\nexport const ${name} =\n  '${Buffer.from(buffer).toString('base64')}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const entry of modules) writeFileSync(path(entry.module), await assembled(entry));
}
