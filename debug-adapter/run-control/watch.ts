// The one listener on the machine: it keeps what views and stops need to know of what happened (roots, satp writes,
// open traps), and decides which events stop.

import { hex, hex64 } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import { causeText } from '../../emulator/csr/causes.ts';
import { csrNumbered } from '../../emulator/csr/table.ts';
import type { CsrWriteEvent, MachineEvent, SbiCallEvent, TrapEvent } from '../../emulator/events.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { describeSatp, ExpectedTraps, isIgnored, RootHistory } from '../../kernel/index.ts';
import { arrives, holds } from '../breakpoints/arrival.ts';
import { eventVariables } from '../breakpoints/event-variables.ts';
import type { FilterFacts } from '../breakpoints/filter-rows.ts';
import type { Module } from '../modules/module.ts';
import { settleSlides } from '../modules/slides.ts';
import type { SatpEventRow } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import type { StopFact } from './stop-fact.ts';
import { Traps } from './traps.ts';

const SATP = 0x180;

export class Watch {
  readonly roots = new RootHistory();
  readonly satpWrites: SatpEventRow[] = [];
  /** A step's own look at each event: `true` stops. */
  observer: ((event: MachineEvent) => boolean) | undefined;
  readonly #session: SessionContext;
  readonly #traps = new Map<number, Traps>();
  #facts: StopFact[] = [];
  #moved: readonly Module[] = [];
  #user = false;
  #detach: (() => void) | undefined;
  #expected: ExpectedTraps | undefined;

  constructor(session: SessionContext) {
    this.#session = session;
  }

