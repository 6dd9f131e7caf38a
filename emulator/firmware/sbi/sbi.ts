// The built-in SBI: answers the ecalls of S-mode when no firmware runs in the machine (RISC-V Supervisor Binary Interface
// Specification 3.0).

import type { SbiMachine } from '../host.ts';
import { baseExtension } from './base.ts';
import { failure, index, type SbiAnswer, type SbiCall, type SbiExtension, success } from './call.ts';
import { dbcn } from './dbcn.ts';
import { fwft } from './fwft.ts';
import { hsm } from './hsm.ts';
import { ipi } from './ipi.ts';
import { legacy } from './legacy.ts';
import { rfence } from './rfence.ts';
import { srst } from './srst.ts';
import { time } from './time.ts';

const isServed = (id: number): boolean => id < legacy.length || extensions.some((extension) => extension.id === id);

/** Everything that is served besides the legacy extensions. */
export const extensions: readonly SbiExtension[] = [baseExtension(isServed), time, ipi, rfence, hsm, srst, dbcn, fwft];

const [a0, a1, a6, a7] = [10, 11, 16, 17];

/**
 * Does the call that the hart's registers ask for and writes its answer to a0 and a1 (legacy calls: a0 alone); the ecall
 * itself has retired. `halted`: the hart stopped or the machine ended, and nothing was written.
 */
export function callSbi(machine: SbiMachine, hart: number): SbiAnswer | 'halted' {
  const register = (number: number): bigint => machine.x(hart, number);
  // Extension and function ids are 32 bits wide.
  const extensionId = index(BigInt.asUintN(32, register(a7)));
  const functionId = index(BigInt.asUintN(32, register(a6)));
  const args = [0, 1, 2, 3, 4, 5].map((argument) => register(a0 + argument)) as unknown as SbiCall['args'];
  const call: SbiCall = { machine, hart, args };

  const old = legacy[extensionId];
  if (old) {
    const answer = old(call);
    if (answer === 'halted') return answer;
    machine.setX(hart, a0, BigInt.asUintN(64, answer));
    return success(answer);
  }
  const extension = extensions.find(({ id }) => id === extensionId);
  const answer = extension?.functions[functionId]?.(call) ?? failure('notSupported');
  if (answer === 'halted') return answer;
  machine.setX(hart, a0, BigInt.asUintN(64, answer.error));
  machine.setX(hart, a1, BigInt.asUintN(64, answer.value));
  return answer;
}
