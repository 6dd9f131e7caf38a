// TIME: the supervisor timer ("Timer Extension").

import { type SbiExtension, success, wide } from './call.ts';

export const time: SbiExtension = {
  name: 'TIME',
  id: 0x5449_4d45,
  functions: [
    (call) => {
      call.machine.setTimer(call.hart, wide(call, 0));
      return success();
    },
  ],
};
