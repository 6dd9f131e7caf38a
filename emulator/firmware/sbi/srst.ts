// SRST: power-off and reboot ("System Reset Extension").

import { failure, index, type SbiExtension } from './call.ts';

const shutdown = 0;
/** Cold and warm reboot. */
const reboots = [1, 2];
const systemFailure = 1;

export const srst: SbiExtension = {
  name: 'SRST',
  id: 0x5352_5354,
  functions: [
    ({ machine, args }) => {
      const [type, reason] = [index(BigInt.asUintN(32, args[0])), index(BigInt.asUintN(32, args[1]))];
      if (reason > systemFailure) return failure('invalidParam');
      if (type === shutdown) machine.poweroff(reason === systemFailure ? 1 : 0);
      else if (reboots.includes(type)) machine.reboot();
      else return failure('invalidParam');
      return 'halted';
    },
  ],
};
