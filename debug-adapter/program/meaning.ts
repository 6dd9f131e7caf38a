// What values of a kernel's own types mean: page-table entries taken apart, physical addresses as such.

import { type PhysAddr, phys } from '../../emulator/address.ts';
import { decodeSatp, modeNamed, type PagingMode, Sv32, Sv39 } from '../../emulator/mmu/modes.ts';
import { entryText, levelOf, meaningfulName, protectionText, tableText } from '../../kernel/linux/page-table-types.ts';
import type { Scope, Value } from '../expressions/index.ts';
import { addressText, here, physical, physicalOf } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';

const SATP = 0x180;

export function meaningOf(session: SessionContext, { type, bits, space }: Value, scope: Scope): string | undefined {
  const name = meaningfulName(type);
  if (!name) return undefined;
  const { machine, hart } = scope;
  const named = (pa: PhysAddr) => physicalName(session, pa);
  if (name === 'phys_addr_t') {
    const known = machine.regions.some(({ base, size }) => bits >= base && bits < base + size);
    if (!known) return undefined;
    const what = named(phys(bits));
    return `${addressText(physical, bits)}${what && ` (${what})`}`;
  }
  const mode = pagingModeOf(scope);
  if (name === 'pagetable_t') {
    const pa = physicalOf(machine, hart, space ?? here, bits);
    return pa === undefined ? undefined : `${addressText(space ?? here, bits)} ${tableText(machine, pa, mode)}`;
  }
  if (name === 'pgprot_t') return protectionText(bits, mode);
  const level = levelOf(name, mode);
  return level === undefined ? undefined : entryText(bits, level, mode, named);
}

/** The mode in force, before paging the one of the machine's width that kernels begin with. */
export function pagingModeOf({ machine, hart }: Scope): PagingMode {
  const { mode } = decodeSatp(hart.csr(SATP) ?? 0n, machine.xlen);
  if (mode) return mode;
  return machine.xlen === 32 ? Sv32 : (modeNamed('sv39') ?? Sv39);
}

/** `.text`, `swapper_pg_dir`, `ns16550a`, `RAM`. */
function physicalName({ symbols, machine }: SessionContext, pa: PhysAddr): string {
  const symbol = symbols.nameOfPhysical(pa);
  if (symbol) return symbol;
  const region = machine.regions.find(({ base, size }) => pa >= base && pa < base + size);
  return region?.name ?? '';
}
