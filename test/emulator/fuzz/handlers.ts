// The trap handlers of random programs: what faults for want of a mapping is mapped, what cannot be done is skipped, a jump into
// nothing goes on behind the call, and timers are set anew. M-mode's and S-mode's do the same.

import { Csr } from '../../../emulator/hart/csr-numbers.ts';
import { Assembler, FENCE_I, Label, MRET, SFENCE_VMA, SRET } from './assembler.ts';
import { keptFrom, type Layout, places, windowPages } from './layout.ts';

const csrsOf = {
  M: { status: 0x300, scratch: 0x340, epc: 0x341, cause: 0x342, tval: 0x343 },
  S: { status: 0x100, scratch: 0x140, epc: 0x141, cause: 0x142, tval: 0x143 },
} as const;
const MPRV = 1 << 17;

/** Offsets in a trap frame, and in what all harts share. */
export const frame = { kept: 0, seed: 0x40, sharedAt: 0x48, windowAt: 0x50 } as const;
export const shared = { lock: 0, asked: 4, answers: 8, generation: 12, data: 64 } as const;

const [x1, x3, x5, x6, x7] = [1, 3, 5, 6, 7];
const kept = [x1, x5, x6, x7] as const;

export interface Handlers {
  readonly bytes: Uint8Array;
  readonly M: bigint;
  readonly S: bigint;
}

/** `period`: most ticks between two timer interrupts, a power of two. */
export function handlersFor(layout: Layout, xlen: 32 | 64, period: number): Handlers {
  const assembler = new Assembler(BigInt(places.handlers), 0x1000, xlen);
  const writer = new HandlerWriter(assembler, layout, period);
  return { bytes: assembler.bytes, M: writer.handler('M'), S: writer.handler('S') };
}

class HandlerWriter {
  private readonly a: Assembler;
  private readonly layout: Layout;
  private readonly period: number;

  constructor(assembler: Assembler, layout: Layout, period: number) {
    this.a = assembler;
    this.layout = layout;
    this.period = period;
  }

  handler(level: 'M' | 'S'): bigint {
    const { a } = this;
    const { status, scratch, epc, cause, tval } = csrsOf[level];
    const start = a.here;
    const [interrupt, fault, jumped, service, skip, out] = Array.from({ length: 6 }, () => new Label()) as [
      Label,
      Label,
      Label,
      Label,
      Label,
      Label,
    ];
    a.csr('csrrw', x3, scratch, x3);
    for (const [index, register] of kept.entries()) a.keep(register, x3, frame.kept + 8 * index);
    a.csr('csrrs', x5, cause, 0);
    a.branch('blt', x5, 0, interrupt);
    a.csr('csrrs', x6, epc, 0);
    const isCause = (number: number, label: Label) => {
      a.constant(x7, number);
      a.branch('beq', x5, x7, label);
    };
    for (const number of [8, 9]) isCause(number, service);
    for (const number of [12, 13, 15]) isCause(number, fault);
    isCause(1, jumped);

    a.bind(skip);
    a.constant(x5, MPRV);
    if (level === 'M') a.csr('csrrs', 0, status, x5);
    a.load('lhu', x7, x6, 0);
    if (level === 'M') a.csr('csrrc', 0, status, x5);
    const short = new Label();
    a.immediate('andi', x7, x7, 3);
    a.immediate('addi', x7, x7, -3);
    a.immediate('addi', x6, x6, 2);
    a.branch('bne', x7, 0, short);
    a.immediate('addi', x6, x6, 2);
    a.bind(short);
    a.csr('csrrw', 0, epc, x6);
    a.jump(0, out);

    a.bind(jumped);
    a.csr('csrrw', 0, epc, x1);
    a.jump(0, out);

    // Not a fault of a jump: x7 = what is to be stored, at the address in x7 of the program.
    a.bind(service);
    const nothing = new Label();
    a.restore(x5, x3, frame.kept + 24);
    a.branch('beq', x5, 0, nothing);
    a.csr('csrrs', x7, scratch, 0);
    a.keep(x7, x5, 0);
    a.bind(nothing);
    a.emit(SFENCE_VMA);
    a.jump(0, skip);

    a.bind(fault);
    this.map(tval, skip, jumped, out);
    a.bind(out);
    for (const [index, register] of kept.entries()) a.restore(register, x3, frame.kept + 8 * index);
    a.csr('csrrw', x3, scratch, x3);
    a.emit(level === 'M' ? MRET : SRET);

    a.bind(interrupt);
    if (level === 'M') this.machineInterrupt(out);
    else this.supervisorInterrupt(out);
    return start;
  }

