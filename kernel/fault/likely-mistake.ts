// What a trap looks like beyond the rule that failed: the mistakes behind an address or a handler that everybody makes
// once. A clause for the end of the sentence, or nothing.

import { hex, virt } from '../../emulator/address.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import { integerNames } from '../../emulator/isa/registers.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import type { Attempt } from './trial.ts';

/** Bytes behind the handler's entry in which it has not done more than save registers. */
const PROLOGUE = 64n;
const PAGE = 4096n;
const UPPER = 0xffffffff_00000000n;

/** `; a5 is 0: a null pointer`. */
export function likelyMistake(attempt: Attempt, event: TrapEvent, instruction: Instruction | undefined): string {
  const clause = ownFault(event) ?? nullPointer(attempt, instruction) ?? signExtended(attempt);
  return clause === undefined ? '' : `; ${clause}`;
}

/** The handler cannot even begin: what it does first raises the trap that it should handle. */
function ownFault({ pc, handler, from, to }: TrapEvent): string | undefined {
  const offset = pc - handler;
  if (from !== to || offset < 0n || offset >= PROLOGUE) return undefined;
  const where = offset === 0n ? 'at its entry' : `${hex(offset)} behind its entry`;
  return `this is the trap handler itself, ${where}: the same trap repeats for ever`;
}

function nullPointer({ hart, va, access }: Attempt, instruction: Instruction | undefined): string | undefined {
  if (va >= PAGE) return undefined;
  if (access === 'fetch') return 'a jump through a null pointer';
  const base = instruction?.operands.rs1;
  return base === undefined || hart.x(base) !== 0n ? undefined : `${integerNames[base]} is 0: a null pointer`;
}

/** `lui` and 32-bit arithmetic sign-extend: 0x80000000 becomes 0xffffffff80000000. */
function signExtended({ machine, hart, regime, va, access, size }: Attempt): string | undefined {
  if (!regime.mode || machine.xlen === 32 || va < UPPER) return undefined;
  const low = virt(va - UPPER);
  if (!machine.regions.some((region) => low >= region.base && low < region.base + region.size)) return undefined;
  if (!walk(walkMemoryOf(machine, hart.id), regime, low, access, size).ok) return undefined;
  return `${hex(low)} is mapped: this address looks sign-extended, as lui makes it`;
}
