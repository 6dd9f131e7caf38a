// DBCN: the debug console ("Debug Console Extension").

import { phys } from '../../address.ts';
import { failure, type SbiCall, type SbiExtension, success, wide } from './call.ts';

/** One call moves no more than this; callers go on with the rest. */
const mostBytes = 0x1_0000n;

/** The caller's buffer, undefined when it is not all in memory: on RV64 base_addr_hi is 0 for every address. */
function bufferOf(call: SbiCall) {
  const { machine, args } = call;
  const [length, , high] = args;
  const address = phys(wide(call, 1));
  if ((machine.xlen === 64 && high !== 0n) || (length > 0n && !machine.isMemory(address, length))) return undefined;
  return { address, length: Number(length < mostBytes ? length : mostBytes) };
}

export const dbcn: SbiExtension = {
  name: 'DBCN',
  id: 0x4442_434e,
  functions: [
    (call) => {
      const buffer = bufferOf(call);
      if (!buffer) return failure('invalidParam');
      if (buffer.length > 0) call.machine.print(call.machine.read(buffer.address, buffer.length));
      return success(BigInt(buffer.length));
    },
    (call) => {
      const buffer = bufferOf(call);
      if (!buffer) return failure('invalidParam');
      const typed: number[] = [];
      while (typed.length < buffer.length) {
        const key = call.machine.key();
        if (key === undefined) break;
        typed.push(key);
      }
      if (typed.length > 0) call.machine.write(buffer.address, Uint8Array.from(typed));
      return success(BigInt(typed.length));
    },
    ({ machine, args: [byte] }) => {
      machine.print(Uint8Array.of(Number(byte & 0xffn)));
      return success();
    },
  ],
};
