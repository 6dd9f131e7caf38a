// The types that kernels give page-table entries, and what a value of one says: Linux's pgd_t to pte_t and pgprot_t,
// xv6's pte_t and pagetable_t.

import { hex, type PhysAddr, paText } from '../../emulator/address.ts';
import type { PhysicalMemory } from '../../emulator/inspection.ts';
import { entriesOf, type PagingMode, sizeText, spanOf } from '../../emulator/mmu/modes.ts';
import { decodePte, flagsText, type Pte } from '../../emulator/mmu/pte.ts';
import type { Type } from '../../symbols/index.ts';
import { rawEntries } from '../space.ts';

/** The level of the table that an entry of this type stands in, where the mode has as many; else in its root. */
const levels: Readonly<Record<string, number>> = { pte_t: 0, pmd_t: 1, pud_t: 2, p4d_t: 3, pgd_t: 4 };
const names = new Set([...Object.keys(levels), 'pgprot_t', 'pagetable_t', 'phys_addr_t']);

/** The name by which a kernel says what a value is: the first of its typedefs that is known here. */
export function meaningfulName(type: Type): string | undefined {
  for (let bare: Type = type, steps = 0; steps < 20; steps += 1) {
    if (bare.kind === 'typedef' && bare.name !== undefined && names.has(bare.name)) return bare.name;
    if (bare.kind !== 'typedef' && bare.kind !== 'qualified') return undefined;
    bare = bare.target;
  }
  return undefined;
}

/** The level of an entry of a type under a mode; undefined for types of no entry. */
export function levelOf(name: string, mode: PagingMode): number | undefined {
  const level = Object.hasOwn(levels, name) ? levels[name] : undefined;
  return level === undefined ? undefined : Math.min(level, mode.levels - 1);
}

/** `0x20048801 level 2 pointer → pa:0x80122000`, `0x200000cf leaf 4 KiB → pa:0x80000000 DA...WRV (.text)`; `nameOf` says what is there. */
export function entryText(raw: bigint, level: number, mode: PagingMode, nameOf: (pa: PhysAddr) => string): string {
  const pte = decodePte(raw, mode);
  const number = hex(raw);
  if (!pte.valid) return raw === 0n ? '0x0 empty' : `${number} not valid`;
  if (pte.pointer) return `${number} level ${level} pointer → ${paText(pte.target)}`;
  const size = pte.napot && level === 0 ? 0x10000n : spanOf(mode, level);
  const name = nameOf(pte.target);
  return `${number} leaf ${sizeText(size)} → ${paText(pte.target)} ${flagsText(pte)}${typeText(pte)}${name && ` (${name})`}`;
}

/** The flags of a pgprot_t. */
export function protectionText(raw: bigint, mode: PagingMode): string {
  const pte = decodePte(raw, mode);
  return `${hex(raw)} ${flagsText(pte)}${typeText(pte)}`;
}

/** `page table, 3 of 512 entries present`. */
export function tableText(memory: PhysicalMemory, table: PhysAddr, mode: PagingMode): string {
  const present = rawEntries(memory, mode, table).filter((entry) => entry & 1n).length;
  return `page table, ${present} of ${entriesOf(mode)} entries present`;
}

function typeText({ pbmt }: Pte): string {
  return pbmt === 'PMA' ? '' : ` ${pbmt}`;
}
