// HSM: starts, stops and suspends harts ("Hart State Management Extension").

import { phys } from '../../address.ts';
import { HsmState, type SbiMachine } from '../host.ts';
import { failure, index, type SbiExtension, success } from './call.ts';

const retentive = 0;
const nonRetentive = 0x8000_0000;

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
      if (machine.state(hart) !== HsmState.stopped) return failure('alreadyAvailable');
      // An instruction may be as short as 2 bytes and is aligned to that.
      if (address & 1n || !machine.isMemory(phys(address), 2n)) return failure('invalidAddress');
      machine.start(hart, phys(address), opaque);
      return success();
    },
    ({ machine, hart }) => {
      machine.stop(hart);
      return 'halted';
    },
    ({ machine, args: [id] }) =>
      exists(machine, id) ? success(BigInt(machine.state(index(id)))) : failure('invalidParam'),
    ({ machine, hart, args: [type] }) => {
      const kind = index(BigInt.asUintN(32, type));
      if (kind === nonRetentive) return failure('notSupported');
      if (kind !== retentive) return failure('invalidParam');
      machine.suspend(hart);
      return success();
    },
  ],
};
