// What judging an occurrence needs of what went before: open traps and loops, whether user space has run, which traps a
// kernel reckons with.

import { plus } from '../../emulator/address.ts';
import type { CsrPendingEvent, RetriedTrap, TrapEvent } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { ExpectedTraps, type LoadedKernel, lengthAt, preflight, type TrapNames } from '../../kernel/index.ts';
import type { KernelProgram } from '../../kernel/objects/object.ts';
import { Traps } from '../run-control/traps.ts';
import type { Occurrence, OccurrenceFacts } from './occurrence.ts';

export class Past {
  readonly #machine: Inspection;
  readonly #expected: ExpectedTraps;
  readonly #namesOf: (hart: HartView) => TrapNames;
  readonly #traps = new Map<number, Traps>();
  #user = false;
  /** How often the last trap was taken without progress. */
  #count = 1;

  /** `kernel` and `namesOf` are asked anew each time: symbols may move (KASLR). */
  constructor(
    machine: Inspection,
    kernel: () => LoadedKernel,
    namesOf: (hart: HartView) => TrapNames,
    program: (hart: HartView) => KernelProgram,
  ) {
    this.#machine = machine;
    this.#expected = new ExpectedTraps(machine, kernel, program);
    this.#namesOf = namesOf;
  }

  /** The machine was reset. */
  clear(): void {
    this.#traps.clear();
    this.#expected.clear();
    this.#user = false;
  }

  /** User space has run since reset. */
  get user(): boolean {
    return this.#user;
  }

  trapsOf(hart: number): Traps {
    const known = this.#traps.get(hart) ?? new Traps();
    this.#traps.set(hart, known);
    return known;
  }

  /** Whether a fault is the way in which a kernel that has just turned paging on jumps to its link address. */
  isPlanned(event: TrapEvent): boolean {
    return this.#expected.isJumpToLinkAddress(event);
  }

  /** Why the kernel reckons with a trap that was just taken; undefined = unexpected. */
  expectation(event: TrapEvent): string | undefined {
    return this.#expected.why(event);
  }

  /** Whether a kernel reckons with any fault of the instruction. */
  reckonsWith(event: TrapEvent): boolean {
    return this.#expected.hasFixup(event);
  }

  /** Takes note of traps that were left again and are not told of (LateTraps). */
  passed(hart: number, toUser: boolean): void {
    this.trapsOf(hart).progressed();
    this.#user ||= toUser;
  }

  retried(hart: number, trap: RetriedTrap, toUser: boolean): void {
    this.trapsOf(hart).retried(trap);
    this.#user ||= toUser;
  }

  /** Takes note; to be told of writes to satp and mtvec, of traps and of returns from them. */
  note(occurrence: Occurrence): void {
    if (occurrence.kind === 'csr-write') this.#expected.note(occurrence);
    else if (occurrence.kind === 'trap') {
      // The planned fault is a jump: nobody comes back from it.
      const jump = this.isPlanned(occurrence);
      this.#count = jump ? 1 : this.trapsOf(occurrence.hart).taken(occurrence, this.#hart(occurrence.hart));
    } else if (occurrence.kind === 'trap-return') {
      const hart = this.#hart(occurrence.hart);
      const isOwn = this.trapsOf(hart.id).left(occurrence, hart);
      if (!isOwn) for (const traps of this.#traps.values()) traps.leftElsewhere(occurrence, hart);
      if (occurrence.to === 0) this.#user = true;
    }
  }

  /** About the occurrence that was noted last. */
  factsOf(occurrence: Occurrence): OccurrenceFacts {
    return {
      xlen: this.#machine.xlen,
      user: this.#user,
      count: occurrence.kind === 'trap' ? this.#count : 1,
      // Only asked of traps that somebody wants to know of: the hart stands at the handler's first instruction.
      expected: once(() => (occurrence.kind === 'trap' ? this.expectation(occurrence) : undefined)),
      preflight: once(() => (occurrence.kind === 'csr-pending' ? this.#preflight(occurrence) : undefined)),
    };
  }

  #preflight({ hart: id, pc, before, written }: CsrPendingEvent) {
    const hart = this.#hart(id);
    const next = plus(pc, lengthAt(this.#machine, hart, pc));
    return preflight(this.#machine, hart, { pc, next, before, written }, this.#namesOf(hart));
  }

  #hart(id: number): HartView {
    return this.#machine.harts.find((hart) => hart.id === id) as HartView;
  }
}

/** Finds something out when it is first asked for. */
function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
