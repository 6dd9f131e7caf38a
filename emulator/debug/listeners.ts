// Who listens to the machine, and to what. Whoever is about to make an event asks `hears` first.

import type { EventKind, Interest, MachineEvent, MachineListener } from '../events.ts';

interface Listening {
  readonly listener: MachineListener;
  readonly kinds: ReadonlySet<EventKind>;
  /** undefined = every CSR. */
  readonly csrs: ReadonlySet<number> | undefined;
}

export class Listeners {
  /** The union of all interests. */
  private kinds = new Set<EventKind>();
  private everyCsr = false;
  private csrs = new Set<number>();
  private readonly all = new Set<Listening>();
  private readonly changed: () => void;

  /** `changed` is called when the union of interests may have become another. */
  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** Returns a function that removes the listener. */
  add(listener: MachineListener, { kinds, csrs }: Interest): () => void {
    const listening = { listener, kinds: new Set(kinds), csrs: csrs && new Set(csrs) };
    this.all.add(listening);
    this.gather();
    return () => {
      if (this.all.delete(listening)) this.gather();
    };
  }

  hears(kind: EventKind): boolean {
    return this.kinds.has(kind);
  }

  /** Whether somebody wants to know of writes to this CSR. */
  hearsCsr(kind: 'csr-write' | 'csr-pending', csr: number): boolean {
    return this.kinds.has(kind) && (this.everyCsr || this.csrs.has(csr));
  }

  /** Tells those who want to know; true = one of them wants to stop. */
  emit(event: MachineEvent): boolean {
    let stop = false;
    for (const { listener, kinds, csrs } of this.all) {
      if (!kinds.has(event.kind)) continue;
      if (csrs && 'csr' in event && !csrs.has(event.csr)) continue;
      if (listener(event)) stop = true;
    }
    return stop;
  }

  private gather(): void {
    this.kinds = new Set();
    this.csrs = new Set();
    this.everyCsr = false;
    for (const { kinds, csrs } of this.all) {
      for (const kind of kinds) this.kinds.add(kind);
      if (!kinds.has('csr-write') && !kinds.has('csr-pending')) continue;
      if (!csrs) this.everyCsr = true;
      else for (const csr of csrs) this.csrs.add(csr);
    }
    this.changed();
  }
}
