// Whether a hart could execute at an address, and what the user is told where it could not.

import { hex, type VirtAddr } from '../../emulator/address.ts';
import { type HartView, Privilege } from '../../emulator/inspection.ts';
import { regimeOf, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import type { SessionContext } from '../session-context.ts';

/** Whether the hart could fetch there now. */
export function isExecutable({ machine }: SessionContext, hart: HartView, address: VirtAddr): boolean {
  const fetch = walk(walkMemoryOf(machine), regimeOf(machine, hart, 'fetch'), address, 'fetch', 2);
  return fetch.ok && machine.refusal(fetch.pa, 2, 'fetch', hart.privilege ?? Privilege.S, hart.id) === undefined;
}

/** Says so where pc has been set to an address at which the hart will fault. */
export function warnOfPc(session: SessionContext, hart: HartView, address: VirtAddr): void {
  if (isExecutable(session, hart, address)) return;
  session.output(`pc is ${hex(address)}, where nothing executable is mapped: the next step will fault.`, 'important');
}
