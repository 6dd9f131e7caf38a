// The traps and returns that generated code has dealt with and kept (core/crossings.ts), as the events that they are.

import { type VirtAddr, virt } from '../address.ts';
import { crossingBytes, crossingField, hartOffset, noCause, retryBytes, retryField } from '../core/layout.ts';
import type { RetriedTrap, TrapEvent, TrapReturnEvent } from '../events.ts';
import type { Privilege } from '../inspection.ts';
import type { Hart } from './hart.ts';

/** What is told later: an event, or that traps have been taken and left again. */
export type Crossing =
  | TrapEvent
  | TrapReturnEvent
  | { readonly kind: 'passed' }
  | ({ readonly kind: 'retried' } & RetriedTrap);

/** Takes them out, in their order. */
export function takeCrossings(hart: Hart): Crossing[] {
  const count = hart.word(hartOffset.crossings);
  const crossings: Crossing[] = [];
  for (let index = 0; index <= count; index += 1) {
    const at = hartOffset.crossingLog + index * crossingBytes;
    const passed = hart.word(at + crossingField.passed);
    if (passed) {
      hart.setWord(at + crossingField.passed, 0);
      crossings.push({ kind: 'passed' });
    }
    if (index === 0) crossings.push(...takeRetries(hart));
    if (index < count) crossings.push(eventAt(hart, at));
  }
  hart.setWord(hartOffset.crossings, 0);
  return crossings;
}

function takeRetries(hart: Hart): Crossing[] {
  const count = hart.word(hartOffset.retries);
  hart.setWord(hartOffset.retries, 0);
  return Array.from({ length: count }, (_, index) => {
    const at = hartOffset.retryLog + index * retryBytes;
    const pc = virt(hart.quadAt(at + retryField.pc));
    return { kind: 'retried', cause: hart.word(at + retryField.cause), pc, tval: hart.quadAt(at + retryField.tval) };
  });
}

function eventAt(hart: Hart, at: number): TrapEvent | TrapReturnEvent {
  const quad = (offset: number) => hart.quadAt(at + offset);
  const word = (offset: number) => hart.word(at + offset);
  const address = (offset: number): VirtAddr => virt(quad(offset));
  const cause = word(crossingField.cause);
  const used = hart.granted - word(crossingField.left) - 1;
  const event = {
    hart: hart.id,
    pc: address(crossingField.pc),
    instret: BigInt(hart.retired + used - word(crossingField.trapsInRun)),
    from: word(crossingField.from) as Privilege,
    to: word(crossingField.to) as Privilege,
    was: {
      registers: hart.quadsAt(at + crossingField.x, 32).fill(0n, 0, 1),
      satp: quad(crossingField.satp),
    },
  };
  if (cause === noCause) return { ...event, kind: 'trap-return', target: address(crossingField.tval) };
  return {
    ...event,
    kind: 'trap',
    interrupt: false,
    cause,
    tval: quad(crossingField.tval),
    handler: address(crossingField.handler),
    mstatus: quad(crossingField.mstatus),
  };
}