  /** Begins anew with a machine that stands at its first instruction. */
  attach(machine: MachineControl): void {
    this.#detach?.();
    this.#expected = new ExpectedTraps(machine, () => this.#session.symbols);
    this.#detach = machine.listen((event) => this.#on(event, machine), {
      kinds: ['csr-write', 'trap', 'trap-return', 'sbi-call', 'sfence', 'hart-state'],
    });
    this.clear();
  }

  clear(): void {
    this.roots.clear();
    this.satpWrites.length = 0;
    this.#traps.clear();
    this.#expected?.clear();
    this.#facts = [];
    this.#moved = [];
    this.#user = false;
  }

  trapsOf(hart: number): Traps {
    const known = this.#traps.get(hart) ?? new Traps();
    this.#traps.set(hart, known);
    return known;
  }

  /** The stops that events have asked for since the last call. */
  take(): StopFact[] {
    const facts = this.#facts;
    this.#facts = [];
    return facts;
  }

  /** The modules that have been found to run elsewhere, since the last call. */
  takeMoved(): readonly Module[] {
    const moved = this.#moved;
    this.#moved = [];
    return moved;
  }

  /** Whether a fault is the way in which a kernel that has just turned paging on jumps to its link address. */
  isPlanned(event: TrapEvent): boolean {
    return this.#expected?.isJumpToLinkAddress(event) ?? false;
  }

  /** Why the kernel reckons with a trap that was just taken; undefined = unexpected. */
  expectation(event: TrapEvent): string | undefined {
    return this.#expected?.why(event);
  }

  #on(event: MachineEvent, machine: MachineControl): boolean {
    const observed = this.observer?.(event) ?? false;
    this.#expected?.note(event);
    let count = 1;
    if (event.kind === 'csr-write' && event.csr === SATP) this.#note(event, machine);
    else if (event.kind === 'trap') {
      // The planned fault is a jump: nobody comes back from it.
      if (!this.isPlanned(event)) count = this.trapsOf(event.hart).taken(event, hartOf(machine, event.hart));
    } else if (event.kind === 'trap-return') {
      this.trapsOf(event.hart).left(event, hartOf(machine, event.hart));
      if (event.to === 0) this.#user = true;
    }
    if (event.kind !== 'csr-write' && event.kind !== 'trap' && event.kind !== 'sbi-call') return observed;
    // Most CSR writes are of no interest to anyone: they must cost next to nothing.
    if (event.kind === 'csr-write' && event.csr !== SATP && !this.#session.breakpoints.watchesCsr(event.csr))
      return observed;
    return this.#decide(event, count, machine) || observed;
  }

  #note(event: CsrWriteEvent, machine: MachineControl): void {
    // What was printed before the write is told before it.
    this.#session.runControl.console.flush();
    this.roots.record(event, machine.xlen);
    const moved = settleSlides(this.#session.symbols, machine, hartOf(machine, event.hart));
    if (moved.length > 0) this.#moved = [...this.#moved, ...moved];
    const row = this.#row(event, machine.xlen);
    this.satpWrites.push(row);
    this.#session.send('pagewalk/event', row);
  }

  #row(event: CsrWriteEvent, xlen: 32 | 64): SatpEventRow {
    const { mode, asid, root } = decodeSatp(event.after, xlen);
    return {
      index: this.satpWrites.length + 1,
      kind: 'satp',
      instret: hex64(event.instret),
      hart: event.hart,
      pc: hex64(event.pc),
      symbol: this.#session.symbols.nameOf(event.pc),
      written: hex64(event.written),
      before: hex64(event.before),
      after: hex64(event.after),
      mode: mode?.name ?? 'Bare',
      asid,
      root: hex64(root),
      ignored: isIgnored(event),
      text: describeSatp(event, xlen),
    };
  }

  /** Asks the filters and the breakpoints on CSRs. */
  #decide(event: CsrWriteEvent | TrapEvent | SbiCallEvent, count: number, machine: MachineControl): boolean {
    const { filters, breakpoints, launcher } = this.#session;
    if (launcher.noDebug) return false;
    const facts: FilterFacts = {
      xlen: machine.xlen,
      user: this.#user,
      count,
      // Only asked of traps that somebody wants to know of: the hart stands at the handler's first instruction.
      expected: once(() => (event.kind === 'trap' ? this.#expected?.why(event) : undefined)),
    };
    const hit = filters.matching(event, facts);
    const points = event.kind === 'csr-write' ? breakpoints.onCsr(event.csr) : [];
    if (hit.length === 0 && points.length === 0) return false;

    const scope = {
      machine,
      hart: hartOf(machine, event.hart),
      symbols: this.#session.symbols,
      events: eventVariables(event, facts),
    };
    const filterIds = hit
      .filter(({ condition }) => condition === undefined || holds(condition, scope, this.#session))
      .map(({ id }) => id);
    const pointIds = points.filter((point) => arrives(point, scope, this.#session)).map(({ id }) => id);
    const ids = [...filterIds, ...pointIds];
    if (ids.length === 0) return false;
    this.#facts.push({
      reason: filterIds.length > 0 ? 'exception' : pointReason(points[0]?.location.kind),
      description: this.#describe(event, machine.xlen, count),
      hart: event.hart,
      breakpointIds: ids,
      event,
    });
    return true;
  }

  #describe(event: CsrWriteEvent | TrapEvent | SbiCallEvent, xlen: 32 | 64, count: number): string {
    if (event.kind === 'csr-write') {
      if (event.csr === SATP) return describeSatp(event, xlen);
      const name = csrNumbered(event.csr, xlen)?.name ?? `CSR ${hex(event.csr)}`;
      return `${name} ← ${hex(event.after)} (was ${hex(event.before)})`;
    }
    const at = `${hex(event.pc)}${withName(this.#session.symbols.nameOf(event.pc))}`;
    if (event.kind === 'sbi-call') return `SBI call ${hex(event.extension)}/${event.function} at ${at}`;
    const top = event.interrupt ? 1n << BigInt(xlen - 1) : 0n;
    const name = causeText(top | BigInt(event.cause), xlen);
    const repeated = count > 1 ? `, ${count} times without progress` : '';
    const address = hasAddress(event) ? ` for ${hex(event.tval)}` : '';
    return `${name}${address} at ${at}${repeated}`;
  }
}

function hasAddress({ interrupt, cause }: TrapEvent): boolean {
  return !interrupt && [0, 1, 4, 5, 6, 7, 12, 13, 15].includes(cause);
}

function withName(name: string): string {
  return name && ` <${name}>`;
}

function pointReason(kind: string | undefined): StopFact['reason'] {
  return kind === 'function' ? 'function breakpoint' : 'data breakpoint';
}

function hartOf(machine: MachineControl, id: number) {
  const hart = machine.harts.find((candidate) => candidate.id === id);
  if (!hart) throw new RangeError(`hart ${id}`);
  return hart;
}

/** Finds something out when it is first asked for. */
function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
