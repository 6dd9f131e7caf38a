// Memory references: opaque to the client, an address in the project's one grammar to us.

import { plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { parsePlace } from '../../kernel/place.ts';
import { here, physical, type Space } from './space.ts';

const SATP = 0x180;

/** An address and the space it is in. */
export interface Located {
  readonly space: Space;
  readonly address: VirtAddr;
}

/** What a reference names, `offset` bytes on. @throws UserError for text that is no reference. */
export function locate(machine: Inspection, hart: HartView, reference: string, offset = 0): Located {
  const place = parsePlace(reference);
  const address = plus(virt(place.address), BigInt(offset));
  if (place.space === 'physical') return { space: physical, address };
  if (place.root === undefined) return { space: here, address };
  const mode = place.mode ?? decodeSatp(hart.csr(SATP) ?? 0n, machine.xlen).mode;
  if (!mode) throw new UserError(`${reference} names no paging mode and satp is Bare: write ${reference}:sv39, say.`);
  return { space: { kind: 'root', root: place.root, mode }, address };
}
