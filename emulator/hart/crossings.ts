// What generated code has dealt with and kept (core/crossings.ts), as the events that it is.

import { type VirtAddr, virt } from '../address.ts';
import {
  crossingBytes,
  crossingField,
  hartOffset,
  OpenState,
  openBytes,
  openField,
  retryBytes,
  retryField,
  satpBytes,
  satpField,
} from '../core/layout.ts';
import type { CsrWriteEvent, OpenTrap, RetriedTrap, TrapEvent } from '../events.ts';
import type { Privilege } from '../inspection.ts';
import { Csr } from './csr-numbers.ts';
import type { Hart } from './hart.ts';

const SP = 2;

/** What is told later of traps: that one was taken, or that some were taken and left again. */
export type Crossing = TrapEvent | { readonly kind: 'passed' } | ({ readonly kind: 'retried' } & RetriedTrap);

export interface Crossings {
  readonly all: readonly Crossing[];
  /** Some led back to U-mode. */
  readonly toUser: boolean;
  /** Places of the traps shown by `showOpen` that were left. */
  readonly left: readonly number[];
}

export function hasKept(hart: Hart): boolean {
  const { crossings, retries, progress, satpWrites } = hartOffset;
  return (hart.word(crossings) | hart.word(retries) | hart.word(progress) | hart.word(satpWrites)) !== 0;
}

/** Takes the traps out, in their order; what was tried again since the last progress comes last. */
export function takeCrossings(hart: Hart): Crossings {
  const crossings: Crossing[] = [];
  let progress = 0;
  const passTo = (now: number) => {
    if (now !== progress) crossings.push({ kind: 'passed' });
    progress = now;
  };
  for (let index = 0; index < hart.word(hartOffset.crossings); index += 1) {
    const at = hartOffset.crossingLog + index * crossingBytes;
    passTo(hart.word(at + crossingField.progress));
    crossings.push(trapAt(hart, at));
  }
  passTo(hart.word(hartOffset.progress));
  for (let index = 0; index < hart.word(hartOffset.retries); index += 1) {
    const at = hartOffset.retryLog + index * retryBytes;
    const pc = virt(hart.quadAt(at + retryField.pc));
    const tval = hart.quadAt(at + retryField.tval);
    crossings.push({ kind: 'retried', cause: hart.word(at + retryField.cause), pc, tval });
  }
  const toUser = hart.word(hartOffset.userRan) !== 0;
  for (const word of ['crossings', 'retries', 'progress', 'userRan'] as const) hart.setWord(hartOffset[word], 0);
  const stateAt = (index: number) => hartOffset.openLog + index * openBytes + openField.state;
  const places = Array.from({ length: hart.word(hartOffset.open) }, (_, index) => index);
  return { all: crossings, toUser, left: places.filter((index) => hart.word(stateAt(index)) === OpenState.left) };
}

/** Tells generated code of traps that are open and were told of, latest last; `more`: there are others before. */
export function showOpen(hart: Hart, traps: readonly OpenTrap[], more: boolean): void {
  for (const [index, { event, registers, satp }] of traps.entries()) {
    const at = hartOffset.openLog + index * openBytes;
    hart.setQuad(at + openField.pc, event.pc);
    hart.setQuad(at + openField.satp, satp);
    hart.setQuad(at + openField.sp, registers[SP] as bigint);
    hart.setWord(at + openField.from, event.from);
    hart.setWord(at + openField.state, event.interrupt ? OpenState.interrupt : OpenState.exception);
  }
  hart.setWord(hartOffset.open, traps.length);
  hart.setWord(hartOffset.openMore, more ? 1 : 0);
}

function trapAt(hart: Hart, at: number): TrapEvent {
  const quad = (name: keyof typeof crossingField) => hart.quadAt(at + crossingField[name]);
  const address = (name: keyof typeof crossingField): VirtAddr => virt(quad(name));
  return {
    kind: 'trap',
    hart: hart.id,
    pc: address('pc'),
    instret: quad('instret'),
    from: hart.word(at + crossingField.from) as Privilege,
    to: hart.word(at + crossingField.to) as Privilege,
    was: {
      registers: hart.quadsAt(at + crossingField.x, 32).fill(0n, 0, 1),
      satp: quad('satp'),
    },
    interrupt: false,
    cause: hart.word(at + crossingField.cause),
    tval: quad('tval'),
    handler: address('handler'),
    mstatus: quad('mstatus'),
  };
}

/** Takes the writes of satp out. */
export function takeSatpWrites(hart: Hart): CsrWriteEvent[] {
  const count = hart.word(hartOffset.satpWrites);
  hart.setWord(hartOffset.satpWrites, 0);
  return Array.from({ length: count }, (_, index) => {
    const quad = (name: keyof typeof satpField) =>
      hart.quadAt(hartOffset.satpLog + index * satpBytes + satpField[name]);
    const after = quad('after');
    return {
      kind: 'csr-write',
      late: true,
      hart: hart.id,
      pc: virt(quad('pc')),
      instret: quad('instret'),
      csr: Csr.satp,
      privilege: 1,
      written: after,
      before: quad('before'),
      after,
    };
  });
}
