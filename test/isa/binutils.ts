// GNU binutils as the oracle of encodings and text.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { instructions } from '../../emulator/isa/table.ts';

/** Runs one of the version that the text of instructions is that of. */
type FindTool = (tool: string) => readonly [program: string, ...args: string[]] | undefined;
const { binutils, version } = (await import(path.resolve('scripts/binutils.mjs'))) as {
  binutils: FindTool;
  version: string;
};

/** Why the tools cannot be used, undefined where they can. */
export function missingTools(): string | undefined {
  return binutils('objdump') ? undefined : `needs GNU binutils ${version}: node scripts/tools.mjs --install`;
}

function run(tool: string, args: readonly string[]): string {
  const [program, ...first] = binutils(tool) ?? [tool];
  return execFileSync(program, [...first, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** The ISA string of everything in the table, for GNU as; without `c` it never compresses. */
function march(xlen: 32 | 64, without: RegExp): string {
  const named = instructions.flatMap(({ extension, alsoNeeds = 'I' }) => [extension, alsoNeeds]);
  const long = [...new Set(named)].filter((name) => name.startsWith('Z') || name.startsWith('Sv'));
  const names = ['Zca', 'Zcb', 'Zcd', ...(xlen === 32 ? ['Zcf'] : []), 'Zkr', ...long];
  return [`rv${xlen}g`, ...names.filter((name) => !without.test(name)).map((name) => name.toLowerCase())].join('_');
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

function assembleIn(folder: string, lines: readonly string[], xlen: 32 | 64, isa: string): string {
  const source = path.join(folder, 'lines.s');
  const object = path.join(folder, 'lines.o');
  writeFileSync(source, `${lines.join('\n')}\n`);
  const abi = xlen === 64 ? 'lp64d' : 'ilp32d';
  run('as', [`-march=${isa}`, `-mabi=${abi}`, '-mpriv-spec=1.12', '-mno-relax', '-o', object, source]);
  return object;
}

/** What objdump prints of these instructions, placed from address 0 on. */
export function objdump(words: readonly number[], xlen: 32 | 64): Line[] {
  const lines = words.map((word) => `.insn ${(word & 3) === 3 ? 4 : 2}, ${word >>> 0}`);
  return inFolder((folder) => {
    const object = assembleIn(folder, lines, xlen, march(xlen, /^$/));
    const output = run('objdump', ['-d', '-z', '-M', 'priv-spec=1.12', object]);
    return output.split('\n').flatMap((line) => {
      const [, address, hex, text] = /^ *([0-9a-f]+):\t([0-9a-f]+) +\t(.*)$/.exec(line) ?? [];
      if (!address || !hex || text === undefined) return [];
      return {
        address: Number.parseInt(address, 16),
        length: hex.length / 2,
        text: text
          .replace(/\s*#.*$/, '')
          .replace(/([0-9a-f]+) <\.text.*>$/, '0x$1')
          .replace('\t', ' ')
          .trim(),
      };
    });
  });
}

/** The machine code that GNU as makes of these lines, one after the other. */
export function assemble(lines: readonly string[], xlen: 32 | 64, compressed: boolean): Buffer {
  return inFolder((folder) => {
    const binary = path.join(folder, 'lines.bin');
    const object = assembleIn(folder, lines, xlen, march(xlen, compressed ? /^$/ : /^Zc[abdf]$/));
    run('objcopy', ['-O', 'binary', object, binary]);
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
