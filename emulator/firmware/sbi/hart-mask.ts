// Which harts a call means ("Hart list parameter").

import { HsmState, type SbiMachine } from '../host.ts';
import { allOnes } from './call.ts';

/**
 * The harts that bit i of `mask` names as `base` + i, all for a base of -1; undefined when the base or one of them does
 * not exist.
 */
export function hartsOf(machine: SbiMachine, mask: bigint, base: bigint): number[] | undefined {
  const every = Array.from({ length: machine.harts }, (_, hart) => hart);
  if (base === allOnes(machine)) return every;
  if (base >= BigInt(machine.harts)) return undefined;
  const named: number[] = [];
  for (let bit = 0n; mask >> bit; bit += 1n) {
    if (!((mask >> bit) & 1n)) continue;
    const hart = base + bit;
    if (hart >= BigInt(machine.harts)) return undefined;
    named.push(Number(hart));
  }
  return named;
}

/** A stopped hart hears no interrupt: it would be pending when it starts. */
export function sendIpi(machine: SbiMachine, hart: number): void {
  if (machine.state(hart) !== HsmState.stopped) machine.sendIpi(hart);
}
