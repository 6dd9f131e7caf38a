// All breakpoints of a session but the exception filters: kept by what the client asked for, so that ids and hit
// counts survive its habit of sending the whole list again; bound to the machine whenever a kernel is loaded.

import type { PhysAddr, VirtAddr } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { Places, Symbols } from '../symbols.ts';
import { bind } from './bind.ts';
import { Breakpoint, type Conditions, type Location } from './breakpoint.ts';

export type Wanted = Location & Conditions;

export class Breakpoints {
  /** By group: a kind, and for lines the source file. */
  readonly #groups = new Map<string, readonly Breakpoint[]>();
  readonly #nextId: () => number;
  #awaited: Places | undefined;
  readonly #standing = new Map<string, Places>();

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  get all(): Breakpoint[] {
    return [...this.#groups.values()].flat();
  }

  /** Replaces a group. Without symbols (nothing is loaded yet) its breakpoints are pending. */
  replace(group: string, wanted: readonly Wanted[], symbols: Symbols | undefined): readonly Breakpoint[] {
    const left = [...(this.#groups.get(group) ?? [])];
    const list = wanted.map((want) => {
      const { condition, hitCondition, logMessage, ...location } = want;
      const conditions = { condition, hitCondition, logMessage };
      const same = left.findIndex((old) => isSame(old, location, conditions));
      if (same >= 0) return left.splice(same, 1)[0] as Breakpoint;
      const made = new Breakpoint(this.#nextId(), location, conditions);
      if (symbols) made.binding = bind(location, symbols);
      return made;
    });
    this.#groups.set(group, list);
    return list;
  }

  /** A new run begins. */
  forgetHits(): void {
    for (const point of this.all) point.hits = 0;
  }

  /** Whether some may have places that are not found yet: nothing may run until all names are indexed. */
  get seeking(): boolean {
    return this.all.some((point) => point.seeking);
  }

  /** Binds all of them anew, or those given; returns those that look different to the client now. */
  rebind(symbols: Symbols, points: readonly Breakpoint[] = this.all): Breakpoint[] {
    return points.filter((point) => {
      const before = JSON.stringify(point.toDap());
      point.binding = bind(point.location, symbols);
      return JSON.stringify(point.toDap()) !== before;
    });
  }

  /** Places that a step waits at, besides the user's; undefined = none any more. */
  alsoWaitAt(places: Places | undefined, machine: MachineControl): void {
    this.#awaited = places;
    this.install(machine);
  }

  /** Places that are waited at whatever the user has set, for a purpose; they replace those that it had. */
  standAt(purpose: 'panics' | 'modules', places: Places, machine: MachineControl): void {
    this.#standing.set(purpose, places);
    this.install(machine);
  }

  /** Puts them into the machine. */
  install(machine: MachineControl): void {
    const bindings = this.all.map(({ id, binding }) => ({ id, binding }));
    const code = bindings.flatMap(({ binding }) => (binding.kind === 'code' ? [binding.places] : []));
    const places = [...code, ...(this.#awaited ? [this.#awaited] : []), ...this.#standing.values()];
    machine.setBreakpoints({
      virtual: [...new Set(places.flatMap(({ virtual }) => virtual))],
      physical: [...new Set(places.flatMap(({ physical }) => physical))],
    });
    machine.setWatchpoints(
      bindings.flatMap(({ id, binding }) => (binding.kind === 'memory' ? [{ id, ...binding.watch }] : [])),
    );
  }

  at(pc: VirtAddr, pa: PhysAddr, root: PhysAddr | undefined, symbols: Symbols): Breakpoint[] {
    return this.all.filter((point) => point.isAt(pc, pa, root, symbols));
  }

  /** Those of a group that `replace` has made. */
  group(name: string): readonly Breakpoint[] {
    return this.#groups.get(name) ?? [];
  }

  withId(id: number): Breakpoint | undefined {
    return this.all.find((point) => point.id === id);
  }
}

function isSame(old: Breakpoint, location: Location, conditions: Conditions): boolean {
  return (
    JSON.stringify(old.location) === JSON.stringify(location) &&
    JSON.stringify(old.conditions) === JSON.stringify(conditions)
  );
}
