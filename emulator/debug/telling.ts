// Tells listeners of what the machine does, at once or later, and generated code of what they listen to.

import type { GuestMemory } from '../core/guest-memory.ts';
import { EventBit, hartOffset, LATE, maxOpen, reckonedEntries } from '../core/layout.ts';
import type { EventKind, LateTraps, MachineEvent, OpenTrap, TrapEvent } from '../events.ts';
import { type Crossing, hasKept, showOpen, takeCrossings, takeSatpWrites } from '../hart/crossings.ts';
import { listenToWrites } from '../hart/csr-classes.ts';
import type { Hart } from '../hart/hart.ts';
import type { RunLoop } from '../run-loop.ts';
import { Listeners } from './listeners.ts';

const SATP = 0x180;
/** As good as for ever. */
const MOST_PATIENCE = 2 ** 30;

export class Telling {
  readonly listeners = new Listeners(() => this.tellHarts());
  private readonly cores: readonly Hart[];
  private readonly guest: GuestMemory;
  private readonly loop: RunLoop;
  /** The open traps of each hart that generated code knows, as each listener has them. */
  private readonly shown: (readonly (readonly [LateTraps, readonly OpenTrap[]])[])[] = [];
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
    if (event.kind === 'trap' && !stop) this.reckonWith(event);
    this.grantPatience();
    return stop;
  }

  private tell(event: MachineEvent): boolean {
    const stop = this.listeners.emit(event);
    if (stop) this.loop.stopWith({ reason: 'event', hart: event.hart, event });
    return stop;
  }

  /** Tells of what generated code has dealt with by itself. */
  tellLate(): void {
    let told = false;
    for (const hart of this.cores) {
      if (!hasKept(hart)) continue;
      told = true;
      for (const write of takeSatpWrites(hart)) this.tell(write);
      const { all, toUser, left } = takeCrossings(hart);
      for (const index of left) this.tellLeft(hart, index);
      for (const crossing of all) this.tellCrossing(hart, crossing, toUser);
    }
    if (told) this.grantPatience();
  }

  private tellLeft({ id }: Hart, index: number): void {
    for (const [listener, traps] of this.shown[id] ?? []) listener.left(id, traps[index] as OpenTrap);
  }

  /** Tells generated code which traps are open that were told of, so that it knows what it returns from. */
  private showOpen(hart: Hart): void {
    const open = this.listeners.late.map((each) => [each, each.openTraps(hart.id)] as const);
    const [first] = open;
    // Where listeners know different traps, returns are told of at once.
    const isOne = open.every(([, traps]) => traps.length === first?.[1].length);
    const shown = open.map(([each, traps]) => [each, isOne ? traps.slice(-maxOpen) : []] as const);
    const some = shown[0]?.[1] ?? [];
    this.shown[hart.id] = shown;
    showOpen(
      hart,
      some,
      open.some(([, traps]) => traps.length > some.length),
    );
  }

  private tellCrossing({ id }: Hart, crossing: Crossing, toUser: boolean): void {
    if (crossing.kind === 'trap') this.tell(crossing);
    else if (crossing.kind === 'passed') for (const late of this.listeners.late) late.passed(id, toUser);
    else for (const late of this.listeners.late) late.retried(id, crossing, toUser);
  }

  /** A page fault that S-mode took in itself was told of at once: need all others of the instruction be? */
  private reckonWith(event: TrapEvent): void {
    const { late } = this.listeners;
    const { from, to, cause, pc } = event;
    if (late.length === 0 || from !== 1 || to !== 1 || event.interrupt || (cause !== 13 && cause !== 15)) return;
    if (!late.every((each) => each.reckonsWith(event))) return;
    const slot = Number(BigInt.asUintN(32, pc) >> 1n) & (reckonedEntries - 1);
    for (const hart of this.cores) hart.setQuad(hartOffset.reckonedWith + slot * 8, pc);
  }

  /** Tells generated code how many exceptions without progress may wait to be told of; all has been told. */
  grantPatience(): void {
    const { late } = this.listeners;
    if (late.length === 0) return;
    const least = (numbers: readonly number[]) => Math.max(0, Math.min(MOST_PATIENCE, ...numbers));
    for (const hart of this.cores) {
      hart.setWord(hartOffset.fullPatience, least(late.map(({ patience }) => patience)));
      hart.setWord(hartOffset.patience, least(late.map((each) => each.patienceOf(hart.id))));
      this.showOpen(hart);
    }
  }

  /** Tells generated code which events are listened to. */
  tellHarts(): void {
    const { listeners } = this;
    let heard = 0;
    for (const [kind, bit] of Object.entries(EventBit)) {
      if (listeners.hearsAtOnce(kind as EventKind)) heard |= bit;
    }
    if (listeners.late.length > 0) heard |= LATE;
    for (const hart of this.cores) {
      hart.setWord(hartOffset.heard, heard);
      for (let at = 0; at < reckonedEntries; at += 1) hart.setQuad(hartOffset.reckonedWith + at * 8, 0n);
    }
    const hearsWrites = listeners.hears('csr-write') || listeners.hears('csr-pending');
    if (hearsWrites || this.heardWrites) {
      listenToWrites(this.guest, (number) => {
        if (listeners.hearsCsr('csr-pending', number)) return 'at once';
        if (!listeners.hearsCsr('csr-write', number)) return undefined;
        return number === SATP && listeners.hearsSatpLate ? 'late' : 'at once';
      });
    }
    this.heardWrites = hearsWrites;
  }
}
