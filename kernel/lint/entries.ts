// What is wrong with the entries of page tables themselves, whatever they map: each table is looked at once.

import { type PhysAddr, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { Inspection } from '../../emulator/inspection.ts';
import { canonical, type PagingMode, spanOf } from '../../emulator/mmu/modes.ts';
import { decodePte, PteBit } from '../../emulator/mmu/pte.ts';
import { type FaultReason, malformation } from '../../emulator/mmu/walk.ts';
import { malformationText } from '../reason-text.ts';
import { type AddressSpace, rawEntries, targetOf } from '../space.ts';
import type { LintRule, RawFinding } from './finding.ts';

export interface Tables {
  /** First bytes of all tables, the root's too. */
  readonly pages: ReadonlySet<PhysAddr>;
  readonly findings: readonly RawFinding[];
}

const LEAF = PteBit.R | PteBit.W | PteBit.X;
const rules: Readonly<Partial<Record<FaultReason, LintRule>>> = {
  'write-without-read': 'write-without-read',
  'reserved-bits': 'reserved-bits',
  'reserved-memory-type': 'reserved-memory-type',
  'reserved-napot': 'reserved-napot',
  'pointer-with-leaf-bits': 'pointer-with-leaf-bits',
  'pointer-at-last-level': 'pointer-at-last-level',
  'misaligned-superpage': 'misaligned-superpage',
};

/** Visits every table of a space. */
export function inspectTables(machine: Inspection, space: AddressSpace): Tables {
  const { mode } = space;
  const pages = new Set<PhysAddr>();
  const seen = new Set<string>();
  const findings: RawFinding[] = [];
  const visit = (table: PhysAddr, level: number, base: bigint): void => {
    const key = `${level}:${table}`;
    if (seen.has(key)) return;
    seen.add(key);
    pages.add(table);
    for (const [index, raw] of rawEntries(machine, mode, table).entries()) {
      if ((raw & PteBit.V) === 0n) continue;
      const va = base + BigInt(index) * spanOf(mode, level);
      const address = plus(table, index * mode.pteSize);
      const pte = decodePte(raw, mode);
      const reason = malformation(pte, level, mode, space);
      const rule = reason && rules[reason];
      if (reason && rule) {
        const what = malformationText(reason, pte, level, mode) ?? reason;
        findings.push(entryFinding(rule, mode, level, va, { address, raw }, what));
      } else if ((raw & LEAF) === 0n) {
        const target = targetOf(raw, mode);
        if (isRam(machine, target)) visit(target, level - 1, va);
        else {
          const what = `points to pa:0x${target.toString(16)}, where no RAM is`;
          findings.push(entryFinding('table-outside-memory', mode, level, va, { address, raw }, what));
        }
      }
    }
  };
  visit(space.root, mode.levels - 1, 0n);
  return { pages, findings };
}

function entryFinding(
  rule: LintRule,
  mode: PagingMode,
  level: number,
  va: bigint,
  pte: { readonly address: PhysAddr; readonly raw: bigint },
  what: string,
): RawFinding {
  const start: VirtAddr = virt(canonical(mode, va));
  return { rule, severity: 'error', va: start, size: spanOf(mode, level), pte, what };
}

function isRam({ regions }: Inspection, pa: PhysAddr): boolean {
  return regions.some(({ kind, base, size }) => kind === 'ram' && pa >= base && pa < base + size);
}
