// A frame of a hart's stack as the machine has it: registers and memory, before anyone asks for functions and lines.

import { plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { OpenTrap } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import type { Frame as DebugFrame } from '../../symbols/index.ts';
import { sightOf, sightUnder } from '../modules/sight.ts';
import type { Symbols } from '../symbols.ts';

/** What a frame knows of registers; numbers are DWARF's (0 to 31 are x0 to x31, 32 to 63 f0 to f31). */
export interface Registers {
  /** xlen bits, unsigned; undefined where it was not saved. */
  register(number: number): bigint | undefined;
  /** Where the value of this frame is saved in memory; undefined where it is still in its register, or lost. */
  savedAt(number: number): bigint | undefined;
}

export interface MachineFrame extends Registers {
  readonly pc: VirtAddr;
  /** `pc` is behind a call; false where the hart stands and where it was interrupted. */
  readonly called: boolean;
  /** Its function has jumped on and is not on the stack: nothing returns to it. */
  readonly jumpedOn?: boolean;
  /** Guessed from registers, not read from what the compiler or the prologue says. */
  readonly guessed: boolean;
  /** `pc` is no place to return to in this address space: where the stack ends, or crosses into another one. */
  readonly doubtful?: boolean;
  /** This frame was interrupted by the trap, whose handler is the frame before. */
  readonly trap: OpenTrap | undefined;
  /** The symbols as this frame's code sees them. */
  readonly symbols: Symbols;
  /** Memory as this frame's code reaches it; undefined where it cannot be read. */
  read(address: bigint, size: number): Uint8Array | undefined;
}

export const [RA, SP, FP] = [1, 2, 8];

/** Where the hart stands. */
export function innermost(machine: Inspection, hart: HartView, symbols: Symbols): MachineFrame {
  const own = symbols.seenBy(sightOf(machine, () => hart));
  return {
    pc: hart.pc,
    called: false,
    guessed: false,
    trap: undefined,
    symbols: own,
    register: (number) =>
      number < 32 ? unsigned(hart.x(number), machine) : number < 64 ? hart.f(number - 32) : undefined,
    savedAt: () => undefined,
    read: readerOf(machine, hart, undefined),
  };
}

/** What the trap interrupted. */
export function interrupted(
  machine: Inspection,
  hart: HartView,
  trap: OpenTrap,
  symbols: Symbols,
  saved: Registers['savedAt'],
): MachineFrame {
  const { event, registers } = trap;
  const satp = event.from === 3 ? 0n : trap.satp;
  return {
    pc: event.pc,
    called: false,
    guessed: false,
    trap,
    symbols: symbols.seenBy(sightUnder(machine, hart, satp)),
    register: (number) => (number < 32 ? unsigned(registers[number] ?? 0n, machine) : undefined),
    savedAt: saved,
    read: readerOf(machine, hart, satp),
  };
}

/** The address that says where a frame is: of a caller the call, which may be the last instruction of its function. */
export function siteOf({ pc, called }: Pick<MachineFrame, 'pc' | 'called'>): VirtAddr {
  return called ? plus(pc, -1) : pc;
}

export function wordOf(frame: MachineFrame, address: bigint, machine: Inspection): bigint | undefined {
  const bytes = frame.read(unsigned(address, machine), machine.xlen / 8);
  return bytes && littleEndian(bytes);
}

export function unsigned(value: bigint, { xlen }: Inspection): bigint {
  return BigInt.asUintN(xlen, value);
}

/** The frame in the terms of debug information; `caller` is asked for values as they were on entry: how many frames further out. */
export function debugFrame(
  frame: MachineFrame,
  caller: (levels: number) => MachineFrame | undefined,
): DebugFrame | undefined {
  const located = frame.symbols.locate(siteOf(frame));
  if (!located) return undefined;
  const { module } = located;
  const { debug } = module.file;
  // Before paging all of the program is as far from its link addresses as this code is.
  const shift = siteOf(frame) - located.link;
  const known: Omit<DebugFrame, 'cfa'> = {
    pc: plus(located.link, frame.called ? 1 : 0),
    called: frame.called,
    register: (number) => frame.register(number),
    memory: (address, size) => frame.read(address, size),
    addressOf: (link) => plus(link, shift),
    caller: () => {
      const outer = caller(1);
      return outer && debugFrame(outer, (levels) => caller(levels + 1));
    },
  };
  let cfa: { readonly value: bigint | undefined } | undefined;
  return {
    ...known,
    cfa() {
      cfa ??= { value: debug.cfaOf(known) };
      return cfa.value;
    },
  };
}

function readerOf(machine: Inspection, hart: HartView, satp: bigint | undefined): MachineFrame['read'] {
  const { read } = satp === undefined ? sightOf(machine, () => hart, 'load') : sightUnder(machine, hart, satp);
  return (address, size) => {
    const bytes = read(virt(address), size);
    return bytes.length < size ? undefined : bytes;
  };
}
