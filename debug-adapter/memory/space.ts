// Memory as a debugger sees it: an address in one of three spaces, read and written without asking for permission.

import { hex, type PhysAddr, paText, phys, plus, virt } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import type { PagingMode } from '../../emulator/mmu/modes.ts';
import { littleEndian, regimeOf, regimeUnder } from '../../emulator/mmu/regime.ts';
import { type Regime, type Walk, type WalkMemory, walk } from '../../emulator/mmu/walk.ts';

/** Which memory an address is in. `here` follows what is in force for the hart: of data, or of instruction fetches
 * (the two differ only under mstatus.MPRV). */
export type Space =
  | { readonly kind: 'here'; readonly access: 'load' | 'fetch' }
  | { readonly kind: 'physical' }
  | { readonly kind: 'root'; readonly root: PhysAddr; readonly mode: PagingMode };

export const here: Space = { kind: 'here', access: 'load' };
export const fetched: Space = { kind: 'here', access: 'fetch' };
export const physical: Space = { kind: 'physical' };

const PAGE = 4096n;

/** Permissions, A and D ignored: as S-mode with SUM and MXR set, on hardware that sets A and D. */
function permissive(regime: Regime): Regime {
  return { ...regime, privilege: 1, sum: true, mxr: true, hardwareAD: true };
}

/** Physical memory with PMP ignored. */
function unguarded(machine: Inspection): WalkMemory {
  return {
    readPte(address, size) {
      const bytes = machine.readPhysical(address, size);
      return bytes.length < size ? { by: 'PMA', text: 'nothing at this address' } : littleEndian(bytes);
    },
    refusal: () => undefined,
  };
}

/** The regime in force in `space`. */
export function regimeIn(machine: Inspection, hart: HartView, space: Space): Regime {
  if (space.kind === 'physical') return regimeUnder(machine, hart, undefined, phys(0n), 1);
  if (space.kind === 'root') return regimeUnder(machine, hart, space.mode, space.root, 1);
  return regimeOf(machine, hart, space.access);
}

/** The translation that reads and writes of the debugger use. */
export function translate(machine: Inspection, hart: HartView, space: Space, address: bigint): Walk {
  const va = virt(machine.xlen === 32 ? BigInt.asUintN(32, address) : address);
  return walk(unguarded(machine), permissive(regimeIn(machine, hart, space)), va, 'load');
}

/** The physical address; undefined where nothing is mapped. */
export function physicalOf(machine: Inspection, hart: HartView, space: Space, address: bigint): PhysAddr | undefined {
  if (space.kind === 'physical') return phys(address);
  const result = translate(machine, hart, space, address);
  return result.ok ? result.pa : undefined;
}

/** The pieces of a range that lie within one page each: offset in the range, physical address (if mapped), length. */
export function* pieces(
  machine: Inspection,
  hart: HartView,
  space: Space,
  address: bigint,
  length: number,
): Generator<{ readonly offset: number; readonly pa: PhysAddr | undefined; readonly length: number }> {
  for (let offset = 0; offset < length; ) {
    const start = plus(virt(address), offset);
    const room = Number(PAGE - (start & (PAGE - 1n)));
    const piece = Math.min(room, length - offset);
    yield { offset, pa: physicalOf(machine, hart, space, start), length: piece };
    offset += piece;
  }
}

/** Bytes from `address` on; shorter where the memory ends or is not mapped. */
export function readSpace(
  machine: Inspection,
  hart: HartView,
  space: Space,
  address: bigint,
  length: number,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const piece of pieces(machine, hart, space, address, length)) {
    if (piece.pa === undefined) break;
    const bytes = machine.readPhysical(piece.pa, piece.length);
    parts.push(bytes);
    if (bytes.length < piece.length) break;
  }
  return join(parts);
}

/** Writes as far as memory is mapped; returns the number of bytes written. */
export function writeSpace(
  machine: MachineControl,
  hart: HartView,
  space: Space,
  address: bigint,
  bytes: Uint8Array,
): number {
  for (const piece of pieces(machine, hart, space, address, bytes.length)) {
    if (piece.pa === undefined) return piece.offset;
    const written = machine.writePhysical(piece.pa, bytes.subarray(piece.offset, piece.offset + piece.length));
    if (written < piece.length) return piece.offset + written;
  }
  return bytes.length;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The address as a memory reference: `pa:0x80200000`, `va:0xffffffff80000000`, `va:0x1000@0x80210000:sv39`. */
export function referenceTo(space: Space, address: bigint): string {
  if (space.kind === 'physical') return paText(phys(address));
  if (space.kind === 'here') return `va:${hex(address)}`;
  return `va:${hex(address)}@${hex(space.root)}:${space.mode.name.toLowerCase()}`;
}

/** The address as people write it: `pa:0x80200000`, `0xffffffff80000000`, `va:0x0@0x80210000:sv39`. */
export function addressText(space: Space, address: bigint): string {
  return space.kind === 'here' ? hex(address) : referenceTo(space, address);
}
