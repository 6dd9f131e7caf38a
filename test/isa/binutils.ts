// GNU binutils as the oracle of encodings and text.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const prefix = 'riscv64-unknown-elf-';

/** Why the tools cannot be used, undefined where they can. The text of instructions is that of one version. */
export function missingTools(): string | undefined {
  try {
    const version = execFileSync(`${prefix}objdump`, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
    return version.includes('2.40') ? undefined : `needs ${prefix}objdump 2.40: found ${version}`;
  } catch {
    return `needs ${prefix}objdump 2.40: install binutils-riscv64-unknown-elf`;
  }
}

/** Bytes of instructions one after the other; the two low bits tell the length. */
export function bytesOf(words: readonly number[]): Buffer {
  return Buffer.concat(
    words.map((word) => {
      const bytes = Buffer.alloc((word & 3) === 3 ? 4 : 2);
      if (bytes.length === 4) bytes.writeUInt32LE(word >>> 0);
      else bytes.writeUInt16LE(word & 0xffff);
      return bytes;
    }),
  );
}

export interface Line {
  readonly address: number;
  readonly length: number;
  /** Mnemonic, a space, operands; without comments. */
  readonly text: string;
}

/** What objdump prints of these instructions, placed from address 0 on. */
export function objdump(words: readonly number[], xlen: 32 | 64): Line[] {
  return inFolder((folder) => {
    const file = path.join(folder, 'words.bin');
    writeFileSync(file, bytesOf(words));
    const options = ['-D', '-z', '-b', 'binary', '-m', `riscv:rv${xlen}`, '-M', 'priv-spec=1.12', file];
    const output = execFileSync(`${prefix}objdump`, options, { encoding: 'utf8', maxBuffer: 1 << 28 });
    return output.split('\n').flatMap((line) => {
      const [, address, hex, text] = /^ *([0-9a-f]+):\t([0-9a-f]+) +\t(.*)$/.exec(line) ?? [];
      if (!address || !hex || text === undefined) return [];
      return {
        address: Number.parseInt(address, 16),
        length: hex.length / 2,
        text: text
          .replace(/\s*#.*$/, '')
          .replace('\t', ' ')
          .trim(),
      };
    });
  });
}

/** The machine code that GNU as makes of these lines, one after the other. */
export function assemble(lines: readonly string[], xlen: 32 | 64, compressed: boolean): Buffer {
  return inFolder((folder) => {
    const source = path.join(folder, 'lines.s');
    const object = path.join(folder, 'lines.o');
    const binary = path.join(folder, 'lines.bin');
    writeFileSync(source, `.option ${compressed ? 'rvc' : 'norvc'}\n${lines.join('\n')}\n`);
    const isa = `rv${xlen}gc${compressed ? '' : '_zihintpause'}`;
    const abi = xlen === 64 ? 'lp64d' : 'ilp32d';
    execFileSync(`${prefix}as`, [
      `-march=${isa}`,
      `-mabi=${abi}`,
      '-mpriv-spec=1.12',
      '-mno-relax',
      '-o',
      object,
      source,
    ]);
    execFileSync(`${prefix}objcopy`, ['-O', 'binary', object, binary]);
    return readFileSync(binary);
  });
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'binutils-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
