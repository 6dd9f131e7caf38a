// What a virtual page means: a leaf without what hardware and software keep for themselves in it.

import { type PhysAddr, paText, phys } from '../../emulator/address.ts';
import { type PagingMode, sizeText } from '../../emulator/mmu/modes.ts';
import { decodePte, type MemoryType, PteBit, permissionsText } from '../../emulator/mmu/pte.ts';
import { malformation } from '../../emulator/mmu/walk.ts';
import type { AddressSpace } from '../space.ts';

export interface Mapping {
  readonly pa: PhysAddr;
  readonly r: boolean;
  readonly w: boolean;
  readonly x: boolean;
  readonly u: boolean;
  readonly memoryType: MemoryType;
}

const LEAF = PteBit.R | PteBit.W | PteBit.X;
/** A, D, G and the bits of software: they change no translation. */
const LOOSE = 0x3e0n;

/** The entry as the walk takes it: 0 where it maps nothing, because it is not valid or malformed. */
export function effective(raw: bigint, level: number, space: AddressSpace): bigint {
  if ((raw & 1n) === 0n) return 0n;
  return malformation(decodePte(raw, space.mode), level, space.mode, space) === undefined ? raw : 0n;
}

export function isPointer(raw: bigint): boolean {
  return (raw & 1n) !== 0n && (raw & LEAF) === 0n;
}

export function isLeaf(raw: bigint): boolean {
  return (raw & 1n) !== 0n && (raw & LEAF) !== 0n;
}

export function isWritableAndExecutable(raw: bigint): boolean {
  return isLeaf(raw) && (raw & (PteBit.W | PteBit.X)) === (PteBit.W | PteBit.X);
}

/** Two leaves (or 0) mean the same if these are equal. A NAPOT leaf stands for the page at its own index. */
export function meaning(raw: bigint, index: number, mode: PagingMode): bigint {
  if (mode.pteSize === 4 || (raw & PteBit.N) === 0n) return raw & ~LOOSE;
  return ((raw & ~(15n << 10n)) | (BigInt(index & 15) << 10n)) & ~(LOOSE | PteBit.N);
}

/** undefined for 0. */
export function mappingOf(raw: bigint, index: number, mode: PagingMode): Mapping | undefined {
  if (raw === 0n) return undefined;
  const pte = decodePte(meaning(raw, index, mode), mode);
  return { pa: phys(pte.target), r: pte.r, w: pte.w, x: pte.x, u: pte.u, memoryType: pte.pbmt };
}

/** `R-X`, `RW- user`, `not mapped`. */
export function rightsText(mapping: Mapping | undefined): string {
  if (!mapping) return 'not mapped';
  const type = mapping.memoryType === 'PMA' ? '' : ` ${mapping.memoryType}`;
  return `${permissionsText(mapping)}${mapping.u ? ' user' : ''}${type}`;
}

/** `R-X → RWX`, `not mapped → R-X pa:0x80200000`, `pa:0x80200000 → pa:0x80400000 R-X`: what is the same is told once. */
export function changeText(before: Mapping | undefined, after: Mapping | undefined): string {
  const rights = [rightsText(before), rightsText(after)] as const;
  if (!before || !after) {
    return `${rights[0]}${before ? ` ${paText(before.pa)}` : ''} → ${rights[1]}${after ? ` ${paText(after.pa)}` : ''}`;
  }
  if (before.pa === after.pa) return `${rights[0]} → ${rights[1]}`;
  const places = `${paText(before.pa)} → ${paText(after.pa)}`;
  return rights[0] === rights[1]
    ? `${places} ${rights[1]}`
    : `${rights[0]} ${paText(before.pa)} → ${rights[1]} ${paText(after.pa)}`;
}

/** `0xffffffff80000000 +2 MiB`. */
export function rangeText(va: bigint, size: bigint): string {
  return `0x${va.toString(16)} +${sizeText(size)}`;
}
