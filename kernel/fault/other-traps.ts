// Traps that no translation raises, in one sentence each.

import { hex } from '../../emulator/address.ts';
import { interruptNames } from '../../emulator/csr/causes.ts';
import type { TrapEvent } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { illegality } from './illegal.ts';
import { accessSize, type TrappedInstruction } from './instruction.ts';
import type { ManualRule } from './rule.ts';

export interface OtherTrap {
  readonly text: string;
  /** What would have let it pass; empty where there is nothing to repair. */
  readonly remedy: string;
  readonly rule: ManualRule | undefined;
}

const levels = ['U-mode', 'S-mode', 'reserved', 'M-mode'] as const;

/** `where` = `0x80200010 <main+0x10>`. */
export function otherTrap(
  machine: Inspection,
  hart: HartView,
  event: TrapEvent,
  trapped: TrappedInstruction,
  where: string,
): OtherTrap {
  const told = (text: string, remedy = '', rule?: ManualRule): OtherTrap => ({ text, remedy, rule });
  const { cause, tval, from } = event;
  if (event.interrupt) {
    return told(
      `A ${interruptNames[cause] ?? 'reserved interrupt'} (${cause}) interrupted ${levels[from]} at ${where}.`,
    );
  }
  const instruction = trapped.text || 'the instruction';
  switch (cause) {
    case 0:
      return told(
        `${instruction} at ${where} jumps to ${hex(tval)}, which is no multiple of 4, and this machine has no compressed instructions.`,
        'align the target to 4 bytes, or add c to the ISA string',
      );
    case 2: {
      const { text, remedy, rule } = illegality(machine, hart, event, trapped);
      const bits = hex(trapped.word ?? tval);
      return told(
        `Illegal instruction at ${where}: ${trapped.instruction ? instruction : bits}: ${text}.`,
        remedy,
        rule ? { id: rule, title: 'Illegal-instruction exceptions' } : undefined,
      );
    }
    case 3:
      return told(`${instruction} at ${where} asks for the debugger: kernels put it where they give up or warn.`);
    case 4:
    case 6: {
      const size = accessSize(trapped.instruction);
      const kind = cause === 4 ? 'loads' : 'stores';
      return told(
        `${instruction} at ${where} ${kind} ${size} bytes at ${hex(tval)}, which is no multiple of ${size}, and this machine traps misaligned accesses.`,
        `align the address to ${size} bytes, or access it byte by byte`,
      );
    }
    case 8:
    case 9:
    case 11:
      return told(`ecall from ${levels[from]} at ${where}: ${callText(hart, from)}.`);
    case 18:
      return told(`A software check failed at ${where} (${hex(tval)}).`);
    default:
      return told(`Exception ${cause} at ${where}, with ${hex(tval)}.`);
  }
}

function callText(hart: HartView, from: number): string {
  const [function_, extension] = [hart.x(16), hart.x(17)];
  if (from === 0) return `system call ${extension} (a7)`;
  return `SBI extension ${hex(extension)} (a7), function ${function_} (a6)`;
}
