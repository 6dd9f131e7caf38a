// Tells listeners of what the machine does, at once or later, and generated code of what they listen to.

import type { GuestMemory } from '../core/guest-memory.ts';
import { EventBit, hartOffset, LATE } from '../core/layout.ts';
import type { EventKind, MachineEvent } from '../events.ts';
import { takeCrossings } from '../hart/crossings.ts';
import { listenToWrites } from '../hart/csr-classes.ts';
import type { Hart } from '../hart/hart.ts';
import type { RunLoop } from '../run-loop.ts';
import { Listeners } from './listeners.ts';

/** As good as for ever. */
const MOST_PATIENCE = 2 ** 30;

export class Telling {
  readonly listeners = new Listeners(() => this.tellHarts());
  private readonly cores: readonly Hart[];
  private readonly guest: GuestMemory;
  private readonly loop: RunLoop;
  /** Whether generated code was told of writes to CSRs that are heard. */
  private heardWrites = false;

  constructor(cores: readonly Hart[], guest: GuestMemory, loop: RunLoop) {
    this.cores = cores;
    this.guest = guest;
    this.loop = loop;
  }

  /** True: a listener wants to stop. */
  emit(event: MachineEvent): boolean {
    this.tellLate();
    const stop = this.tell(event);
    this.grantPatience();
    return stop;
  }

  private tell(event: MachineEvent): boolean {
    const stop = this.listeners.emit(event);
    if (stop) this.loop.stopWith({ reason: 'event', hart: event.hart, event });
    return stop;
  }

  /** Tells of the traps that generated code has dealt with; only the hart whose turn it is has any. */
  tellLate(): void {
    if (this.listeners.late.length === 0) return;
    const hart = this.loop.current;
    const crossings = takeCrossings(hart);
    if (crossings.length === 0) return;
    for (const crossing of crossings) {
      if (crossing.kind === 'trap' || crossing.kind === 'trap-return') this.tell(crossing);
      else if (crossing.kind === 'passed') for (const late of this.listeners.late) late.passed(hart.id);
      else for (const late of this.listeners.late) late.retried(hart.id, crossing);
    }
    this.grantPatience();
  }

  /** Tells generated code how many exceptions without progress may wait to be told of. */
  grantPatience(): void {
    const { late } = this.listeners;
    if (late.length === 0) return;
    const least = (numbers: readonly number[]) => Math.max(0, Math.min(MOST_PATIENCE, ...numbers));
    const { current } = this.loop;
    current.setWord(hartOffset.fullPatience, least(late.map(({ patience }) => patience)));
    current.setWord(hartOffset.patience, least(late.map((each) => each.patienceOf(current.id))));
  }

  /** Tells generated code which events are listened to. */
  tellHarts(): void {
    let heard = 0;
    for (const [kind, bit] of Object.entries(EventBit)) {
      if (this.listeners.hearsAtOnce(kind as EventKind)) heard |= bit;
    }
    if (this.listeners.late.length > 0) heard |= LATE;
    for (const hart of this.cores) hart.setWord(hartOffset.heard, heard);
    const hearsWrites = this.listeners.hears('csr-write') || this.listeners.hears('csr-pending');
    if (hearsWrites || this.heardWrites) {
      listenToWrites(this.guest, (number) => {
        return this.listeners.hearsCsr('csr-write', number) || this.listeners.hearsCsr('csr-pending', number);
      });
    }
    this.heardWrites = hearsWrites;
  }
}
