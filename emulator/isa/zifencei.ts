// Unprivileged manual, chapter '"Zifencei" Extension for Instruction-Fetch Fence'.

import { iType } from './encoding.ts';
import type { InstructionRow } from './row.ts';

export const zifencei: readonly InstructionRow[] = [
  {
    mnemonic: 'fence.i',
    extension: 'Zifencei',
    xlen: 'any',
    format: 'none',
    ...iType(1, 0x0f),
    text: 'Makes stores of this hart visible to its own later instruction fetches.',
    host: 'system',
    semantics: (e) => e.fenceInstructions(),
  },
];
