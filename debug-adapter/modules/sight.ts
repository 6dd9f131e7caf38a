// What an address means to a hart: the memory that it reaches, in the address space in force or in one that was.

import { type PhysAddr, phys, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { fetched, here, physical, physicalOf, readSpace, type Space } from '../memory/space.ts';

export interface Sight {
  readonly xlen: 32 | 64;
  /** The physical address; undefined where nothing is mapped. */
  translate(address: VirtAddr): PhysAddr | undefined;
  /** Bytes from `address` on; fewer where the mapping ends. */
  read(address: VirtAddr, length: number): Uint8Array;
}

/** Without a machine every address means itself, and nothing can be read. */
export const blind: Sight = { xlen: 64, translate: (address) => phys(address), read: () => new Uint8Array(0) };

/** As the hart fetches now, or as it loads, which MPRV can make another thing. */
export function sightOf(machine: Inspection, hart: () => HartView, access: 'fetch' | 'load' = 'fetch'): Sight {
  return seenIn(machine, hart, () => (access === 'load' ? here : fetched));
}

/** As it was under another value of satp. */
export function sightUnder(machine: Inspection, hart: HartView, satp: bigint): Sight {
  const { mode, root } = decodeSatp(satp, machine.xlen);
  const space: Space = mode ? { kind: 'root', root, mode } : physical;
  return seenIn(
    machine,
    () => hart,
    () => space,
  );
}

function seenIn(machine: Inspection, hart: () => HartView, space: () => Space): Sight {
  return {
    xlen: machine.xlen,
    translate: (address) => physicalOf(machine, hart(), space(), address),
    read: (address, length) => readSpace(machine, hart(), space(), virt(address), length),
  };
}
