// Who listens to the machine, and to what. Whoever is about to make an event asks `hears` first.

import type { EventKind, Interest, LateTraps, MachineEvent, MachineListener } from '../events.ts';

interface Listening {
  readonly listener: MachineListener;
  readonly kinds: ReadonlySet<EventKind>;
  /** undefined = every CSR. */
  readonly csrs: ReadonlySet<number> | undefined;
  readonly late: LateTraps | undefined;
  readonly lateSatp: boolean;
}

const SATP = 0x180;

export class Listeners {
  /** The union of all interests. */
  private kinds = new Set<EventKind>();
  /** Kinds that somebody wants to hear of at once. */
  private atOnce = new Set<EventKind>();
  private everyCsr = false;
  private csrs = new Set<number>();
  private satpAtOnce = false;
  private lates: LateTraps[] = [];
  /** Another array whenever it changes, which listeners may be the reason for. */
  private all: readonly Listening[] = [];
  private readonly changed: () => void;

  /** `changed` is called when the union of interests may have become another. */
  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** Returns a function that removes the listener. */
  add(listener: MachineListener, { kinds, csrs, late, lateSatp = false }: Interest): () => void {
    const listening = { listener, kinds: new Set(kinds), csrs: csrs && new Set(csrs), late, lateSatp };
    this.all = [...this.all, listening];
    this.gather();
    return () => {
      const others = this.all.filter((one) => one !== listening);
      if (others.length === this.all.length) return;
      this.all = others;
      this.gather();
    };
  }

  hears(kind: EventKind): boolean {
    return this.kinds.has(kind);
  }

  hearsAtOnce(kind: EventKind): boolean {
    return this.atOnce.has(kind);
  }

  /** Those that traps may be told to later. */
  get late(): readonly LateTraps[] {
    return this.lates;
  }

  /** Whether somebody wants to know of writes to this CSR. */
  hearsCsr(kind: 'csr-write' | 'csr-pending', csr: number): boolean {
    return this.kinds.has(kind) && (this.everyCsr || this.csrs.has(csr));
  }

  /** Whether all who want to know of writes to satp may be told of them later. */
  get hearsSatpLate(): boolean {
    return !this.satpAtOnce;
  }

  /** Tells those who want to know; true = one of them wants to stop. */
  emit(event: MachineEvent): boolean {
    let stop = false;
    const { all } = this;
    for (const listening of all) {
      const { listener, kinds, csrs, late, lateSatp } = listening;
      if (!kinds.has(event.kind) || ('was' in event && !late) || ('late' in event && !lateSatp)) continue;
      // One that was told before has taken it away.
      if (all !== this.all && !this.all.includes(listening)) continue;
      if (csrs && 'csr' in event && !csrs.has(event.csr)) continue;
      if (listener(event)) stop = true;
    }
    return stop;
  }

  private gather(): void {
    this.kinds = new Set();
    this.csrs = new Set();
    this.everyCsr = false;
    this.satpAtOnce = false;
    this.atOnce = new Set();
    this.lates = [];
    for (const { kinds, csrs, late, lateSatp } of this.all) {
      for (const kind of kinds) this.kinds.add(kind);
      const mayWait = (kind: EventKind) => late !== undefined && (kind === 'trap' || kind === 'trap-return');
      for (const kind of kinds) if (!mayWait(kind)) this.atOnce.add(kind);
      if (late && (kinds.has('trap') || kinds.has('trap-return'))) this.lates.push(late);
      if (!kinds.has('csr-write') && !kinds.has('csr-pending')) continue;
      if (!lateSatp && (csrs?.has(SATP) ?? true)) this.satpAtOnce = true;
      if (!csrs) this.everyCsr = true;
      else for (const csr of csrs) this.csrs.add(csr);
    }
    this.changed();
  }
}
