// The one listener on the machine: it keeps what views and stops need to know of what happened (roots, satp writes,
// open traps), and decides which events stop.

import { hex } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type {
  CsrWriteEvent,
  HartStateEvent,
  MachineEvent,
  OpenTrap,
  RetriedTrap,
  TrapEvent,
} from '../../emulator/events.ts';
import { RootHistory } from '../../kernel/index.ts';
import { arrives, holds } from '../breakpoints/arrival.ts';
import type { Breakpoint } from '../breakpoints/breakpoint.ts';
import type { ActiveFilter } from '../breakpoints/exception-filters.ts';
import { describe } from '../events/describe.ts';
import type { EventPoint } from '../events/expression.ts';
import { EventLog } from '../events/log.ts';
import { maySatpWait, type Needs, patienceOf } from '../events/needs.ts';
import { RowNews } from '../events/news.ts';
import type { Occurrence, OccurrenceFacts, OccurrenceKind } from '../events/occurrence.ts';
import { Past } from '../events/past.ts';
import { EventSource, type Late } from '../events/source.ts';
import { eventVariables } from '../events/variables.ts';
import type { Module } from '../modules/module.ts';
import { settleSlides, unsettled } from '../modules/slides.ts';
import { kernelProgramOf } from '../program/kernel-program.ts';
import { scopeOf } from '../program/scope.ts';
import type { SessionContext } from '../session-context.ts';
import { trapNames } from '../variables/names.ts';
import type { StopFact } from './stop-fact.ts';
import { Traps } from './traps.ts';

const SATP = 0x180;

interface SatpWrites {
  readonly count: number;
  readonly last: CsrWriteEvent | undefined;
}

