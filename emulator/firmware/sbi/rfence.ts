// RFENCE: fences on other harts ("RFENCE Extension"). The functions for guests of a hypervisor are not supported: the
// harts have no H extension.

import { virt } from '../../address.ts';
import type { SbiMachine } from '../host.ts';
import { allOnes, failure, type SbiCall, type SbiExtension, type SbiResult, success } from './call.ts';
import { hartsOf } from './hart-mask.ts';

/**
 * sfence.vma for `size` bytes from `start` on; start = size = 0, a size of -1 and a range beyond the last address mean the
 * whole address space.
 */
export function fence(machine: SbiMachine, hart: number, start: bigint, size: bigint, asid?: bigint): void {
  const whole = start + size >= allOnes(machine) || (start === 0n && size === 0n);
  const id = asid === undefined ? undefined : Number(BigInt.asUintN(16, asid));
  machine.fence(hart, whole ? undefined : virt(start), whole ? undefined : size, id);
}

function remoteFence({ machine, args: [mask, base, start, size] }: SbiCall, asid?: bigint): SbiResult {
  const harts = hartsOf(machine, mask, base);
  if (!harts) return failure('invalidParam');
  for (const hart of harts) fence(machine, hart, start, size, asid);
  return success();
}

export const rfence: SbiExtension = {
  name: 'RFENCE',
  id: 0x5246_4e43,
  functions: [
    ({ machine, args: [mask, base] }) => {
      const harts = hartsOf(machine, mask, base);
      if (!harts) return failure('invalidParam');
      for (const hart of harts) machine.fenceInstructions(hart);
      return success();
    },
    (call) => remoteFence(call),
    (call) => remoteFence(call, call.args[4]),
  ],
};
