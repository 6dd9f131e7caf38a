// sPI: interrupts between harts ("IPI Extension").

import { failure, type SbiExtension, success } from './call.ts';
import { hartsOf, sendIpi } from './hart-mask.ts';

export const ipi: SbiExtension = {
  name: 'IPI',
  id: 0x73_5049,
  functions: [
    ({ machine, args: [mask, base] }) => {
      const harts = hartsOf(machine, mask, base);
      if (!harts) return failure('invalidParam');
      for (const hart of harts) sendIpi(machine, hart);
      return success();
    },
  ],
};
