// Listens to a machine for what points need, and makes occurrences of it.

import { plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type {
  CsrWriteEvent,
  EventKind,
  Interest,
  MachineEvent,
  PageUseEvent,
  TrapEvent,
  TrapReturnEvent,
} from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { regimeOf, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { type MappingFinding, MappingWatch, type WatchedRange } from '../../kernel/index.ts';
import { instructionAt, isCall } from '../run-control/code.ts';
import { ConsoleText } from './console-text.ts';
import { interestOf, mappingsOf, type Needs } from './needs.ts';
import type { Occurrence, OccurrenceKind } from './occurrence.ts';

const SATP = 0x180;

/** What may be told of later, as nobody needs to hear of it at once. */
export type Late = Pick<Interest, 'late' | 'lateSatp'>;

export class EventSource {
  readonly #machine: MachineControl;
  readonly #always: readonly EventKind[];
  readonly #tell: (occurrence: Occurrence) => boolean;
  readonly #mappings: MappingWatch;
  #needs: readonly Needs[] = [];
  #wanted = new Set<OccurrenceKind>();
  #unlistenEvents: (() => void) | undefined;
  #unlistenConsole: (() => void) | undefined;
  /** Harts whose satp has turned paging on since they last fetched. */
  readonly #turnedOn = new Set<number>();
  /** Instructions that each hart had retired before it last wrote satp. */
  readonly #satpWritten = new Map<number, bigint>();
  /** Ranges whose mapping has not been used. */
  #unused = new Map<number, WatchedRange>();
  #texts: { readonly id: number; readonly search: ConsoleText }[] = [];

  /** `tell` is called with each occurrence, and answers whether to stop; `always` are the kinds it hears in any case,
   * besides writes of satp and mtvec. */
  constructor(machine: MachineControl, always: readonly EventKind[], tell: (occurrence: Occurrence) => boolean) {
    this.#machine = machine;
    this.#always = always;
    this.#tell = tell;
    this.#mappings = new MappingWatch(machine, (pages, on) => machine.watchTables(pages, on));
  }

  /** Replaces what is needed. */
  want(needs: readonly Needs[], late: Late = {}): void {
    this.#stopListening();
    this.listen(needs, late);
    this.#mappings.set(mappingsOf(needs));
    this.#restart();
    if (this.#texts.length === 0) return;
    this.#unlistenConsole = this.#machine.onConsole((bytes, hart) => this.#printed(bytes, hart));
  }

  /** The mappings and texts that are needed stay; only what the machine has to tell, and when, becomes another. */
  listen(needs: readonly Needs[], late: Late): void {
    this.#needs = needs;
    this.#wanted = new Set(needs.flatMap(({ kinds }) => kinds));
    const interest = { ...interestOf(needs, this.#always), ...late };
    this.#unlistenEvents?.();
    this.#unlistenEvents = this.#machine.listen((event) => this.#on(event), interest);
  }

  /** The machine was reset. */
  restart(): void {
    this.#turnedOn.clear();
    this.#satpWritten.clear();
    this.#mappings.resync();
    this.#restart();
  }

  /** A debugger has edited memory or registers. */
  edited(): void {
    this.#mappings.resync();
  }

  dispose(): void {
    this.#stopListening();
    this.#needs = [];
    this.#mappings.set(mappingsOf([]));
    this.#machine.watchUses([]);
  }

  #stopListening(): void {
    this.#unlistenEvents?.();
    this.#unlistenConsole?.();
    this.#unlistenConsole = undefined;
  }

  #restart(): void {
    const used = this.#needs.flatMap(({ use, range }) => (use && range ? [range] : []));
    this.#unused = new Map(used.map((range) => [range.id, range]));
    this.#applyUses();
    this.#texts = this.#needs.flatMap(({ text }) =>
      text ? [{ id: text.id, search: new ConsoleText(text.text) }] : [],
    );
  }

  #on(event: MachineEvent): boolean {
    let stop = false;
    const tell = (occurrence: Occurrence) => {
      stop = this.#tell(occurrence) || stop;
    };
    if (event.kind === 'page-use') {
      this.#used(event, tell);
      return stop;
    }
    if (event.kind !== 'table-write') tell(event);
    if (event.kind === 'csr-write' && event.csr === SATP) this.#switched(event);
    if (this.#wanted.size > 0) {
      if (event.kind === 'trap' || event.kind === 'trap-return') this.#crossed(event, tell);
      this.#started(event, tell);
      for (const finding of this.#mappings.on(event)) this.#found(finding, event, tell);
    }
    return stop;
  }

  #hart(id: number): HartView {
    return this.#machine.harts.find((hart) => hart.id === id) as HartView;
  }

  #switched({ hart, before, after, instret }: CsrWriteEvent): void {
    const { xlen } = this.#machine;
    this.#satpWritten.set(hart, instret);
    const shift = xlen === 64 ? 60n : 31n;
    if (before >> shift === after >> shift) return;
    if (!decodeSatp(after, xlen).mode) this.#turnedOn.delete(hart);
    else if (!decodeSatp(before, xlen).mode) this.#turnedOn.add(hart);
  }

  /** The privilege mode has changed, or a jump has failed. */
  #crossed(event: TrapEvent | TrapReturnEvent, tell: (occurrence: Occurrence) => void): void {
    const { hart, pc, instret, from, to } = event;
    if (from !== to && this.#wanted.has('privilege')) {
      const target = event.kind === 'trap' ? event.handler : event.target;
      tell({ kind: 'privilege', hart, pc, instret, from, to, target, by: event.kind });
    }
    if (event.kind === 'trap' && this.#wanted.has('jump-unmapped') && this.#isJump(event)) {
      tell({ kind: 'jump-unmapped', hart, pc, instret, target: pc, caller: this.#callerOf(hart, pc) });
    }
  }

  /** A failed fetch that is no going on from the page before. */
  #isJump({ interrupt, cause, pc, tval, hart, instret }: TrapEvent): boolean {
    if (interrupt || (cause !== 12 && cause !== 1) || tval !== pc) return false;
    // Behind a satp write the map went away, the hart did not.
    if (this.#satpWritten.get(hart) === instret - 1n) return false;
    if ((pc & 0xfffn) !== 0n) return true;
    // The first instruction of a page is also reached from the last one of the page before.
    return instructionAt(this.#machine, this.#hart(hart), plus(pc, -4)) === undefined;
  }

  /** ra points behind a call: it may have been the one. */
  #callerOf(id: number, target: VirtAddr): VirtAddr | undefined {
    const hart = this.#hart(id);
    const ra = virt(hart.x(1));
    if (ra === target) return undefined;
    for (const length of [4, 2]) {
      const at = plus(ra, -length);
      const instruction = instructionAt(this.#machine, hart, at);
      if (instruction && instruction.length === length && isCall(instruction)) return at;
    }
    return undefined;
  }

  /** The first fetch since satp turned paging on: at once in S-mode, else with the first return from M-mode. */
  #started(event: MachineEvent, tell: (occurrence: Occurrence) => void): void {
    if (!this.#turnedOn.has(event.hart) || !this.#wanted.has('paging-start')) return;
    const hart = this.#hart(event.hart);
    const isWrite = event.kind === 'csr-write' && event.csr === SATP;
    const returns = event.kind === 'trap-return' && event.to !== 3;
    if ((!isWrite && !returns) || hart.privilege === 3) return;
    this.#turnedOn.delete(event.hart);
    const { pc, instret } = event;
    // A CSR instruction's event is told before pc goes on.
    const target = isWrite ? plus(pc, 4) : hart.pc;
    const regime = regimeOf(this.#machine, hart, 'fetch');
    const mapped = walk(walkMemoryOf(this.#machine, hart.id), regime, target, 'fetch', 2).ok;
    tell({ kind: 'paging-start', hart: hart.id, pc, instret, satp: hart.csr(SATP) ?? 0n, target, mapped });
  }

  #found(finding: MappingFinding, { hart, pc, instret }: MachineEvent, tell: (occurrence: Occurrence) => void): void {
    if (finding.kind === 'map-change') this.#renewUses(finding.points);
    if (this.#wanted.has(finding.kind)) tell({ ...finding, hart, pc, instret });
  }

  /** A new mapping has not been used. */
  #renewUses(points: readonly number[]): void {
    const renewed = this.#needs.filter(({ use, range }) => use && range && points.includes(range.id));
    for (const { range } of renewed) if (range) this.#unused.set(range.id, range);
    if (renewed.length > 0) this.#applyUses();
  }

  #used(event: PageUseEvent, tell: (occurrence: Occurrence) => void): void {
    const met = [...this.#unused.values()].filter(
      ({ range, root }) => event.va >= range.from && event.va <= range.to && (!root || root.address === event.root),
    );
    if (met.length === 0) return;
    for (const { id } of met) this.#unused.delete(id);
    this.#applyUses();
    tell({ ...event, kind: 'first-use', points: met.map(({ id }) => id) });
  }

  #applyUses(): void {
    this.#machine.watchUses([...this.#unused.values()].map(({ range }) => range));
  }

  #printed(bytes: Uint8Array, hart: number): boolean {
    const found = this.#texts.filter(({ search }) => search.take(bytes));
    const [first] = found;
    if (!first) return false;
    for (const { search } of found) search.restart();
    const { pc, instret } = this.#hart(hart);
    const points = found.map(({ id }) => id);
    return this.#tell({ kind: 'console', hart, pc, instret, points, text: first.search.text });
  }
}
