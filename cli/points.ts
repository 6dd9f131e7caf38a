// Several points of one run, each told when it is reached.

import type { MachineControl } from '../emulator/control.ts';
import type { Point } from '../kernel/index.ts';
import type { Guest } from './guest.ts';
import { type Awaited, awaitPoint } from './point.ts';

export class Points implements Awaited {
  readonly #machine: MachineControl;
  readonly #open: { readonly point: Point; readonly awaited: Awaited }[];
  #found: Point[] = [];

  constructor(points: readonly Point[], guest: Guest) {
    this.#machine = guest.machine;
    this.#open = points.map((point) => ({ point, awaited: awaitPoint(point, guest) }));
    this.#arm();
  }

  /** Whether a point has been reached that `take` has not told yet. */
  reached(): boolean {
    if (this.#found.length > 0) return true;
    for (const each of this.#open.filter(({ awaited }) => awaited.reached())) {
      this.#found.push(each.point);
      this.#open.splice(this.#open.indexOf(each), 1);
      each.awaited.dispose();
    }
    if (this.#found.length > 0) this.#arm();
    return this.#found.length > 0;
  }

  /** The points that have been reached since the last call, and each once. */
  take(): Point[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  get left(): readonly Point[] {
    return this.#open.map(({ point }) => point);
  }

  progress(): string {
    return '';
  }

  slice(): number {
    return Math.min(...this.#open.map(({ awaited }) => awaited.slice()), Number.POSITIVE_INFINITY);
  }

  /** The run goes on to the next point: see `close`. */
  dispose(): void {}

  close(): void {
    for (const { awaited } of this.#open) awaited.dispose();
  }

  /** The breakpoints of all symbols that are still awaited. */
  #arm(): void {
    const places = this.#open.flatMap(({ awaited }) => awaited.places ?? []);
    this.#machine.setBreakpoints({
      virtual: places.flatMap(({ virtual }) => virtual),
      physical: places.flatMap(({ physical }) => physical),
    });
  }
}
