// What the generators of this folder share: the tables of instructions, CSRs and registers, and the writing of files.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const entry = `
  export { instructions, compressedInstructions } from './emulator/isa/table.ts';
  export { aliases, macros } from './emulator/isa/pseudo.ts';
  export { integerNames, floatNames } from './emulator/isa/registers.ts';
  export { roundingModes } from './emulator/isa/rounding.ts';
  export { csrs } from './emulator/csr/table.ts';
`;

/** The tables as the sources have them now. */
export async function loadTables() {
  const bundle = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'node20',
    write: false,
    logLevel: 'warning',
  });
  return import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString('base64')}`);
}

/**
 * Writes files (`{ 'docs/coverage.md': text }`, from the repository's root); with `--check` on the command line it only
 * compares, and fails where one is stale.
 */
export function writeOrCheck(files) {
  const check = process.argv.includes('--check');
  const script = path.basename(process.argv[1]);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    const held = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    if (held === text) continue;
    if (check) {
      console.error(`${name} is stale: run node scripts/${script}`);
      process.exitCode = 1;
    } else {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}
