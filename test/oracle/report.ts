// A disagreement, in words.

import { virt } from '../../emulator/address.ts';
import { decode } from '../../emulator/isa/decode.ts';
import { disassembleWord } from '../../emulator/isa/disassemble.ts';
import { Dump, type RegisterCase, supervisorNames } from './register-harness.ts';

const hex = (value: bigint | number) => `0x${value.toString(16)}`;

/** The name of a quad of a dump. */
function quadName(index: number): string {
  if (index === Dump.cause) return 'mcause';
  if (index < Dump.f) return `x${index}`;
  if (index < Dump.fcsr) return `f${index - Dump.f}`;
  const names: Record<number, string> = { 64: 'fcsr', 65: 'mstatus', 66: 'mepc', 67: 'mtval' };
  return names[index] ?? supervisorNames[index - Dump.supervisor] ?? `memory+${(index - Dump.window) * 8}`;
}

/** Every quad that differs: ours, then QEMU's. */
export function differences(ours: BigUint64Array, theirs: BigUint64Array): string {
  const lines: string[] = [];
  for (const [index, value] of ours.entries()) {
    if (value !== theirs[index])
      lines.push(`  ${quadName(index)}: ours ${hex(value)}, QEMU's ${hex(theirs[index] ?? 0n)}`);
  }
  return lines.join('\n');
}

/** The instruction with the registers it names. */
export function describe(word: number, { entry, x, f, fcsr }: RegisterCase, xlen: 32 | 64): string {
  const text = disassembleWord(word, { address: virt(BigInt(entry)), xlen });
  const instruction = decode(word, xlen);
  const { rd = 0, rs1 = 0, rs2 = 0 } = instruction?.operands ?? {};
  const used = [...new Set([rs1, rs2, rd, word >>> 27])];
  const registers = used.map((index) => `x${index}=${hex(x[index] ?? 0n)} f${index}=${hex(f[index] ?? 0n)}`).join(' ');
  return `${text} (0x${word.toString(16)}) at ${hex(entry)}, fcsr=${hex(fcsr)}\n  ${registers}`;
}

/** Instructions one after the other, a line each. */
export function listing(words: readonly number[], start: number, xlen: 32 | 64): string {
  let at = start;
  const lines = words.map((word) => {
    const line = `  ${hex(at)} ${disassembleWord(word, { address: virt(BigInt(at)), xlen })}`;
    at += (word & 3) === 3 ? 4 : 2;
    return line;
  });
  return lines.join('\n');
}