export class Watch {
  readonly roots = new RootHistory();
  readonly log = new EventLog(() => ({ xlen: this.#xlen, nameOf: (pc) => this.#session.symbols.nameOf(pc) }));
  readonly news: RowNews;
  readonly #session: SessionContext;
  #facts: StopFact[] = [];
  #moved: readonly Module[] = [];
  /** Harts that firmware has not started yet, or that have stopped. */
  readonly #stopped = new Set<number>();
  readonly #newest = () => this.log.newest;
  #source: EventSource | undefined;
  #arms: readonly Arm[] = [];
  #observer: ((event: MachineEvent) => boolean) | undefined;
  #mayStop = false;
  #xlen: 32 | 64 = 64;
  /** What `#late` depended on besides what is wanted: whether user space had run, and whether a kernel's slide was looked for. */
  #heardFor = { user: false, unsettled: false };
  readonly #byKind = new Map<OccurrenceKind, Arm[]>();
  #past: Past | undefined;
  #satpWrites: SatpWrites = { count: 0, last: undefined };

  constructor(session: SessionContext) {
    this.#session = session;
    this.news = new RowNews((row) => {
      // What was printed before is told before.
      session.runControl.console.flush();
      session.send('pagewalk/event', row);
    });
  }

  /** Begins anew with a machine that stands at its first instruction. */
  attach(machine: MachineControl): void {
    this.#xlen = machine.xlen;
    this.#source?.dispose();
    this.#past = new Past(
      machine,
      () => this.#session.symbols,
      (hart) => trapNames(this.#session, hart),
      (hart) => kernelProgramOf(this.#session, hart),
    );
    this.#source = new EventSource(machine, ['trap', 'trap-return', 'hart-state'], (occurrence) =>
      this.#on(occurrence, machine),
    );
    this.#arms = [];
    this.#want();
    this.clear();
    this.#stopped.clear();
    for (const { id, state } of machine.harts) if (state === 'stopped') this.#stopped.add(id);
    this.rearm();
  }

  clear(): void {
    this.roots.clear();
    this.log.clear();
    this.#source?.restart();
    this.#past?.clear();
    this.#satpWrites = { count: 0, last: undefined };
    this.#facts = [];
    this.#moved = [];
    this.#relax();
  }

  /** A step's own look at each event; where it may stop there it hears of each at once. */
  observe(observer: ((event: MachineEvent) => boolean) | undefined, mayStop: boolean): void {
    this.#observer = observer;
    if (mayStop === this.#mayStop) return;
    this.#mayStop = mayStop;
    this.#listen();
  }

  trapsOf(hart: number): Traps {
    return this.#past?.trapsOf(hart) ?? new Traps();
  }

  /** Those of all harts since reset. */
  get satpWrites(): SatpWrites {
    return this.#satpWrites;
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
    return this.#past?.isPlanned(event) ?? false;
  }

  /** Why the kernel reckons with a trap that was just taken; undefined = unexpected. */
  expectation(event: TrapEvent): string | undefined {
    return this.#past?.expectation(event);
  }

  /** Listens to what the active filters and breakpoints need now. */
  rearm(): void {
    const { filters, breakpoints, launcher } = this.#session;
    if (!this.#source) return;
    const arms: Arm[] = launcher.noDebug
      ? []
      : [...filters.active.map(filterArm), ...breakpoints.all.flatMap(pointArm)];
    if (sameEvents(arms, this.#arms)) return;
    this.#arms = arms;
    this.#byKind.clear();
    for (const arm of arms) {
      for (const kind of arm.event.needs.kinds) this.#byKind.set(kind, [...(this.#byKind.get(kind) ?? []), arm]);
    }
    this.#want();
  }

  #want(): void {
    const needs = this.#needs;
    this.#source?.want(needs, this.#late(needs));
  }

  /** As `#want`, where the arms are the same. */
  #listen(): void {
    const needs = this.#needs;
    this.#source?.listen(needs, this.#late(needs));
  }

  get #needs(): readonly Needs[] {
    const user = this.#past?.user ?? false;
    return this.#arms.map((arm) => needsOf(arm, user));
  }

  /** Listens anew where that has changed: less has to be told at once then, or after a reset more. */
  #relax(): void {
    const user = this.#past?.user ?? false;
    const open = unsettled(this.#session.symbols).length > 0;
    if (user === this.#heardFor.user && open === this.#heardFor.unsettled) return;
    this.#heardFor = { user, unsettled: open };
    this.#listen();
  }

  /** How traps and writes of satp may be told of later that neither the user nor a step wants to stop at. */
  #late(needs: readonly Needs[]): Late {
    if (this.#mayStop) return {};
    const lateSatp = maySatpWait(needs) && unsettled(this.#session.symbols).length === 0;
    const patience = patienceOf(needs);
    if (patience === undefined) return { lateSatp };
    const late = {
      patience,
      patienceOf: (hart: number) => patience - this.trapsOf(hart).most,
      openTraps: (hart: number) => this.trapsOf(hart).open,
      left: (hart: number, trap: OpenTrap) => this.trapsOf(hart).leftLate(trap),
      reckonsWith: (event: TrapEvent) => this.#past?.reckonsWith(event) ?? false,
      passed: (hart: number, toUser: boolean) => this.#past?.passed(hart, toUser),
      retried: (hart: number, trap: RetriedTrap, toUser: boolean) => this.#past?.retried(hart, trap, toUser),
    };
    return { late, lateSatp };
  }

  /** A debugger has edited memory or registers. */
  edited(): void {
    this.#source?.edited();
  }

  #on(occurrence: Occurrence, machine: MachineControl): boolean {
    const observed = isMachineEvent(occurrence) && (this.#observer?.(occurrence) ?? false);
    if (occurrence.kind === 'hart-state') this.#tellThread(occurrence);
    this.#past?.note(occurrence);
    if (occurrence.kind === 'csr-write' && occurrence.csr === SATP) this.#note(occurrence, machine);
    const isLate = 'was' in occurrence || 'late' in occurrence;
    if (!isLate && (occurrence.kind === 'csr-write' || occurrence.kind === 'trap-return')) this.#relax();
    // What is told of later is no reason to stop, or it would have been told of at once.
    const arms = isLate ? undefined : this.#byKind.get(occurrence.kind);
    return (arms !== undefined && this.#decide(occurrence, arms, machine)) || observed;
  }

  /** Firmware has started a hart, or it has stopped itself. */
  #tellThread({ hart, state }: HartStateEvent): void {
    if (state !== 'started' && state !== 'stopped') return;
    const before = this.#stopped.has(hart) ? 'stopped' : 'started';
    if (state === before) return;
    if (state === 'stopped') this.#stopped.add(hart);
    else this.#stopped.delete(hart);
    this.#session.send('thread', { reason: state === 'started' ? 'started' : 'exited', threadId: hart + 1 });
  }

  #note(event: CsrWriteEvent, machine: MachineControl): void {
    this.#satpWrites = { count: this.#satpWrites.count + 1, last: event };
    this.roots.record(event, machine.xlen);
    // Those that are told of late have no slide to show.
    const moved = event.late ? [] : settleSlides(this.#session.symbols, machine, hartOf(machine, event.hart));
    if (moved.length > 0) this.#moved = [...this.#moved, ...moved];
    this.log.addSatp(event);
    this.news.add(this.#newest);
  }

  /** Asks the filters and breakpoints that may be meant. */
  #decide(occurrence: Occurrence, arms: readonly Arm[], machine: MachineControl): boolean {
    const facts = this.#past?.factsOf(occurrence);
    if (!facts) return false;
    const met = arms.filter((arm) => this.#isMeant(arm, occurrence, facts) && arm.event.matches(occurrence, facts));
    if (met.length === 0) return false;

    const events = eventVariables(occurrence, facts);
    const scope = { ...scopeOf(this.#session, hartOf(machine, occurrence.hart)), events };
    const arrived = met.filter(({ filter, point }) =>
      point
        ? arrives(point, scope, this.#session)
        : filter?.condition === undefined || holds(filter.condition, scope, this.#session),
    );
    const [logging] = arrived.filter(isLogging);
    const stopping = arrived.filter((arm) => !isLogging(arm));
    const [first] = stopping;
    const told = first ?? logging;
    if (told) this.#tell(occurrence, told, machine);
    if (!first) return false;
    this.#facts.push({
      reason: stopping.some(({ point }) => !point) ? 'exception' : reasons[first.point?.location.kind ?? 'event'],
      description: `${this.#describe(occurrence, facts)}${isPreflight(first) ? `: ${facts.preflight()?.text}` : ''}`,
      hart: occurrence.hart,
      breakpointIds: stopping.map(({ filter, point }) => (point ?? filter)?.id ?? 0),
      event: occurrence,
    });
    return true;
  }

  #isMeant({ filter, point, event }: Arm, occurrence: Occurrence, facts: OccurrenceFacts): boolean {
    const conditional = (point?.conditions.condition ?? filter?.condition) !== undefined;
    if (filter && this.#session.filters.isMuted(filter)) return false;
    return conditional || event.usually(occurrence, facts);
  }

  /** Adds the row to the log; satp writes are there already. */
  #tell(occurrence: Occurrence, { event }: Arm, machine: MachineControl): void {
    if (occurrence.kind === 'csr-write' && occurrence.csr === SATP) return;
    this.news.add(this.log.add(occurrence, event.id, this.#logFacts(occurrence, machine)));
  }

  #logFacts({ hart }: Occurrence, machine: MachineControl) {
    const nameOf = (pc: Occurrence['pc']) => this.#session.symbols.nameOf(pc);
    return { xlen: machine.xlen, satp: hartOf(machine, hart).csr(SATP) ?? 0n, nameOf };
  }

  #describe(occurrence: Occurrence, { xlen, count }: OccurrenceFacts): string {
    const what = describe(occurrence, xlen);
    if (occurrence.kind === 'csr-write') return what;
    const name = this.#session.symbols.nameOf(occurrence.pc);
    const repeated = count > 1 ? `, ${count} times without progress` : '';
    return `${what} at ${hex(occurrence.pc)}${name && ` <${name}>`}${repeated}`;
  }
}

/** A filter or a breakpoint that waits for an event. */
interface Arm {
  readonly event: EventPoint;
  readonly filter?: ActiveFilter;
  readonly point?: Breakpoint;
}

/** With a condition it may stop at what it else passes over. */
function needsOf({ event, filter, point }: Arm, user: boolean): Needs {
  const { patience, untilUser, ...needs } = event.needs;
  const isConditional = (point?.conditions.condition ?? filter?.condition) !== undefined;
  if (untilUser && user && !isConditional) return { kinds: [] };
  return patience === undefined || (isConditional && patience < Number.POSITIVE_INFINITY)
    ? needs
    : { ...needs, patience };
}

const filterArm = (filter: ActiveFilter): Arm => ({ event: filter.event, filter });

function pointArm(point: Breakpoint): Arm[] {
  return point.binding.kind === 'event' ? [{ event: point.binding.event, point }] : [];
}

function sameEvents(a: readonly Arm[], b: readonly Arm[]): boolean {
  const same = ({ event, filter, point }: Arm, other: Arm | undefined) =>
    event === other?.event && filter === other.filter && point === other.point;
  return a.length === b.length && a.every((arm, index) => same(arm, b[index]));
}

const isPreflight = ({ event }: Arm): boolean => event.id === 'satp-preflight';

function isLogging({ point }: Arm): boolean {
  return point?.location.kind === 'event' && point.location.log;
}

/** What a step may look at. */
function isMachineEvent(occurrence: Occurrence): occurrence is MachineEvent {
  return occurrence.kind === 'csr-write' || occurrence.kind === 'trap' || occurrence.kind === 'trap-return';
}

const reasons = {
  line: 'breakpoint',
  function: 'function breakpoint',
  instruction: 'instruction breakpoint',
  data: 'data breakpoint',
  event: 'exception',
} as const;

function hartOf(machine: MachineControl, id: number) {
  const hart = machine.harts.find((candidate) => candidate.id === id);
  if (!hart) throw new RangeError(`hart ${id}`);
  return hart;
}
