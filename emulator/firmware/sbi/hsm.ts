// HSM: starts, stops and suspends harts ("Hart State Management Extension").

import { phys } from '../../address.ts';
import { HsmState, type SbiMachine } from '../host.ts';
import { failure, index, type SbiExtension, success } from './call.ts';

const retentive = 0;
const nonRetentive = 0x8000_0000;

/** Neither one of the two default types nor one that a platform may define. */
function isReserved(kind: number): boolean {
  const rest = kind % nonRetentive;
  return rest > 0 && rest < 0x1000_0000;
}

/** An instruction may be as short as 2 bytes and is aligned to that. */
function mayStartAt(machine: SbiMachine, address: bigint): boolean {
  return !(address & 1n) && machine.isMemory(phys(address), 2n);
}

function exists(machine: SbiMachine, hart: bigint): boolean {
  return hart < BigInt(machine.harts);
}

export const hsm: SbiExtension = {
  name: 'HSM',
  id: 0x48_534d,
  functions: [
    ({ machine, args: [id, address, opaque] }) => {
      if (!exists(machine, id)) return failure('invalidParam');
      const hart = index(id);
      const state = machine.state(hart);
      if (state === HsmState.started) return failure('alreadyAvailable');
      if (state !== HsmState.stopped) return failure('invalidParam');
      if (!mayStartAt(machine, address)) return failure('invalidAddress');
      machine.start(hart, phys(address), opaque);
      return success();
    },
    ({ machine, hart }) => {
      machine.stop(hart);
      return 'halted';
    },
    ({ machine, args: [id] }) =>
      exists(machine, id) ? success(BigInt(machine.state(index(id)))) : failure('invalidParam'),
    ({ machine, hart, args: [type, address, opaque] }) => {
      const kind = index(BigInt.asUintN(32, type));
      if (isReserved(kind)) return failure('invalidParam');
      if (kind >= nonRetentive && !mayStartAt(machine, address)) return failure('invalidAddress');
      if (kind !== retentive && kind !== nonRetentive) return failure('notSupported');
      if (kind === nonRetentive) machine.start(hart, phys(address), opaque);
      machine.suspend(hart);
      return kind === retentive ? success() : 'halted';
    },
  ],
};
