// The instruction that trapped, read as the hart fetched it.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { decode, lengthOf } from '../../emulator/isa/decode.ts';
import { disassembleWord } from '../../emulator/isa/disassemble.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { littleEndian, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type Regime, walk } from '../../emulator/mmu/walk.ts';
import { regimeAt } from './attempt.ts';

export interface TrappedInstruction {
  /** Its bits; undefined where it could not be fetched. */
  readonly word: number | undefined;
  /** undefined also where the bits are no instruction. */
  readonly instruction: Instruction | undefined;
  /** `sd a0,0(a1)`; empty where it could not be fetched. */
  readonly text: string;
}

/** What stood at the trap's pc. `symbol` names addresses that it leads to. */
export function trappedInstruction(
  machine: Inspection,
  hart: HartView,
  event: TrapEvent,
  satp: bigint,
  symbol: (va: VirtAddr) => string | undefined,
): TrappedInstruction {
  const regime = regimeAt(machine, hart, event, satp, 'fetch');
  return instructionAt(machine, hart, regime, event.pc, symbol);
}

/** The instruction that `regime` fetches at `pc`. */
export function instructionAt(
  machine: Inspection,
  hart: HartView,
  regime: Regime,
  pc: VirtAddr,
  symbol: (va: VirtAddr) => string | undefined,
): TrappedInstruction {
  const half = (va: VirtAddr): number | undefined => {
    const walked = walk(walkMemoryOf(machine, hart.id), regime, va, 'fetch', 2);
    const bytes = walked.ok ? machine.readPhysical(walked.pa, 2) : undefined;
    return bytes?.length === 2 ? Number(littleEndian(bytes)) : undefined;
  };
  const first = half(pc);
  const second = first !== undefined && lengthOf(first) === 4 ? half(virt(BigInt.asUintN(64, pc + 2n))) : 0;
  if (first === undefined || second === undefined) return { word: undefined, instruction: undefined, text: '' };
  const word = (first | (second << 16)) >>> 0;
  const place = { address: pc, xlen: machine.xlen, symbol };
  return { word, instruction: decode(word, machine.xlen), text: disassembleWord(word, place) };
}

const sizes: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8, q: 16 };

/** Bytes of an instruction's memory access; of one without, the bytes that are fetched at once. */
export function accessSize(instruction: Instruction | undefined): number {
  const mnemonic = instruction?.row.mnemonic ?? '';
  const format = instruction?.row.format ?? '';
  if (mnemonic === 'cbo.zero') return 64;
  if (format === 'load' || format === 'S') return sizes[mnemonic.charAt(1)] ?? 4;
  if (format === 'fp-load' || format === 'fp-store') return sizes[mnemonic.slice(-1)] ?? 4;
  if (format === 'amo' || format === 'lr') return sizes[mnemonic.split('.').at(-1)?.charAt(0) ?? ''] ?? 4;
  if (format === 'amo-pair') return mnemonic.includes('.q') ? 16 : 8;
  return 2;
}
