// The access that a trap refused, as it was made: at its privilege, under its satp, with mstatus as it was then.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { Access, HartView, Inspection, Privilege } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { regimeUnder } from '../../emulator/mmu/regime.ts';
import type { Regime } from '../../emulator/mmu/walk.ts';
import type { Attempt } from './trial.ts';

/** The access that an exception refuses; undefined of exceptions that are no faults of memory. */
export const faultingAccess: Readonly<Record<number, Access>> = {
  1: 'fetch',
  5: 'load',
  7: 'store',
  12: 'fetch',
  13: 'load',
  15: 'store',
};

const bit = { MPRV: 1n << 17n, SUM: 1n << 18n, MXR: 1n << 19n } as const;

/** The privilege at which an access was made before a trap. */
export function privilegeAt({ from, mstatus }: Pick<TrapEvent, 'from' | 'mstatus'>, access: Access): Privilege {
  const modified = access !== 'fetch' && from === 3 && (mstatus & bit.MPRV) !== 0n;
  return modified ? (Number((mstatus >> 11n) & 3n) as Privilege) : from;
}

/** The translation that was in force for the access that trapped. */
export function regimeAt(machine: Inspection, hart: HartView, event: TrapEvent, satp: bigint, access: Access): Regime {
  const { mode, root } = decodeSatp(satp, machine.xlen);
  const privilege = privilegeAt(event, access);
  const regime = regimeUnder(machine, hart, privilege === 3 ? undefined : mode, root, privilege);
  return { ...regime, sum: (event.mstatus & bit.SUM) !== 0n, mxr: (event.mstatus & bit.MXR) !== 0n };
}

/** `size` = bytes of the whole access from `va` on; of one that crosses into the page that refused it, the part there. */
export function attemptOf(
  machine: Inspection,
  hart: HartView,
  event: TrapEvent,
  satp: bigint,
  whole: { readonly va: VirtAddr; readonly size: number },
): Attempt | undefined {
  const access = faultingAccess[event.cause];
  if (event.interrupt || !access) return undefined;
  const va = virt(event.tval);
  const skipped = va > whole.va && va - whole.va < BigInt(whole.size) ? Number(va - whole.va) : 0;
  const size = Math.min(whole.size - skipped, 4096 - Number(va & 0xfffn));
  return { machine, hart, regime: regimeAt(machine, hart, event, satp, access), va, access, size };
}
