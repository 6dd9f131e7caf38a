// Programs for tests, built by the GNU bare-metal tools, and what these tools say of them.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const prefix = 'riscv64-unknown-elf-';

/** What a test says when it skips for want of these tools. */
export const needsGcc = 'needs riscv64-unknown-elf-gcc and its binutils: apt-get install gcc-riscv64-unknown-elf';

export const hasGcc = spawnSync(`${prefix}gcc`, ['--version']).status === 0;

/** Output of a GNU tool (`nm`, `readelf`, `addr2line`, …); throws when it fails. */
export function gnu(tool: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(prefix + tool, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

let folders = 0;

/** A folder of its own for what is built; it goes when the process ends. */
export function newFolder(): string {
  const home = path.join(folder, String(folders++));
  mkdirSync(home);
  return home;
}

/**
 * Compiles and links sources (name → text; `.ld` = linker script, `.h` = only there to be included) in a folder of their
 * own; the path of the ELF, which lies beside them.
 */
export function build(sources: Readonly<Record<string, string>>, flags: readonly string[]): string {
  const home = newFolder();
  const elf = path.join(home, 'program.elf');
  const files = Object.entries(sources).flatMap(([name, text]) => {
    const file = path.join(home, name);
    writeFileSync(file, text);
    if (name.endsWith('.h')) return [];
    return [name.endsWith('.ld') ? `-Wl,-T${file}` : file];
  });
  gnu('gcc', ['-nostdlib', '-nostartfiles', ...flags, '-o', elf, ...files]);
  return elf;
}