  /** Puts back the PTE of the page that faulted; where it is as it was to be, the instruction or the jump is skipped. */
  private map(tval: number, skip: Label, jumped: Label, out: Label): void {
    const { a, layout } = this;
    const no = new Label();
    if (layout.mode) {
      a.csr('csrrs', x7, tval, 0);
      a.restore(x5, x3, frame.windowAt);
      a.subtract(x7, x7, x5);
      a.immediate('srli', x7, x7, 12);
      a.constant(x5, windowPages);
      a.branch('bgeu', x7, x5, no);
      a.immediate('slli', x7, x7, a.xlen === 64 ? 3 : 2);
      a.physical(x5, layout.pteAt(0));
      a.add(x7, x7, x5);
      a.constant(x5, keptFrom(layout));
      a.add(x5, x7, x5);
      a.restore(x5, x5, 0);
      a.restore(x1, x7, 0);
      a.branch('beq', x1, x5, no);
      a.keep(x5, x7, 0);
      a.emit(SFENCE_VMA);
      a.jump(0, out);
    }
    a.bind(no);
    a.restore(x1, x3, frame.kept);
    a.csr('csrrs', x5, tval === csrsOf.M.tval ? csrsOf.M.cause : csrsOf.S.cause, 0);
    a.constant(x7, 12);
    a.branch('beq', x5, x7, jumped);
    a.jump(0, skip);
  }

  /** x5 = ticks until the next timer interrupt. */
  private nextTicks(): void {
    const { a } = this;
    a.load('lw', x7, x3, frame.seed);
    a.immediate('slli', x5, x7, 2);
    a.add(x7, x7, x5);
    a.immediate('addi', x7, x7, 77);
    a.store('sw', x7, x3, frame.seed);
    a.immediate('srli', x5, x7, 7);
    a.immediate('andi', x5, x5, this.period - 1);
    a.immediate('addi', x5, x5, 1);
    a.csr('csrrs', x7, Csr.time, 0);
    a.add(x5, x5, x7);
  }

  private machineInterrupt(out: Label): void {
    const { a } = this;
    const timer = new Label();
    a.immediate('andi', x5, x5, 15);
    a.immediate('addi', x5, x5, -7);
    a.branch('beq', x5, 0, timer);
    // Somebody rings: its register is cleared, and what was changed meanwhile is seen.
    a.csr('csrrs', x6, Csr.mhartid, 0);
    a.immediate('slli', x6, x6, 2);
    a.constant(x7, 0x0200_0000);
    a.add(x6, x6, x7);
    a.store('sw', 0, x6, 0);
    this.standStill();
    a.emit(SFENCE_VMA);
    a.emit(FENCE_I);
    a.jump(0, out);
    a.bind(timer);
    this.nextTicks();
    a.csr('csrrs', x6, Csr.mhartid, 0);
    a.immediate('slli', x6, x6, 3);
    a.constant(x7, 0x0200_4000);
    a.add(x6, x6, x7);
    a.store('sw', x5, x6, 0);
    a.jump(0, out);
  }

  /** While another hart asks for it: tables may change as long as all others wait here. */
  private standStill(): void {
    const { a } = this;
    const [wait, on] = [new Label(), new Label()];
    a.restore(x7, x3, frame.sharedAt);
    a.load('lw', x5, x7, shared.asked);
    a.branch('beq', x5, 0, on);
    a.immediate('addi', x6, x7, shared.answers);
    a.constant(x1, 1);
    a.atomic(0, 0, x1, x6);
    a.bind(wait);
    a.load('lw', x6, x7, shared.asked);
    a.branch('beq', x5, x6, wait);
    a.bind(on);
  }

  private supervisorInterrupt(out: Label): void {
    const { a } = this;
    const timer = new Label();
    a.immediate('andi', x5, x5, 15);
    a.immediate('addi', x5, x5, -5);
    a.branch('beq', x5, 0, timer);
    a.csr('csrrci', 0, Csr.sip, 2);
    a.jump(0, out);
    a.bind(timer);
    this.nextTicks();
    a.csr('csrrw', 0, Csr.stimecmp, x5);
    a.jump(0, out);
  }
}
