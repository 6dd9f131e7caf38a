// Changing a frame's registers and memory: those of an outer frame are where the frames below have saved them.

import type { MachineControl } from '../../emulator/control.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { bytesOf, type Editor } from '../expressions/parts.ts';
import { here, writeSpace } from '../memory/space.ts';
import type { FrameProgram } from './frame-program.ts';

export function editorOf(machine: MachineControl, hart: HartView, program: FrameProgram): Editor {
  const writeMemory = (address: bigint, bytes: Uint8Array): void => {
    if (writeSpace(machine, hart, here, address, bytes) < bytes.length) {
      throw new UserError(`0x${address.toString(16)} cannot be written: no memory is mapped there.`);
    }
  };
  return {
    writeMemory,
    setRegister(number, value) {
      const saved = program.row?.frame.savedAt(number);
      if (saved !== undefined) return writeMemory(saved, bytesOf(value, number < 32 ? machine.xlen / 8 : 8));
      if (number >= 32 && number < 64) return machine.setF(hart.id, number - 32, value);
      if (number === 0 || number > 63) throw new UserError(`Register ${number} cannot be written here.`);
      machine.setX(hart.id, number, BigInt.asUintN(64, BigInt.asIntN(machine.xlen, value)));
    },
  };
}
