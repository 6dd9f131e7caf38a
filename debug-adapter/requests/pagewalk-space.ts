// Which address space a custom request means.

import { type PhysAddr, phys } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { modeNamed } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type AddressSpace, currentSpace, spaceOf } from '../../kernel/index.ts';
import type { Hex64 } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';

/** The named root, read with the named mode; else the one that the hart's satp holds; undefined = Bare. */
export function spaceMeant(
  { machine }: SessionContext,
  hart: HartView,
  root: Hex64 | undefined,
  modeName: string | undefined,
): AddressSpace | undefined {
  const current = currentSpace(machine, hart);
  if (root === undefined) return current;
  const mode = modeName === undefined ? current?.mode : modeNamed(modeName);
  if (!mode) throw new UserError(`"mode" is ${modeName ?? 'missing'}: name Sv32, Sv39, Sv48 or Sv57 with the root.`);
  return spaceOf(machine, hart, mode, physicalFrom('root', root));
}

/** A physical address of the wire. */
export function physicalFrom(field: string, text: Hex64): PhysAddr {
  return phys(numberFrom(field, text));
}

export function numberFrom(field: string, text: Hex64): bigint {
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) throw new UserError(`"${field}" is "${text}": write 0x and hex digits.`);
  return BigInt(text);
}
