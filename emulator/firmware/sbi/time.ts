// TIME: the supervisor timer ("Timer Extension").

import { type SbiExtension, success } from './call.ts';

export const time: SbiExtension = {
  name: 'TIME',
  id: 0x5449_4d45,
  functions: [
    ({ machine, hart, args: [ticks] }) => {
      machine.setTimer(hart, ticks);
      return success();
    },
  ],
};
