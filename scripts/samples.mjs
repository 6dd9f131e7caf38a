// Builds the sample kernels: every folder under samples/ with a Makefile gives FOLDER/FOLDER.elf.
// usage: node scripts/samples.mjs [--check]     --check: builds elsewhere and compares with the committed ELF, byte by byte
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

/** Folders of the samples, relative to the repository. */
export function samples() {
  const found = [];
  const visit = (folder) => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      if (entry.name === 'Makefile') found.push(folder);
      else if (entry.isDirectory()) visit(path.join(folder, entry.name));
    }
  };
  visit('samples');
  return found.sort();
}

export const elfOf = (folder) => path.join(folder, `${path.basename(folder)}.elf`);

function make(folder) {
  const run = spawnSync('make', ['-s', '-B', '-C', folder], { encoding: 'utf8' });
  if (run.error) throw new Error(`make cannot be run (${run.error.message}): install make and riscv64-unknown-elf-gcc`);
  if (run.status !== 0) throw new Error(`${folder} does not build:\n${run.stderr}`);
}

/** Why the committed ELF is not what its sources give; undefined = it is. */
export function staleness(folder) {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'sample-'));
  try {
    const place = path.join(copy, path.basename(folder));
    cpSync(path.join(root, folder), place, { recursive: true, filter: (file) => !file.endsWith('.elf') });
    make(place);
    const committed = path.join(root, elfOf(folder));
    if (!existsSync(committed)) return `${elfOf(folder)} is missing: run node scripts/samples.mjs`;
    const same = readFileSync(committed).equals(readFileSync(elfOf(place)));
    return same ? undefined : `${elfOf(folder)} is not what its sources give: run node scripts/samples.mjs`;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const check = process.argv.includes('--check');
  for (const folder of samples()) {
    if (check) {
      const problem = staleness(folder);
      console.log(problem ?? `${elfOf(folder)} is what its sources give`);
      if (problem) process.exitCode = 1;
    } else {
      make(path.join(root, folder));
      rmSync(path.join(root, folder, 'build'), { recursive: true, force: true });
      console.log(elfOf(folder));
    }
  }
}
