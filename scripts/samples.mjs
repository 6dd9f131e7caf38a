// Builds the sample kernels: make in every folder under samples/ that has a Makefile.
// usage: node scripts/samples.mjs [--check]     --check: builds elsewhere and compares with the committed ELFs, byte by byte
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

/** The ELFs that are in a folder now, relative to the repository. */
export const elfsOf = (folder) => elfsIn(path.join(root, folder)).map((name) => path.join(folder, name));

const elfsIn = (place) => readdirSync(place).filter((name) => name.endsWith('.elf'));

function make(folder) {
  const run = spawnSync('make', ['-s', '-B', '-C', folder], { encoding: 'utf8' });
  if (run.error) throw new Error(`make cannot be run (${run.error.message}): install make and riscv64-unknown-elf-gcc`);
  if (run.status !== 0) throw new Error(`${folder} does not build:\n${run.stderr}`);
}

/** Why the committed ELFs are not what their sources give; undefined = they are. */
export function staleness(folder) {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'samples-'));
  try {
    // All samples, as some share sources.
    const without = (file) => !file.endsWith('.elf') && path.basename(file) !== 'build';
    cpSync(path.join(root, 'samples'), path.join(copy, 'samples'), { recursive: true, filter: without });
    const place = path.join(copy, folder);
    make(place);
    const names = new Set([...elfsIn(place), ...elfsIn(path.join(root, folder))]);
    for (const name of names) {
      const [built, committed] = [path.join(place, name), path.join(root, folder, name)];
      const same = existsSync(built) && existsSync(committed) && readFileSync(committed).equals(readFileSync(built));
      if (!same) return `${path.join(folder, name)} is not what its sources give: run node scripts/samples.mjs`;
    }
    return undefined;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const check = process.argv.includes('--check');
  for (const folder of samples()) {
    if (check) {
      const problem = staleness(folder);
      console.log(problem ?? `${elfsOf(folder).join(', ')}: as the sources give`);
      if (problem) process.exitCode = 1;
    } else {
      make(path.join(root, folder));
      rmSync(path.join(root, folder, 'build'), { recursive: true, force: true });
      console.log(elfsOf(folder).join(', '));
    }
  }
}
